"""Who an identifier was on a day, by a walk along links; against closures of random links by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import RorError
from pipelines.identity.lookup import holder, links_of, proposed_pair, refuse_unless_known
from tests.models.test_identity import person_id

START = datetime(2026, 1, 1, tzinfo=UTC)
LINK_COLUMNS = (
    "rule varchar, left_kind varchar, left_key varchar, right_kind varchar, right_key varchar,"
    " confidence double, since_at timestamptz, decision varchar, reason varchar, person_id varchar"
)


def served(
    links: list[tuple[str, str, int | None, str]], seen: dict[str, int | None]
) -> duckdb.DuckDBPyConnection:
    """Links between contacts (left, right, day, decision) and the day each contact was first seen."""
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    con.execute(f"create schema marts; create table marts.identity_links ({LINK_COLUMNS})")
    con.execute(
        "create table marts.person_identifiers"
        " (identifier_kind varchar, identifier_key varchar, first_seen_at timestamptz)"
    )
    con.execute("create table marts.identity_proposals (proposal_id varchar)")
    for left, right, day, decision in links:
        person = "p" if decision in ("auto", "approved") else None
        con.execute(
            "insert into marts.identity_links values ('r', 'contact', ?, 'contact', ?, 0.9, ?, ?, null, ?)",
            [left, right, None if day is None else START + timedelta(days=day), decision, person],
        )
    for key, day in seen.items():
        at = None if day is None else START + timedelta(days=day)
        con.execute("insert into marts.person_identifiers values ('contact', ?, ?)", [key, at])
    return con


@pytest.fixture
def chain() -> Iterator[duckdb.DuckDBPyConnection]:
    """a is seen on day 3 and c on day 1; a-b since always, b-c since day 5; c-d is held back."""
    with served(
        [("a", "b", None, "auto"), ("b", "c", 5, "approved"), ("c", "d", 0, "quarantined")],
        {"a": 3, "b": None, "c": 1, "d": 0},
    ) as con:
        yield con


def test_holder_when_asked_for_a_day_then_only_links_seen_by_then_count(
    chain: duckdb.DuckDBPyConnection,
) -> None:
    today = holder(chain, "contact|a")
    assert today is not None
    assert today.person_id == person_id("contact|c")
    assert set(today.identifiers) == {"contact|a", "contact|b", "contact|c"}
    earlier = holder(chain, "contact|a", START + timedelta(days=4))
    assert earlier is not None
    assert earlier.person_id == person_id("contact|a")
    assert holder(chain, "contact|a", START + timedelta(days=2)) is None
    assert holder(chain, "contact|zed") is None


def test_holder_when_a_link_is_left_out_then_what_else_joins_is_found(
    chain: duckdb.DuckDBPyConnection,
) -> None:
    found = holder(chain, "contact|a", without=("contact|b", "contact|c"))
    assert found is not None
    assert set(found.identifiers) == {"contact|a", "contact|b"}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_holder_when_links_are_random_then_it_is_the_closure_of_those_seen(seed: int) -> None:
    dice = random.Random(seed)
    keys = "abcdefgh"
    links = [
        (dice.choice(keys), dice.choice(keys), dice.choice([None, *range(9)]), "auto")
        for _ in range(7)
    ]
    seen = {key: dice.randrange(9) for key in keys}
    day = dice.randrange(9)
    start = dice.choice(keys)
    group = {start}
    for _ in keys:
        for left, right, since, _state in links:
            if since is None or since <= day:
                group |= {left, right} if group & {left, right} else set()
    group = {key for key in group if seen[key] <= day}
    with served(links, dict(seen)) as con:
        found = holder(con, f"contact|{start}", START + timedelta(days=day))
    if start not in group:
        assert found is None
        return
    assert found is not None
    assert set(found.identifiers) == {f"contact|{key}" for key in group}
    first = min(group, key=lambda key: (seen[key], key))
    assert found.person_id == person_id(f"contact|{first}")


def test_lookups_when_nothing_is_there_then_refused(chain: duckdb.DuckDBPyConnection) -> None:
    assert [row["decision"] for row in links_of(chain, "contact|c")] == ["approved", "quarantined"]
    refuse_unless_known(chain, "contact|a", "contact|b")
    with pytest.raises(RorError, match="no record"):
        refuse_unless_known(chain, "contact|a", "contact|zed")
    chain.execute("drop table marts.identity_proposals")
    chain.execute(
        "create table marts.identity_proposals (proposal_id varchar, left_kind varchar,"
        " left_key varchar, right_kind varchar, right_key varchar)"
    )
    chain.execute(
        "insert into marts.identity_proposals values ('1f', 'contact', 'a', 'email', 'k')"
    )
    assert proposed_pair(chain, "1f") == ("contact|a", "email|k")
    with pytest.raises(RorError, match="no proposal"):
        proposed_pair(chain, "2f")
