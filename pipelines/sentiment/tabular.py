"""Scores as Arrow: a table of distinct texts in, a table of scores out, in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.sentiment.characters import Kind
from pipelines.sentiment.errors import SentimentConfigError
from pipelines.sentiment.features import Batch
from pipelines.sentiment.language import UNSUPPORTED
from pipelines.sentiment.lexical import Flags
from pipelines.sentiment.normalise import ADDRESS
from pipelines.sentiment.scoring import Scored, score_batches, score_version
from pipelines.sentiment.tables import UNDETERMINED, language_key, lexical_tables
from pipelines.sentiment.tokens import word_counts

DECIMALS = 6
ROWS_AT_ONCE = 5_000  # what is scored again in halves when one of its texts breaks the scorer
LONGEST_SPEECH_ACT = 8  # words of a message that only thanks, greets or congratulates
CONTENT_REASONS = ("empty", "no_text", "unsupported_language")  # rows that have no probabilities
SCORER_ERROR = "scorer_error"
OUT_SCHEMA = pa.schema(
    [
        ("content_hash", pa.string()), ("lang", pa.string()), ("lang_confidence", pa.float64()),
        ("p_neg", pa.float64()), ("p_neu", pa.float64()), ("p_pos", pa.float64()),
        ("unscored_reason", pa.string()), ("engine", pa.string()), ("score_version", pa.string()),
        ("token_count", pa.int64()),
        ("is_emoji_only", pa.bool_()), ("is_url_only", pa.bool_()), ("is_question", pa.bool_()),
        ("is_speech_act", pa.bool_()), ("has_negation", pa.bool_()),
        ("scored_at", pa.timestamp("us", tz="UTC")),
    ]
)  # fmt: skip
Columns = dict[str, Any]
Texts = Sequence[str | None]


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
    texts = table.column("text").to_pylist()
    hints = table.column("lang_hint").to_pylist()
    parts: list[pa.Table] = []
    for start in range(0, table.num_rows, ROWS_AT_ONCE):
        end = start + ROWS_AT_ONCE
        parts += _scored(texts[start:end], hints[start:end], engine, artefact)
    scores = pa.concat_tables(parts) if parts else _as_table({}, 0)
    count = table.num_rows
    known = {
        "content_hash": table.column("content_hash").combine_chunks(),
        "engine": pa.repeat(engine, count),
        "score_version": pa.repeat(version, count),
        "scored_at": pa.repeat(pa.scalar(scored_at, OUT_SCHEMA.field("scored_at").type), count),
    }
    columns = [known[name] if name in known else scores.column(name) for name in OUT_SCHEMA.names]
    return pa.table(columns, schema=OUT_SCHEMA)


def _scored(
    texts: Texts, hints: Texts, engine: str, artefact: str | Path | None
) -> Iterator[pa.Table]:
    """Scores of texts, in order. What fails is halved until the one text that fails is alone."""
    try:
        found = [
            _as_table(_columns(batch), len(batch.texts))
            for batch in score_batches(texts, hints, engine, artefact)
        ]
    except SentimentConfigError:
        raise
    except Exception:  # noqa: BLE001 - one message must not cost the others their scores
        if len(texts) == 1:
            yield _as_table({"lang": [UNDETERMINED], "unscored_reason": [SCORER_ERROR]}, 1)
            return
        middle = len(texts) // 2
        yield from _scored(texts[:middle], hints[:middle], engine, artefact)
        yield from _scored(texts[middle:], hints[middle:], engine, artefact)
    else:
        yield from found


def _as_table(columns: Columns, count: int) -> pa.Table:
    """Columns that are not given are NULL."""
    arrays = [
        pa.array(columns[field.name], field.type)
        if field.name in columns
        else pa.nulls(count, field.type)
        for field in OUT_SCHEMA
    ]
    return pa.table(arrays, schema=OUT_SCHEMA)


def _columns(found: Scored) -> Columns:
    tokens, analysis = found.batch.tokens, found.batch.analysis
    count, texts = tokens.message_count, found.normalised.texts
    token_counts = np.bincount(tokens.message, minlength=count)
    emoji = np.bincount(tokens.message[tokens.kind >= Kind.EMOJI], minlength=count)
    words = word_counts(tokens)
    negators = np.bincount(tokens.message[analysis.is_negator], minlength=count)
    is_empty = np.array([not text for text in texts], dtype=np.bool_)
    reasons = np.select(
        [is_empty, ~found.has_text, found.codes == UNSUPPORTED], CONTENT_REASONS, ""
    )
    is_scorable = reasons == ""
    probabilities = np.round(found.probabilities, DECIMALS)
    return {
        "lang": found.codes.tolist(),
        "lang_confidence": found.confidence,
        "p_neg": pa.array(probabilities[:, 0], mask=~is_scorable),
        "p_neu": pa.array(probabilities[:, 1], mask=~is_scorable),
        "p_pos": pa.array(probabilities[:, 2], mask=~is_scorable),
        "unscored_reason": [reason or None for reason in reasons.tolist()],
        "token_count": token_counts,
        "is_emoji_only": (emoji > 0) & (words == 0),
        "is_url_only": (token_counts == 0) & np.array([ADDRESS in text for text in texts]),
        "is_question": np.array(["?" in text for text in texts]),
        "is_speech_act": _speech_acts(found.batch) & (words <= LONGEST_SPEECH_ACT),
        "has_negation": negators > 0,
    }


def _speech_acts(batch: Batch) -> Flags:
    """Messages that hold a word of thanks, greeting or congratulation."""
    tokens = batch.tokens
    keys = language_key(batch.languages[tokens.message], tokens.hashes)
    hits = tokens.message[lexical_tables().speech_acts.find(keys)[0]]
    result: Flags = np.bincount(hits, minlength=tokens.message_count) > 0
    return result
