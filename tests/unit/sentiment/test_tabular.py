"""Scores as Arrow: typed, in order, and one text that fails costs one row."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from pipelines.sentiment import score_table, score_texts
from pipelines.sentiment.tabular import OUT_SCHEMA

TYPED = pa.schema([(n, pa.string()) for n in ("content_hash", "text", "lang_hint")])
NOW = datetime(2026, 7, 1, tzinfo=UTC)
TEXTS = [
    "Grazie mille!",
    "RT @a: grazie MILLE !",
    "Pessimo, non funziona",
    "http://a.b",
    None,
    "Perché?",
]
HINTS = ["it", "it", "it", "it", None, "ja"]


def table(texts, hints):
    hashes = [f"hash-{number}" for number in range(len(texts))]
    return pa.table({"content_hash": hashes, "text": texts, "lang_hint": hints})


def test_score_table_when_scored_then_typed_in_order_and_as_the_function():
    found = score_table(table(TEXTS, HINTS), scored_at=NOW)
    assert found.schema == OUT_SCHEMA
    rows = found.to_pylist()
    expected = score_texts(TEXTS, HINTS)
    for place in (0, 1, 2):
        assert rows[place]["p_pos"] == pytest.approx(expected[place][2], abs=1e-6)
    reasons = [None, None, None, "no_text", "empty", "unsupported_language"]
    assert [row["unscored_reason"] for row in rows] == reasons
    assert [row["p_neg"] is None for row in rows] == [False, False, False, True, True, True]
    assert [row["is_url_only"] for row in rows] == [False, False, False, True, False, False]
    assert [row["is_speech_act"] for row in rows] == [True, True, False, False, False, False]
    assert [row["has_negation"] for row in rows] == [False, False, True, False, False, False]
    assert [row["content_hash"] for row in rows] == [f"hash-{number}" for number in range(6)]
    assert {row["scored_at"] for row in rows} == {NOW}


def test_score_table_when_it_is_empty_then_so_is_the_answer():
    assert score_table(table([], []).cast(TYPED), scored_at=NOW).num_rows == 0


def test_score_table_when_one_message_breaks_the_scorer_then_the_others_are_scored(monkeypatch):
    from pipelines.sentiment import scoring

    real = scoring.normalise

    def fragile(texts):
        if any(text == "bomb" for text in texts):
            raise MemoryError
        return real(texts)

    monkeypatch.setattr(scoring, "normalise", fragile)
    texts = ["ottimo", "bomb", "pessimo", "bomb", "ottimo"]
    rows = score_table(table(texts, ["it"] * 5), scored_at=NOW).to_pylist()
    reasons = [None, "scorer_error", None, "scorer_error", None]
    assert [row["unscored_reason"] for row in rows] == reasons
    assert rows[0]["p_pos"] == rows[4]["p_pos"] > rows[2]["p_pos"]
