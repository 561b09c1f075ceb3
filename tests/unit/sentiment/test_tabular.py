"""Scores as Arrow: each distinct text once a version, resumable, one failure costs one row."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from pipelines.sentiment import score_table, score_texts
from pipelines.sentiment.tabular import OUT_SCHEMA, content_hashes, missing_blocks

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
    hashes = content_hashes(texts, hints)
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
    assert {row["scored_at"] for row in rows} == {NOW}


def test_hashes_when_texts_are_copies_then_one_key_and_the_language_counts():
    first, copied = content_hashes(TEXTS[:2], HINTS[:2])
    assert first == copied
    assert len(first) == 32
    assert content_hashes(["Grazie mille!"], ["en"]) != [first]


def test_missing_when_run_again_then_nothing_and_each_text_once():
    wanted = table(TEXTS * 2, HINTS * 2)
    known: set[str] = set()
    sizes = []
    for block in missing_blocks(wanted, known, scored_at=NOW, block_rows=2):
        sizes.append(block.num_rows)
        known |= set(block.column("content_hash").to_pylist())
    assert sizes == [2, 2, 1]  # five distinct of twelve
    assert list(missing_blocks(wanted, known, scored_at=NOW)) == []


def test_missing_when_killed_after_a_block_then_the_rest_follows():
    wanted = table(TEXTS, HINTS)
    first = next(missing_blocks(wanted, set(), scored_at=NOW, block_rows=2))
    known = set(first.column("content_hash").to_pylist())
    rest = list(missing_blocks(wanted, known, scored_at=NOW, block_rows=10))
    assert sum(block.num_rows for block in rest) == 3


def test_score_table_when_one_message_breaks_the_scorer_then_the_others_are_scored(monkeypatch):
    from pipelines.sentiment import scoring

    real = scoring.normalise

    def fragile(texts):
        if any(text == "bomb" for text in texts):
            raise MemoryError
        return real(texts)

    monkeypatch.setattr(scoring, "normalise", fragile)
    rows = score_table(table(["ottimo", "bomb", "pessimo"], ["it"] * 3), scored_at=NOW).to_pylist()
    assert [row["unscored_reason"] for row in rows] == [None, "scorer_error", None]
    assert rows[0]["p_pos"] > rows[2]["p_pos"]
