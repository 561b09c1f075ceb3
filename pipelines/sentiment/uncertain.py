"""Which texts the default engine was unsure of, and what people labelled, as SQL."""

from __future__ import annotations

from pipelines.sentiment.measures import LEAST_CONFIDENCE, LEAST_MARGIN
from pipelines.sentiment.messages import texts_of
from pipelines.sentiment.store import SCHEMA
from pipelines.sentiment.tables import UNDETERMINED

LARGEST = "greatest(p_neg, p_neu, p_pos)"
SECOND = f"p_neg + p_neu + p_pos - {LARGEST} - least(p_neg, p_neu, p_pos)"
IS_UNSURE = f"({LARGEST} < {LEAST_CONFIDENCE} or {LARGEST} - ({SECOND}) < {LEAST_MARGIN})"


def cascade_texts(loads: str) -> str:
    """SQL of what a second engine scores: `place, content_hash, text, lang_hint`, newest first.

    Parameters: the version that was unsure, the version of the second engine, how many at most.
    """
    return f"""
        select row_number() over (order by sent_at desc nulls last, content_hash) as place,
            content_hash, text, lang_hint
        from ({texts_of(loads)}) as said
        semi join (
            select content_hash from {SCHEMA}.message_scores
            where score_version = ? and lang <> '{UNDETERMINED}' and {IS_UNSURE}
        ) as unsure using (content_hash)
        anti join (
            select content_hash from {SCHEMA}.message_scores where score_version = ?
        ) as known using (content_hash)
        order by place
        limit ?"""
