"""From texts to probabilities: normalise, identify, prepare, ask an engine, abstain where due.

texts ─▶ normalised ─▶ languages (given or identified) ─▶ batches ─▶ engine ─▶ probabilities
                             └── unsupported, no text: the uniform row; undetermined: at most 0.49
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.characters import Kind
from pipelines.sentiment.engines import Engine, engine_of
from pipelines.sentiment.engines.linear import capped
from pipelines.sentiment.features import Batch, batch_of, languages_of
from pipelines.sentiment.language import UNSUPPORTED, identify
from pipelines.sentiment.lexical import Flags, Floats
from pipelines.sentiment.normalise import Normalised, normalise
from pipelines.sentiment.tables import LANGUAGES, UNDETERMINED

ROWS_AT_ONCE = 1000  # arrays of this many messages stay in the cache of a core
KEPT_BYTES = 31 << 20  # freed memory that the process keeps for its next arrays; below glibc's most
UNIFORM = 1.0 / 3.0
UNDETERMINED_CEILING = 0.49  # below the band of confidence: always abstains
LANGUAGE_CODE = re.compile(r"[-_]")


@dataclass(frozen=True)
class Scored:
    """One batch with everything that a caller may ask about it. `codes`: language of each message;
    `confidence` of it, 1.0 if given; `has_text`: more than links, names, digits and signs."""

    texts: list[str]
    normalised: Normalised
    batch: Batch
    codes: npt.NDArray[np.str_]
    confidence: Floats
    has_text: Flags
    probabilities: Floats


def score_texts(
    texts: Sequence[str | None],
    langs: Sequence[str | None] | None = None,
    *,
    engine: str = "linear",
    artefact: str | Path | None = None,
) -> Floats:
    """Probabilities of negative, neutral and positive; float64 (n, 3), rows sum to 1.

    `langs`: ISO 639-1 codes, trusted when supported; None is identified here, `und` is unknown. An
    unsupported language, an empty text and one of links, names, digits and signs only give exactly
    (1/3, 1/3, 1/3); an undetermined one never exceeds 0.49. Any string is accepted, None counts as
    empty. A row depends on its own text and language only.
    Errors: SentimentConfigError for an unknown engine, a missing extra, a broken artefact.
    """
    parts = [scored.probabilities for scored in score_batches(texts, langs, engine, artefact)]
    return np.concatenate(parts) if parts else np.zeros((0, 3))


def score_version(engine: str = "linear", artefact: str | Path | None = None) -> str:
    """What identifies scores: equal versions give equal scores."""
    return engine_of(engine, artefact).version


def detect_languages(texts: Sequence[str | None]) -> tuple[npt.NDArray[np.str_], Floats]:
    """(codes, confidences): one of the supported codes, `und` or `unsupported`; 0..1."""
    return identify(normalise(texts).texts)


def score_batches(
    texts: Sequence[str | None],
    langs: Sequence[str | None] | None = None,
    engine: str = "linear",
    artefact: str | Path | None = None,
) -> Iterator[Scored]:
    """Score in slices of 1,000, in order; the engine is found before the first one."""
    if langs is not None and len(langs) != len(texts):
        raise ValueError(f"{len(texts)} texts but {len(langs)} languages")
    chosen = engine_of(engine, artefact)
    _keep_freed_memory()
    for start in range(0, len(texts), ROWS_AT_ONCE):
        part = texts[start : start + ROWS_AT_ONCE]
        given = [None] * len(part) if langs is None else langs[start : start + ROWS_AT_ONCE]
        yield _score(chosen, part, given)


@cache
def _keep_freed_memory() -> None:
    """Tell glibc to reuse what is freed: by default each array of a slice is given back to the
    system and faulted in again, a tenth of all time. It learns from the largest block freed."""
    np.empty(KEPT_BYTES, dtype=np.uint8)


def _score(engine: Engine, texts: Sequence[str | None], given: Sequence[str | None]) -> Scored:
    normalised = normalise(texts)
    codes, confidence = _languages(normalised.texts, given)
    batch = batch_of(normalised, languages_of(codes.tolist()))
    raw = [text or "" for text in texts]
    has_letters, has_emoji = _contents(batch)
    has_text = has_letters | has_emoji
    is_scored = has_text & (codes != UNSUPPORTED)
    probabilities = np.full((len(texts), 3), UNIFORM)
    if is_scored.any():
        found = engine.probabilities(batch, raw)
        is_unknown = (codes == UNDETERMINED) & has_letters
        ceiling = np.where(is_unknown, UNDETERMINED_CEILING, 1.0)
        probabilities[is_scored] = capped(found, ceiling)[is_scored]
    return Scored(raw, normalised, batch, codes, confidence, has_text, probabilities)


def _languages(
    texts: Sequence[str], given: Sequence[str | None]
) -> tuple[npt.NDArray[np.str_], Floats]:
    known = {code: _code(code) for code in set(given)}
    codes = np.array([known[code] for code in given], dtype="<U11")
    confidence = np.ones(len(texts))
    rows = np.flatnonzero(codes == "")
    if len(rows):
        codes[rows], confidence[rows] = identify([texts[row] for row in rows.tolist()])
    return codes, confidence


def _code(given: str | None) -> str:
    """Empty: to be identified."""
    if given is None:
        return ""
    code = LANGUAGE_CODE.split(given.strip().lower(), maxsplit=1)[0]
    return code if code in LANGUAGES or code == UNDETERMINED else UNSUPPORTED


def _contents(batch: Batch) -> tuple[Flags, Flags]:
    """Whether each message holds a word, and an emoji or a Russian bracket smiley."""
    tokens = batch.tokens
    has_letters = np.zeros(tokens.message_count, dtype=np.bool_)
    has_letters[tokens.message[tokens.kind == Kind.WORD]] = True
    has_emoji = batch.analysis.brackets != 0.0
    has_emoji[tokens.message[tokens.kind >= Kind.EMOJI]] = True
    return has_letters, has_emoji
