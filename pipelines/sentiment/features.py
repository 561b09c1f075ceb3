"""What the linear engine sees: hashed n-grams of characters and words, and dense features.

Characters: substrings of two to five points that hold no space but at their ends. Words: single
ones, pairs, and single ones marked when a negator reaches them. Both kinds are looked up in
tables of 64-bit integers that hold two weights and a squared document weight in bit fields, so
that one lookup and one exact integer sum do for all three, whatever the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.characters import Kind
from pipelines.sentiment.hashing import Hashes, Indices, mixed
from pipelines.sentiment.lexical import Analysis, Flags, Floats, analyse, squash
from pipelines.sentiment.normalise import Normalised
from pipelines.sentiment.tables import LANGUAGES
from pipelines.sentiment.tokens import BLANK, Tokens, tokens_of

CHARACTER_BITS, WORD_BITS = 19, 18
CHARACTER_GRAMS = (2, 3, 4, 5)
SINGLE, PAIR, NEGATED = 101, 102, 103  # seeds: kinds of word feature
WEIGHT_FIELD, NORM_FIELD = 22, 20  # bits; 4,000 points x 4 n-grams x 127 fits 22, x 63 fits 20
DENSE_NAMES = (
    "score", "positive_mass", "negative_mass", "emoji_mass", "last_emoji", "brackets",
    "has_negator", "has_phrase", "has_contrast", "exclamations", "questions", "ellipsis",
    "upper_share", "length", "elongation", "negated_mass", "extreme",
)  # fmt: skip
OWN_NAMES = (
    "score", "positive_mass", "negative_mass", "exclamations", "questions", "upper_share", "length",
)  # fmt: skip  # weighed per language too; the rest is too rare in some to be learnt there
RISING_NAMES = ("score", "positive_mass", "emoji_mass", "last_emoji", "brackets")
TYPICAL_LENGTH = 140  # characters of a short post


@dataclass(frozen=True)
class Batch:
    """A batch ready for scoring. `languages`: index in LANGUAGES, len(LANGUAGES) if unknown."""

    tokens: Tokens
    analysis: Analysis
    languages: Indices
    dense: Floats


def batch_of(normalised: Normalised, languages: Indices) -> Batch:
    """Tokens, analysis and dense features of normalised texts."""
    tokens = tokens_of(normalised.texts)
    analysis = analyse(tokens, normalised.texts, languages)
    dense = _dense(tokens, analysis, normalised.upper_share)
    return Batch(tokens, analysis, languages, dense)


def character_slots(tokens: Tokens) -> Iterator[tuple[Indices, Flags]]:
    """For each n-gram length, the table slot of the n-gram beginning at each place, and whether
    there is one: inside one token, its two blanks included."""
    is_end = tokens.points == 0
    is_inner = tokens.points != BLANK
    # Of two points any two within a message; each point more must not pass over a blank.
    is_gram = ~(is_end[:-1] | is_end[1:])
    for length in CHARACTER_GRAMS:
        if length > 2:
            is_gram = is_gram[:-1] & is_inner[length - 2 : -1]
        slots = mixed(tokens.sums.grams(length), length)
        slots >>= np.uint64(64 - CHARACTER_BITS)
        yield slots.view(np.int64), is_gram


def word_slots(tokens: Tokens, analysis: Analysis) -> Iterator[tuple[Indices, Indices]]:
    """(slots, messages) of words, pairs of words, and words that a negator reaches."""
    yield _slots(tokens.hashes, SINGLE), tokens.message
    same = tokens.message[1:] == tokens.message[:-1]
    pairs = tokens.sums.of(tokens.begins[:-1][same], tokens.ends[1:][same])
    yield _slots(pairs, PAIR), tokens.message[1:][same]
    negated = np.flatnonzero(analysis.is_negated)
    yield _slots(tokens.hashes[negated], NEGATED), tokens.message[negated]


def _slots(hashes: Hashes, seed: int) -> Indices:
    return (mixed(hashes, seed) >> np.uint64(64 - WORD_BITS)).view(np.int64)


def gram_sums(batch: Batch, characters: Indices, words: Indices) -> tuple[Indices, Indices]:
    """Packed sums over the character and the word features of each message."""
    tokens = batch.tokens
    total = np.zeros(len(tokens.points), dtype=np.int64)
    for slots, is_gram in character_slots(tokens):
        weights = characters.take(slots)
        weights[~is_gram] = 0
        total[: len(slots)] += weights
    by_character = np.add.reduceat(total, tokens.bounds[:-1])
    by_word = np.zeros(tokens.message_count, dtype=np.int64)
    for slots, message in word_slots(tokens, batch.analysis):
        if len(slots):
            begins = np.flatnonzero(np.concatenate([[True], message[1:] != message[:-1]]))
            by_word[message[begins]] += np.add.reduceat(words.take(slots), begins)
    return by_character, by_word


def packed(weights: npt.NDArray[np.int8], norms: npt.NDArray[np.uint8]) -> Indices:
    """(n, 2) weights and (n,) squared document weights in one integer each."""
    high = weights[:, 0].astype(np.int64) << (WEIGHT_FIELD + NORM_FIELD)
    return high + (weights[:, 1].astype(np.int64) << NORM_FIELD) + norms.astype(np.int64)


def unpacked(sums: Indices) -> tuple[Indices, Indices]:
    """(n, 2) sums of weights and (n,) sums of squared document weights."""
    norms = sums & ((1 << NORM_FIELD) - 1)
    rest = (sums - norms) >> NORM_FIELD
    half = 1 << (WEIGHT_FIELD - 1)
    low = ((rest + half) & ((1 << WEIGHT_FIELD) - 1)) - half
    return np.stack([(rest - low) >> WEIGHT_FIELD, low], axis=1), norms


def _dense(tokens: Tokens, analysis: Analysis, upper_share: Floats) -> Floats:
    count = tokens.message_count
    message = tokens.message

    def summed(values: Floats | Flags | Indices) -> Floats:
        return np.bincount(message, weights=values, minlength=count).astype(np.float64)

    weighted = analysis.valence * analysis.weight
    is_emoji = tokens.kind >= Kind.EMOJI
    total = summed(weighted) + analysis.brackets
    emoji = np.where(is_emoji, analysis.valence, 0.0)
    last_emoji = np.zeros(count)
    last_emoji[message[is_emoji]] = emoji[is_emoji]
    lengths = tokens.ends - tokens.begins
    first, second = tokens.points[tokens.begins], tokens.points[tokens.begins + 1]
    dots = (first == ord("…")) | ((first == ord(".")) & (second == ord(".")))
    elongated = _elongated(tokens)
    columns = (
        squash(total),
        np.tanh(summed(np.maximum(weighted, 0.0))),
        np.tanh(summed(np.maximum(-weighted, 0.0))),
        np.tanh(summed(emoji)),
        last_emoji,
        np.clip(analysis.brackets, -1.0, 1.0),
        np.minimum(summed(analysis.is_negator & ~analysis.in_phrase), 1.0),
        np.minimum(summed(analysis.in_phrase), 1.0),
        np.minimum(summed(analysis.is_contrast), 1.0),
        np.minimum(summed(np.where(first == ord("!"), lengths, 0)), 3.0) / 3.0,
        np.minimum(summed(first == ord("?")), 1.0),
        np.minimum(summed(dots), 1.0),
        upper_share,
        np.log1p(summed(lengths)) / np.log1p(TYPICAL_LENGTH),
        np.minimum(summed(elongated), 1.0),
        np.tanh(summed(np.where(analysis.is_negated, np.abs(analysis.valence), 0.0))),
        np.tanh(summed(analysis.valence * (np.abs(analysis.valence) >= 0.85))),
    )
    return np.stack(columns, axis=1)


def _elongated(tokens: Tokens) -> Flags:
    """Word tokens that hold one letter three times in a row."""
    points = tokens.points
    same = np.zeros(len(points) + 1, dtype=np.int64)
    same[3:] = np.cumsum((points[2:] == points[1:-1]) & (points[1:-1] == points[:-2]))
    inside = np.minimum(tokens.begins + 2, tokens.ends)
    result: Flags = (same[tokens.ends] > same[inside]) & (tokens.kind == Kind.WORD)
    return result


def languages_of(codes: Sequence[str]) -> Indices:
    """Index in LANGUAGES of each code; len(LANGUAGES) for any other."""
    place = {code: index for index, code in enumerate(LANGUAGES)}
    return np.array([place.get(code, len(LANGUAGES)) for code in codes], dtype=np.int64)
