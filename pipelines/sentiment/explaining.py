"""Why a message got its label: tokens with valence and scope, and the n-grams that moved it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from pipelines.sentiment.engines.linear import (
    CHARACTER_NORM,
    CHARACTER_UNIT,
    WORD_NORM,
    WORD_UNIT,
    LinearEngine,
)
from pipelines.sentiment.features import DENSE_NAMES, Batch, character_slots, unpacked, word_slots
from pipelines.sentiment.measures import is_kept
from pipelines.sentiment.scoring import Scored, score_batches
from pipelines.sentiment.tokens import text_of

LABELS = ("negative", "neutral", "positive")
UNSCORED = "unscored"
TOP_GRAMS = 8


@dataclass(frozen=True)
class TokenNote:
    """A token; `valence` in about -1.5..1.5 after negation and intensity; its `weight` beside a
    contrast word; flags."""

    text: str
    valence: float
    weight: float
    is_negator: bool
    is_negated: bool
    is_contrast: bool
    in_phrase: bool


@dataclass(frozen=True)
class Explanation:
    """What the engine made of a message. `label`: of the three, or `unscored` with a `reason`;
    `grams`: n-grams and what each adds to positive minus negative, largest first."""

    normalised: str
    language: str
    label: str
    reason: str | None
    probabilities: tuple[float, float, float]
    lexicon_score: float
    bracket_valence: float
    tokens: tuple[TokenNote, ...]
    grams: tuple[tuple[str, float], ...]


def explain(
    text: str, lang: str | None = None, *, artefact: str | Path | None = None
) -> Explanation:
    """Explain the default engine's score of one text. Errors: as `score_texts`."""
    (scored,) = score_batches([text], [lang], artefact=artefact)
    row = scored.probabilities[0]
    label, reason = label_of(scored, 0)
    return Explanation(
        normalised=scored.normalised.texts[0],
        language=str(scored.codes[0]),
        label=label,
        reason=reason,
        probabilities=(float(row[0]), float(row[1]), float(row[2])),
        lexicon_score=float(scored.batch.dense[0, DENSE_NAMES.index("score")]),
        bracket_valence=float(scored.batch.analysis.brackets[0]),
        tokens=_notes(scored.batch),
        grams=_grams(scored.batch, LinearEngine.load(artefact)),
    )


def label_of(scored: Scored, row: int) -> tuple[str, str | None]:
    """(label, None) or (`unscored`, reason) of a message."""
    reason = reason_of(scored, row)
    return (LABELS[int(scored.probabilities[row].argmax())] if reason is None else UNSCORED), reason


def reason_of(scored: Scored, row: int) -> str | None:
    """Why a message has no label, or None; the first that holds, as the documentation lists."""
    if not scored.normalised.texts[row]:
        return "empty"
    if not scored.has_text[row]:
        return "no_text"
    if scored.codes[row] == "unsupported":
        return "unsupported_language"
    kept = bool(is_kept(scored.probabilities[row : row + 1])[0])
    if scored.codes[row] == "und" and not kept:
        return "undetermined_language"
    return None if kept else "low_confidence"


def _notes(batch: Batch) -> tuple[TokenNote, ...]:
    found = batch.analysis
    return tuple(
        TokenNote(
            text_of(batch.tokens, token),
            float(found.valence[token]),
            float(found.weight[token]),
            bool(found.is_negator[token]),
            bool(found.is_negated[token]),
            bool(found.is_contrast[token]),
            bool(found.in_phrase[token]),
        )
        for token in range(len(batch.tokens.begins))
    )


def _grams(batch: Batch, engine: LinearEngine) -> tuple[tuple[str, float], ...]:
    tokens, artefact = batch.tokens, engine.artefact
    entries: list[tuple[str, int]] = []
    for length, (slots, is_gram) in zip(range(2, 6), character_slots(tokens), strict=True):
        for place in np.flatnonzero(is_gram):
            text = "".join(map(chr, tokens.points[place : place + length])).replace(" ", "_")
            entries.append((text, int(artefact.characters[slots[place]])))
    units = artefact.units
    found = _shares(entries, units[CHARACTER_UNIT], units[CHARACTER_NORM])
    words = [text_of(tokens, token) for token in range(len(tokens.begins))]
    negated = [words[token] for token in np.flatnonzero(batch.analysis.is_negated)]
    names = [words, [" ".join(pair) for pair in pairwise(words)], negated]
    named = zip(names, ("", "", "not:"), word_slots(tokens, batch.analysis), strict=True)
    entries = [
        (mark + name, int(artefact.words[slot]))
        for texts, mark, (slots, _) in named
        for name, slot in zip(texts, slots, strict=True)
    ]
    for name, share in _shares(entries, units[WORD_UNIT], units[WORD_NORM]).items():
        found[name] = found.get(name, 0.0) + share
    ordered = sorted(found.items(), key=lambda item: (-abs(item[1]), item[0]))
    return tuple(item for item in ordered[:TOP_GRAMS] if item[1])


def _shares(entries: list[tuple[str, int]], unit: float, norm_unit: float) -> dict[str, float]:
    if not entries:
        return {}
    weights, norms = unpacked(np.array([value for _, value in entries], dtype=np.int64))
    scale = unit / np.sqrt(max(float(norms.sum()) * norm_unit, 1.0))
    found: dict[str, float] = {}
    for (name, _), (negative, positive) in zip(entries, weights, strict=True):
        found[name] = found.get(name, 0.0) + float(positive - negative) * scale
    return found
