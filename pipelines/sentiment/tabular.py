"""Scores as Arrow: a table of distinct texts in, a table of scores out; and what is missing.

hashes and texts ─▶ minus what the cache holds ─▶ blocks of scores, one transaction each
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.sentiment.artefact import load_artefact
from pipelines.sentiment.characters import Kind
from pipelines.sentiment.errors import SentimentConfigError
from pipelines.sentiment.explaining import reason_of
from pipelines.sentiment.features import Batch, character_slots
from pipelines.sentiment.lexical import Flags, Floats
from pipelines.sentiment.normalise import ADDRESS, normalise
from pipelines.sentiment.scoring import Scored, score_batches, score_version
from pipelines.sentiment.tables import UNDETERMINED, language_key, lexical_tables
from pipelines.sentiment.tokens import word_counts

HASH_BYTES = 16
UNIT_SEPARATOR = "\x1f"
DECIMALS = 6
BLOCK_ROWS = 50_000
LONGEST_SPEECH_ACT = 8  # words of a message that only thanks, greets or congratulates
BANDS = ("undetermined_language", "low_confidence")  # told from stored probabilities, by readers
CONTENT_REASONS = ("empty", "no_text", "unsupported_language")  # rows that have no probabilities
OUT_SCHEMA = pa.schema(
    [
        ("content_hash", pa.string()), ("lang", pa.string()), ("lang_confidence", pa.float32()),
        ("p_neg", pa.float32()), ("p_neu", pa.float32()), ("p_pos", pa.float32()),
        ("unscored_reason", pa.string()), ("engine", pa.string()), ("score_version", pa.string()),
        ("token_count", pa.int32()), ("known_ngram_share", pa.float32()),
        ("is_emoji_only", pa.bool_()), ("is_url_only", pa.bool_()), ("is_question", pa.bool_()),
        ("is_speech_act", pa.bool_()), ("has_negation", pa.bool_()),
        ("scored_at", pa.timestamp("us", tz="UTC")),
    ]
)  # fmt: skip


def content_hashes(texts: Sequence[str | None], langs: Sequence[str | None]) -> list[str]:
    """Key of a score: first 16 bytes of sha256 over normalised text, U+001F and language hint
    (empty if none), in hex. Copies and retweets share one."""
    keyed = zip(normalise(texts).texts, langs, strict=True)
    parts = (f"{text}{UNIT_SEPARATOR}{lang or ''}" for text, lang in keyed)
    return [hashlib.sha256(part.encode()).hexdigest()[: 2 * HASH_BYTES] for part in parts]


def score_table(
    table: pa.Table,
    *,
    scored_at: datetime,
    engine: str = "linear",
    artefact: str | Path | None = None,
) -> pa.Table:
    """Scores of `content_hash, text, lang_hint`, a row each, in order, as OUT_SCHEMA.

    Probabilities are rounded to six decimals; NULL with one of CONTENT_REASONS, where there is
    nothing to score. `scored_at`: the run's start, with a time zone. A message that makes the
    scorer fail gets the reason `scorer_error`; the rest of the table is scored.
    Errors: SentimentConfigError as `score_texts`.
    """
    version = score_version(engine, artefact)
    hashes = table.column("content_hash").to_pylist()
    texts = table.column("text").to_pylist()
    hints = table.column("lang_hint").to_pylist()
    rows: list[dict[str, Any]] = []
    try:
        for found in score_batches(texts, hints, engine, artefact):
            rows += _rows(found, artefact)
    except SentimentConfigError:
        raise
    except Exception:  # noqa: BLE001 - one message must not cost the others their scores
        rows = [
            _row_alone(text, hint, engine, artefact)
            for text, hint in zip(texts, hints, strict=True)
        ]
    common = {"engine": engine, "score_version": version, "scored_at": scored_at}
    complete = [{"content_hash": key} | row | common for key, row in zip(hashes, rows, strict=True)]
    return pa.Table.from_pylist(complete, schema=OUT_SCHEMA)


def missing_blocks(
    wanted: pa.Table,
    known: AbstractSet[str],
    *,
    scored_at: datetime,
    engine: str = "linear",
    artefact: str | Path | None = None,
    block_rows: int = BLOCK_ROWS,
) -> Iterator[pa.Table]:
    """Scores of the distinct hashes of `wanted` that `known` (those of this version in the cache)
    does not hold, in the order of `wanted`, a block to a transaction."""
    seen = set(known)
    places = []
    for place, key in enumerate(wanted.column("content_hash").to_pylist()):
        if key not in seen:
            seen.add(key)
            places.append(place)
    for start in range(0, len(places), block_rows):
        part = wanted.take(pa.array(places[start : start + block_rows], type=pa.int64()))
        yield score_table(part, scored_at=scored_at, engine=engine, artefact=artefact)


def _rows(found: Scored, artefact: str | Path | None) -> list[dict[str, Any]]:
    tokens, analysis = found.batch.tokens, found.batch.analysis
    count = tokens.message_count
    counts = np.bincount(tokens.message, minlength=count)
    emoji = np.bincount(tokens.message[tokens.kind >= Kind.EMOJI], minlength=count)
    words = word_counts(tokens)
    negators = np.bincount(tokens.message[analysis.is_negator], minlength=count)
    known = _known_share(found.batch, artefact)
    acts = _speech_acts(found.batch) & (words <= LONGEST_SPEECH_ACT)
    rows: list[dict[str, Any]] = []
    for row in range(count):
        text = found.normalised.texts[row]
        reason = reason_of(found, row)
        has_scores = reason not in CONTENT_REASONS
        shares = [
            round(float(p), DECIMALS) if has_scores else None for p in found.probabilities[row]
        ]
        rows.append(
            dict(zip(("p_neg", "p_neu", "p_pos"), shares, strict=True))
            | {
                "lang": str(found.codes[row]),
                "lang_confidence": float(found.confidence[row]),
                "unscored_reason": None if reason in BANDS else reason,
                "token_count": int(counts[row]),
                "known_ngram_share": float(known[row]),
                "is_emoji_only": bool(emoji[row] and not words[row]),
                "is_url_only": bool(not counts[row] and ADDRESS in text),
                "is_question": "?" in text,
                "is_speech_act": bool(acts[row]),
                "has_negation": bool(negators[row]),
            }
        )
    return rows


def _row_alone(text: str | None, hint: str | None, engine: str, artefact: str | Path | None) -> Any:
    try:
        (found,) = score_batches([text], [hint], engine, artefact)
        (row,) = _rows(found, artefact)
    except Exception:  # noqa: BLE001 - this is the message that fails
        return {"lang": UNDETERMINED, "unscored_reason": "scorer_error"}
    return row


def _known_share(batch: Batch, artefact: str | Path | None) -> Floats:
    """Share of a message's character n-grams that the artefact has a weight for."""
    table = load_artefact(
        None if artefact is None or Path(artefact).is_dir() else artefact
    ).characters
    every = np.zeros(len(batch.tokens.points), dtype=np.int64)
    known = np.zeros(len(batch.tokens.points), dtype=np.int64)
    for slots, is_gram in character_slots(batch.tokens):
        every[: len(slots)] += is_gram
        known[: len(slots)] += is_gram & (table[slots] != 0)
    bounds = batch.tokens.bounds[:-1]
    shares: Floats = np.add.reduceat(known, bounds) / np.maximum(np.add.reduceat(every, bounds), 1)
    return shares


def _speech_acts(batch: Batch) -> Flags:
    """Messages that hold a word of thanks, greeting or congratulation."""
    tokens = batch.tokens
    keys = language_key(batch.languages[tokens.message], tokens.hashes)
    hits = tokens.message[lexical_tables().speech_acts.find(keys)[0]]
    result: Flags = np.bincount(hits, minlength=tokens.message_count) > 0
    return result
