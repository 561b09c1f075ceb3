"""Influence against the dense equations, whatever the order of the rows."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.analytics.influence import influence, solve_influence
from tests.unit.analytics.test_returns import solved_tables

PEOPLE = 9


def warehouse(
    edges: dict[tuple[str, str], int], margins: dict[str, int], attenuation: float = 0.5
) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema intermediate;" + solved_tables())
    con.execute(
        "create table intermediate.int_attention_edges"
        " (from_person_id varchar, to_person_id varchar, act_count bigint)"
    )
    con.execute(
        "create table intermediate.int_influence_converters (person_id varchar, margin_minor bigint)"
    )
    con.execute(
        "create table intermediate.int_referral_assumptions_checked as select ?::double as attenuation",
        [attenuation],
    )
    for (reader, writer), count in edges.items():
        con.execute(
            "insert into intermediate.int_attention_edges values (?, ?, ?)", [reader, writer, count]
        )
    for person, margin in margins.items():
        con.execute(
            "insert into intermediate.int_influence_converters values (?, ?)", [person, margin]
        )
    return con


def solved(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[float, float]]:
    """Score and share by person."""
    solve_influence(con)
    rows = con.execute("select person_id, score, influence_share from solved.influence_scores")
    return {person: (score, share) for person, score, share in rows.fetchall()}


def dense(counts: np.ndarray, credit: np.ndarray, attenuation: float) -> np.ndarray:
    """(I − δW) x = δW c, solved as it stands; `counts` (reader, writer)."""
    given = counts.sum(axis=1, keepdims=True)
    weights = np.divide(counts, given, out=np.zeros_like(counts), where=given > 0).T
    return np.linalg.solve(
        np.eye(len(credit)) - attenuation * weights, attenuation * weights @ credit
    )


def test_influence_when_a_buyer_answered_one_who_had_answered_another_then_by_hand():
    # c bought for 100; he had turned to b three times and to d once, b to a.
    con = warehouse({("c", "b"): 3, ("c", "d"): 1, ("b", "a"): 7}, {"c": 100})
    found = solved(con)
    assert {person: score for person, (score, _) in found.items()} == pytest.approx(
        {"b": 37.5, "d": 12.5, "a": 18.75}
    )
    assert found["b"][1] == pytest.approx(37.5 / 68.75)


def test_influence_when_two_answer_each_other_then_it_ends_and_is_that_of_the_series():
    # Of 100: 50 go to b, 25 come back, 12.5 go again: b has 50/(1 − 1/4), the buyer half of it.
    found = solved(warehouse({("c", "b"): 1, ("b", "c"): 1}, {"c": 100}))
    assert found["b"][0] == pytest.approx(200 / 3)
    assert found["c"][0] == pytest.approx(100 / 3)


def test_influence_when_nobody_was_reached_or_all_paid_back_then_nobody_or_each_alike():
    assert solved(warehouse({("c", "b"): 1}, {})) == {}
    assert solved(warehouse({}, {"c": 100})) == {}
    found = solved(warehouse({("c", "b"): 1, ("d", "e"): 1}, {"c": -900, "d": -1}))
    assert {person: share for person, (_, share) in found.items()} == {"b": 0.5, "e": 0.5}


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[tuple[int, int], int], list[int]]:
    pairs = st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1))
    edges = draw(st.dictionaries(pairs.filter(lambda pair: pair[0] != pair[1]), st.integers(1, 50)))
    return edges, draw(st.lists(st.integers(0, 10**9), min_size=PEOPLE, max_size=PEOPLE))


@settings(max_examples=100, deadline=None)
@given(graphs(), st.sampled_from([0.1, 0.5, 0.9]))
def test_influence_when_drawn_then_it_solves_the_dense_equations(graph, attenuation):
    edges, margins = graph
    counts, credit = np.zeros((PEOPLE, PEOPLE)), np.array(margins, dtype=np.float64)
    for (reader, writer), count in edges.items():
        counts[reader, writer] = count
    readers, writers = (np.array([pair[end] for pair in edges], dtype=np.int64) for end in (0, 1))
    listed = np.array(list(edges.values()), dtype=np.int64)
    found = influence(readers, writers, listed, credit, attenuation)
    np.testing.assert_allclose(found, dense(counts, credit, attenuation), rtol=1e-9, atol=1e-6)
    # No more comes out than went in, a step further each time.
    assert found.sum() <= attenuation / (1 - attenuation) * credit.sum() * (1 + 1e-9)


def test_influence_when_rows_come_in_another_order_then_it_is_the_same_to_the_last_bit():
    generator = np.random.default_rng(4)
    people = [f"p{n:03}" for n in range(200)]
    pairs = {tuple(generator.choice(people, 2, replace=False)) for _ in range(2_000)}
    edges = {pair: int(generator.integers(1, 9)) for pair in sorted(pairs)}
    margins = {person: int(generator.integers(1, 10**6)) for person in people[::3]}
    con = warehouse(edges, margins)
    first = solved(con)
    for table in ("int_attention_edges", "int_influence_converters"):
        con.execute(
            f"create or replace table shuffled as from intermediate.{table} order by random()"
        )
        con.execute(f"create or replace table intermediate.{table} as from shuffled")
    assert solved(con) == first
    assert sum(share for _, share in first.values()) == pytest.approx(1, abs=1e-12)
    assert isinstance(con.sql("from solved.influence_scores").to_arrow_table(), pa.Table)
