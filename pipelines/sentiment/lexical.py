"""Valence of each token with negation, intensity, fixed phrases and contrast; and per message.

A negator reaches the three words after it, up to the end of its clause (in German also back, when
it ends the clause). Inside, a valence v counts as -0.7 v. A fixed phrase is matched first and
takes its words away. After the last contrast word things weigh 1.5, before it 0.7.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.characters import Kind
from pipelines.sentiment.hashing import Hashes, Indices
from pipelines.sentiment.tables import (
    CONCORD,
    LANGUAGES,
    LONGEST_PHRASE,
    language_key,
    lexical_tables,
)
from pipelines.sentiment.tokens import Tokens

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WINDOW = 3  # words that a negator reaches
TURN = -0.7  # what negation makes of a valence
EMOJI_WEIGHT = 1.2
AFTER_CONTRAST, BEFORE_CONTRAST = 1.5, 0.7
SQUASH = 1.5  # s = t / sqrt(t^2 + SQUASH)
CLAUSE_SIGNS = frozenset('.,;:!?()[]{}"-–—…«»|/¿¡')
BRACKETS = re.compile(r"[()]+")
LIST_MARK = re.compile(r"(?:^|\s)\w $")
HAPPY, SAD = (0.3, 0.6, 0.9), (-0.4, -0.8, -1.0)  # by length of the run: 1, 2, 3 and more
RUSSIAN, GERMAN, UNKNOWN = LANGUAGES.index("ru"), LANGUAGES.index("de"), len(LANGUAGES)


@dataclass(frozen=True)
class Analysis:
    """Per token: `valence` after negation and intensity (weights of contrast not yet in), whether
    it `is_negator`, `is_negated`, `is_contrast`, part of a fixed `in_phrase`, and its `weight`.
    Per message: `brackets`, the valence of Russian bracket smileys."""

    valence: Floats
    is_negator: Flags
    is_negated: Flags
    is_contrast: Flags
    in_phrase: Flags
    weight: Floats
    brackets: Floats


def analyse(tokens: Tokens, texts: Sequence[str], languages: Indices) -> Analysis:
    """Analyse a batch. `languages`: index in LANGUAGES of each message, len(LANGUAGES) if unknown;
    then only emoji, emoticons and brackets count."""
    tables = lexical_tables()
    language = languages[tokens.message]
    keys = language_key(language, tokens.hashes)
    is_negator = tables.negators.find(keys)[0]
    is_contrast = tables.contrasts.find(keys)[0]
    has_factor, factor = tables.factors.find(keys)
    is_emoji, emoji_valence = tables.emoji.find(keys)
    valence = _word_valences(tokens, language, keys)
    valence[is_emoji] = emoji_valence[is_emoji]
    phrases = _phrases(tokens, language, keys)
    in_phrase = np.zeros(len(valence), dtype=np.bool_)
    for start, length, value in phrases:
        in_phrase[start : start + length] = True
        valence[start : start + length] = 0.0
        valence[start] = value
    starts_clause = _clause_starts(tokens, is_contrast)
    is_word = tokens.kind == Kind.WORD
    is_negated = np.zeros(len(valence), dtype=np.bool_)
    words, clause = np.flatnonzero(is_word), np.cumsum(starts_clause, dtype=np.int64)
    reached = _reached(words, is_negator & ~in_phrase, clause, language)
    is_negated[is_word] = reached
    is_negated &= ~in_phrase & ~is_emoji
    strength = _strength(words, has_factor, factor, clause)
    valence[is_word] *= np.where(in_phrase[is_word], 1.0, strength)
    valence = np.where(is_negated, TURN * valence, valence)
    valence = np.where(is_emoji, EMOJI_WEIGHT * valence, valence)
    return Analysis(
        valence=valence,
        is_negator=is_negator,
        is_negated=is_negated,
        is_contrast=is_contrast,
        in_phrase=in_phrase,
        weight=_contrast_weights(tokens, is_contrast),
        brackets=_bracket_smileys(texts, languages),
    )


def squash(total: Floats) -> Floats:
    """Lexicon score in (-1, 1) of a sum of valences."""
    result: Floats = total / np.sqrt(total * total + SQUASH)
    return result


def _word_valences(tokens: Tokens, language: Indices, keys: Hashes) -> Floats:
    """Valence of each word: that of the exact term, else of the longest known prefix."""
    tables = lexical_tables()
    found, valence = tables.words.find(keys)
    sizes = tokens.ends - tokens.begins

    def beginning(rows: Indices, length: int) -> Hashes:
        begins = tokens.begins[rows]
        return language_key(language[rows], tokens.sums.of(begins, begins + length))

    shortest = tables.prefix_lengths[0]
    unknown = np.flatnonzero(~found & (sizes >= shortest))
    unknown = unknown[tables.prefix_starts.find(beginning(unknown, shortest))[0]]
    for length in reversed(tables.prefix_lengths):
        rows = unknown[sizes[unknown] >= length]
        hits, values = tables.prefixes.find(beginning(rows, length))
        valence[rows[hits]] = values[hits]
        unknown = np.setdiff1d(unknown, rows[hits], assume_unique=True)
    return valence


def _phrases(tokens: Tokens, language: Indices, keys: Hashes) -> list[tuple[int, int, float]]:
    """(first token, number of tokens, valence) of the fixed phrases, longest first, not
    overlapping."""
    tables = lexical_tables()
    starts = np.flatnonzero(tables.phrase_starts.find(keys)[0])
    found: list[tuple[int, int, float]] = []
    for length in range(LONGEST_PHRASE, 0, -1):
        rows = starts[starts + length <= len(tokens.begins)]
        rows = rows[tokens.message[rows] == tokens.message[rows + length - 1]]
        hashes = tokens.sums.of(tokens.begins[rows], tokens.ends[rows + length - 1])
        hits, values = tables.phrases.find(language_key(language[rows], hashes))
        found += [
            (int(row), length, float(value))
            for row, value in zip(rows[hits], values[hits], strict=True)
        ]
    taken: set[int] = set()
    kept = []
    for start, length, value in found:
        if taken.isdisjoint(range(start, start + length)):
            taken.update(range(start, start + length))
            kept.append((start, length, value))
    return kept


def _clause_starts(tokens: Tokens, is_contrast: Flags) -> Flags:
    starts = is_contrast.copy()
    starts[1:] |= tokens.message[1:] != tokens.message[:-1]
    signs = np.flatnonzero(tokens.kind == Kind.SIGN)
    marks = np.array([ord(sign) for sign in sorted(CLAUSE_SIGNS)], dtype=np.uint32)
    starts[signs[np.isin(tokens.points[tokens.begins[signs]], marks)]] = True
    starts[tokens.kind >= Kind.EMOJI] = True
    return starts


def _reached(words: Indices, is_negator: Flags, clause: Indices, language: Indices) -> Flags:
    """Whether each word is negated."""
    negator, clause, language = is_negator[words], clause[words], language[words]
    count = np.zeros(len(words), dtype=np.int64)
    ends_clause = np.ones(len(words), dtype=np.bool_)
    ends_clause[:-1] = clause[1:] != clause[:-1]
    closing = negator & ends_clause & (language == GERMAN)
    for distance in range(1, WINDOW + 1):
        if distance >= len(words):
            break
        same = clause[distance:] == clause[:-distance]
        count[distance:] += negator[:-distance] & same
        count[:-distance] += closing[distance:] & same
    concord = np.isin(language, [LANGUAGES.index(code) for code in CONCORD])
    result: Flags = np.where(concord, count > 0, count % 2 == 1)
    return result


def _strength(words: Indices, has_factor: Flags, factor: Floats, clause: Indices) -> Floats:
    """Product of the factors of the intensifiers directly before each word, at most two."""
    has_factor, factor, clause = has_factor[words], factor[words], clause[words]
    strength = np.ones(len(words))
    direct = has_factor[:-1] & (clause[1:] == clause[:-1])
    strength[1:][direct] = factor[:-1][direct]
    further = has_factor[:-2] & direct[1:] & (clause[2:] == clause[:-2])
    strength[2:][further] *= factor[:-2][further]
    return strength


def _contrast_weights(tokens: Tokens, is_contrast: Flags) -> Floats:
    weight = np.ones(len(tokens.begins))
    places = np.flatnonzero(is_contrast)
    if not len(places):
        return weight
    last = np.full(tokens.message_count, -1, dtype=np.int64)
    last[tokens.message[places]] = places  # in order, so the last one stays
    at = last[tokens.message]
    rank = np.arange(len(weight))
    return np.where(at < 0, 1.0, np.where(rank > at, AFTER_CONTRAST, BEFORE_CONTRAST))


def _bracket_smileys(texts: Sequence[str], languages: Indices) -> Floats:
    found = np.zeros(len(texts))
    for row in np.flatnonzero((languages == RUSSIAN) | (languages == UNKNOWN)).tolist():
        text = texts[row]
        if "(" in text or ")" in text:
            found[row] = bracket_valence(text)
    return found


def bracket_valence(text: str) -> float:
    """Valence of the runs of `)` and `(` that have no partner in a normalised message."""
    open_runs: list[int] = []  # unmatched `(` of each run, oldest first
    total = 0.0
    for run in BRACKETS.finditer(text):
        surplus = 0
        opened = 0
        for sign in run[0]:
            if sign == "(":
                opened += 1
            elif opened:
                opened -= 1
            elif open_runs:
                open_runs[-1] -= 1
                if not open_runs[-1]:
                    open_runs.pop()
            else:
                surplus += 1
        if opened:
            open_runs.append(opened)
        is_mark = surplus == 1 and LIST_MARK.search(text, 0, run.start()) is not None
        if surplus and not is_mark:
            total += HAPPY[min(surplus, len(HAPPY)) - 1]
    return total + sum(SAD[min(run, len(SAD)) - 1] for run in open_runs)
