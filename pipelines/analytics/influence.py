"""Influence: whose words reached those who then bought, over all steps, each further one for less.

intermediate.int_attention_edges (who turned to whom), int_influence_converters (margin) ─▶ a sparse
sum over steps ─▶ solved.influence_scores. A model: attention is not cause.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array

from pipelines.analytics.tables import SCHEMA
from pipelines.tables import insert_rows

TABLE = "influence_scores"
NEGLIGIBLE = 1e-16  # of the sum so far: less than a double can add

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

# People of the graph by number: places in the sorted list, whatever the order of the rows.
PEOPLE = """
    create or replace temp table influence_people as
    select person_id, row_number() over (order by person_id) - 1 as place
    from (
        select from_person_id as person_id from intermediate.int_attention_edges
        union
        select to_person_id from intermediate.int_attention_edges
    )"""
EDGES = """
    select readers.place as reader, writers.place as writer, act_count
    from intermediate.int_attention_edges as edges
    inner join influence_people as readers on readers.person_id = edges.from_person_id
    inner join influence_people as writers on writers.person_id = edges.to_person_id
    order by reader, writer"""
# A customer who paid back more than was bought brings nothing that could be passed on.
CREDIT = """
    select person_id, greatest(coalesce(margin_minor, 0), 0)::double as credit,
        margin_minor is not null as is_converter
    from influence_people left join intermediate.int_influence_converters using (person_id)
    order by place"""


def solve_influence(connection: duckdb.DuckDBPyConnection) -> int:
    """Fill solved.influence_scores; returns how many people have a score.

    Nobody has one where no customer was reached. Sparse: memory grows with the pairs of people.
    """
    connection.execute(f"delete from {SCHEMA}.{TABLE}")
    connection.execute(PEOPLE)
    edges = connection.execute(EDGES).to_arrow_table()
    people = connection.execute(CREDIT).to_arrow_table()
    connection.execute("drop table influence_people")
    credit = _credit(people)
    if not credit.any():
        return 0
    found = connection.execute(
        "select attenuation from intermediate.int_referral_assumptions_checked"
    ).fetchall()
    readers, writers, counts = (
        np.asarray(edges[name], dtype=np.int64) for name in ("reader", "writer", "act_count")
    )
    scores = influence(readers, writers, counts, credit, float(found[0][0]))
    listed = pa.table(
        {
            "person_id": people["person_id"],
            "score": scores,
            "influence_share": scores / scores.sum(),
        }
    ).filter(pa.array(scores > 0))
    insert_rows(connection, f"{SCHEMA}.{TABLE}", listed)
    return int((scores > 0).sum())


def influence(
    readers: Numbers, writers: Numbers, counts: Numbers, credit: Floats, attenuation: float
) -> Floats:
    """Status that each person has of others, (people,), in the unit of `credit`.

    x = δW(c + x): what a reader has of his own, c, and of his readers, x, goes to those whom he
    turned to, in proportion to how often, times δ = `attenuation` a step (Hubbell 1965,
    https://doi.org/10.2307/2785990, with weights that add up to one per reader). `readers`,
    `writers`, `counts` (pairs,), each pair once; `credit` (people,), none negative.
    """
    given = np.bincount(readers, weights=counts, minlength=len(credit)).astype(np.float64)
    passed = csr_array(
        (attenuation * counts / given[readers], (writers, readers)), shape=(len(credit),) * 2
    )
    step: Floats = passed @ credit
    score: Floats = step.copy()
    while step.sum() > NEGLIGIBLE * score.sum():
        step = passed @ step
        score += step
    return score


def _credit(people: pa.Table) -> Floats:
    """Margin of those who were reached; where all of them paid back more, each counts alike."""
    credit = np.asarray(people["credit"], dtype=np.float64)
    if credit.any():
        return credit
    return np.asarray(people["is_converter"], dtype=np.float64)
