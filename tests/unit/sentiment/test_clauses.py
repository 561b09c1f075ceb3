from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from pipelines.sentiment.clauses import CLAUSE, CONTRAST, LEAST_WORDS, clauses_of, topic_pattern
from pipelines.sentiment.messages import content_hash, content_hash_of
from pipelines.settings import DBT_PROJECT

SEED = DBT_PROJECT / "seeds" / "sentiment_topics.csv"


def clauses(text: str) -> set[str]:
    with duckdb.connect() as con:
        con.execute(
            "create table said as select ? as text, 'it' as lang_hint,"
            " timestamptz '2026-01-01' as sent_at",
            [text],
        )
        pattern = topic_pattern(SEED)
        found = con.execute(
            clauses_of("said", content_hash("text", "lang_hint")), [pattern, pattern]
        ).fetchall()
    assert {row[0] for row in found} == {content_hash_of(row[1], "it") for row in found}
    return {row[1] for row in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Il prodotto è ottimo. La consegna è pessima!", {"Il prodotto è ottimo.", "La consegna è pessima!"}),
        ("Il prodotto è ottimo ma la consegna è pessima", {"Il prodotto è ottimo", "ma la consegna è pessima"}),
        ("La consegna è pessima", set()),  # one clause is the message
        ("Ottimo prodotto. La consegna è pessima", {"La consegna è pessima"}),  # two words say too little
        ("Che bello! Sono felice di esserci", set()),  # no topic
        ("Costa 3.50 di spedizione\nil pacco è rotto", {"Costa 3.50 di spedizione", "il pacco è rotto"}),
        ("Товар отличный, НО доставка была ужасной", {"НО доставка была ужасной"}),
    ],
)  # fmt: skip
def test_clauses_when_split_then_those_that_name_a_topic(text: str, expected: set[str]):
    assert {found.strip() for found in clauses(text)} == expected


def test_clauses_when_the_models_split_them_then_by_the_same_expressions():
    macros = (DBT_PROJECT / "macros" / "sentiment.sql").read_text()
    assert f"'{CONTRAST}'" in macros
    assert f"'{CLAUSE}'" in macros
    model = (DBT_PROJECT / "models" / "intermediate" / "int_sentiment_mentions.sql").read_text()
    assert f">= {LEAST_WORDS}" in model


def test_pattern_when_the_seed_holds_signs_then_they_are_left_out(tmp_path: Path):
    seed = tmp_path / "topics.csv"
    assert topic_pattern(seed) is None
    seed.write_text("topic,lang,pattern\na,it,prezz*\nb,it,(.*)\nc,it,Sito\n")
    pattern = topic_pattern(seed)
    assert pattern is not None
    python = pattern.replace(r"[^\p{L}\p{N}]", r"\W")
    assert [bool(re.search(python, text)) for text in ("i prezzi", "sitone", "il sito", "(")] == [
        True, False, True, False,
    ]  # fmt: skip
    seed.write_text("topic,lang,pattern\n")
    assert topic_pattern(seed) is None
