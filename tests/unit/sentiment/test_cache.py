"""The cache of scores: each distinct text once a version, whatever dies or changes meanwhile."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from pipelines import failpoints
from pipelines.sentiment import cache, scoring
from pipelines.sentiment.cache import Scorer
from pipelines.sentiment.messages import TEXT_TABLES
from pipelines.settings import DBT_PROJECT
from tests.support.raw import RawWarehouse

TEXTS = ("Ottimo servizio, grazie", "Pessimo servizio, vergogna", "A che ora aprite?", "bello")


def said(number: int, text: str | None, direction: str = "inbound") -> dict[str, Any]:
    return {
        "network": "x", "message_id": f"m{number}", "direction": direction, "text": text,
        "sent_at": f"2026-03-{number + 1:02} 10:00:00+00", "language_hint": "it",
    }  # fmt: skip


def cached(raw: RawWarehouse, columns: str = "content_hash, score_version") -> list[tuple]:
    with duckdb.connect(str(raw.path)) as con:
        return con.execute(
            f"select {columns} from scoring.message_scores order by batch, rowid"
        ).fetchall()


def key(text: str, language: str = "it") -> str:
    return hashlib.sha256(f"{text}\x1f{language}".encode()).hexdigest()[:32]


@pytest.fixture
def raw(tmp_path: Path) -> RawWarehouse:
    found = RawWarehouse(tmp_path)
    found.land("messages", [said(number, text) for number, text in enumerate(TEXTS)])
    return found


def test_texts_when_landed_then_each_of_people_once_and_the_second_run_scores_none(raw):
    raw.land("messages", [said(10, TEXTS[0]), said(11, "Scusate!", "outbound"), said(12, None)])
    raw.land("messages", [said(13, "mai arrivato")], committed=False)
    first = raw.score()
    assert (first.new, first.cached, first.waiting) == (4, 0, 0)
    assert {found for found, _ in cached(raw)} == {key(text) for text in TEXTS}
    again = raw.score()
    assert (again.scored, again.cached) == (0, 0)
    raw.land("messages", [said(14, TEXTS[1]), said(15, "nuovo")])
    assert (raw.score().new, len(cached(raw))) == (1, 5)


def test_scores_when_stored_then_those_of_the_function(raw):
    raw.score()
    found = {row[0]: row[1:] for row in cached(raw, "content_hash, p_neg, p_neu, p_pos")}
    expected = scoring.score_texts(TEXTS, ["it"] * len(TEXTS))
    for text, row in zip(TEXTS, expected, strict=True):
        assert found[key(text)] == pytest.approx(row, abs=1e-6)


def test_scoring_when_killed_after_a_block_then_the_next_run_goes_on(raw, monkeypatch):
    monkeypatch.setattr(cache, "BLOCK_ROWS", 1)
    failpoints.arm("score.block@3=raise:OSError", testing=True)
    try:
        with pytest.raises(OSError, match=r"score\.block"):
            raw.score()
    finally:
        failpoints.arm("", testing=True)
    before = cached(raw)
    assert [found for found, _ in before] == [key(text) for text in (*TEXTS[:0:-1],)]
    outcome = raw.score()
    assert (outcome.new, outcome.cached) == (1, 3)
    assert cached(raw)[:3] == before
    assert len({found for found, _ in cached(raw)}) == len(cached(raw)) == 4


def test_version_when_it_changes_then_newest_first_within_the_limit_and_news_at_once(raw):
    raw.score()
    changed = Scorer(engine="lexicon", rescore_limit=3)
    raw.land("messages", [said(20, "nuovo")])
    first = raw.score(changed)
    assert (first.new, first.again, first.waiting) == (1, 3, 1)
    again = [found for found, version in cached(raw) if version == first.score_version]
    assert again == [key("nuovo"), *(key(text) for text in TEXTS[:0:-1])]
    second = raw.score(changed)
    assert (second.new, second.again, second.waiting) == (0, 1, 0)
    assert raw.score(changed).scored == 0
    with duckdb.connect(str(raw.path)) as con:
        served = con.execute(
            "select score_version from scoring.versions order by preference"
        ).fetchall()
    assert [version for (version,) in served] == [changed.version, Scorer().version]
    assert raw.score().scored == 1  # back again: only the new text lacks that version's score


class Sure:
    """Stands for `embed`: certain that everything is positive."""

    name, version = "embed", "embed-of-the-test"

    def probabilities(self, batch: Any, texts: list[str]) -> np.ndarray:
        return np.tile([0.05, 0.05, 0.9], (len(texts), 1))


def test_cascade_when_wished_then_only_the_unsure_within_the_limit(raw, monkeypatch):
    real = scoring.engine_of
    monkeypatch.setattr(
        scoring,
        "engine_of",
        lambda name, path=None: Sure() if name == "embed" else real(name, path),
    )
    unsure = ["Insomma, il solito", "Mah, vedremo domani", "Certo che siete strani voi"]
    raw.land("messages", [said(n, text) for n, text in enumerate(unsure, start=20)])
    probabilities = np.sort(scoring.score_texts([*TEXTS, *unsure], ["it"] * 7), axis=1)
    is_unsure = (probabilities[:, 2] < 0.5) | (probabilities[:, 2] - probabilities[:, 1] < 0.15)
    expected = [key(t) for t, flag in zip([*TEXTS, *unsure], is_unsure, strict=True) if flag]
    assert 2 <= len(expected) < 7
    outcome = raw.score(Scorer(embed_limit=1))
    assert (outcome.new, outcome.embedded) == (7, 1)
    rest = raw.score(Scorer(embed_limit=100))
    assert (rest.new, rest.embedded) == (0, len(expected) - 1)
    found = [name for name, version in cached(raw) if version == Sure.version]
    assert sorted(found) == sorted(expected)
    raw.score()  # no longer wished: its scores are not served
    with duckdb.connect(str(raw.path)) as con:
        assert con.execute("select score_version from scoring.versions").fetchall() == [
            (Scorer().version,)
        ]


def test_texts_when_staged_then_under_the_language_that_is_hashed_here():
    for table in TEXT_TABLES:
        staged = (
            DBT_PROJECT / f"models/staging/{table.source}/stg_{table.source}__messages.sql"
        ).read_text()
        said_there = table.language + " as language_hint"
        if table.source == "files":
            said_there = "language_hint,"
        assert ("language_hint" not in staged) if table.language == "null" else said_there in staged


def test_texts_when_a_model_reads_messages_from_a_raw_table_then_it_is_scored():
    scored = {(table.source, table.table) for table in TEXT_TABLES}
    models = list((DBT_PROJECT / "models" / "staging").glob("*/stg_*__messages.sql"))
    assert len(models) > 5
    for model in models:
        tables = set(re.findall(r'newest_rows\("(\w+)", "(\w+)"\)', model.read_text()))
        silent = {("mastodon", "threads")}  # which status stands in which thread
        assert tables - silent <= scored, model.name
