"""Cohorts by what the relationship and the first channel were before the first act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.support.money import build_money, click, order, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

BOUGHT_AT = "2026-01-05 10:00:00+00"
PEOPLE = ("alone", "visited", "replied", "talked", "later", "at once")
BACK_IN_FEBRUARY = ("visited", "talked", "later")


def said(who: str, day: int, *, by_brand: bool = False) -> dict[str, Any]:
    """A comment of somebody on a date of January, or the brand's answer to the one before."""
    return {
        "message_id": f"{who} {day}",
        "network": "x",
        "message_kind": "reply" if by_brand else "comment",
        "direction": "outbound" if by_brand else "inbound",
        "author_profile_id_key": "us" if by_brand else f"x-{who}",
        "to_profile_id_key": f"x-{who}" if by_brand else "us",
        "parent_message_id": f"{who} {day - 1}" if by_brand else None,
        "agent_id": "ann" if by_brand else None,
        "sent_at": f"2026-01-{day:02} 09:00:00+00",
        "text": "Where is my parcel?",
    }


MESSAGES = [
    said("replied", 1), said("replied", 2, by_brand=True),
    said("talked", 1), said("talked", 2, by_brand=True), said("talked", 3),
    # What comes after the first purchase is no relationship that was there before it.
    said("later", 6), said("later", 7, by_brand=True), said("later", 8),
    # An answer on the day of the purchase, but after it.
    said("visited", 4), said("visited", 5, by_brand=True) | {"sent_at": "2026-01-05 10:00:01+00"},
]  # fmt: skip
CLICKS = [
    click("1", "search", "2025-03-01 10:00:00+00", "visited"),
    click("2", "ads", "2026-01-04 10:00:00+00", "visited"),
    click("3", "ads", "2026-01-06 10:00:00+00", "alone"),
    click("4", "ads", BOUGHT_AT, "at once"),
    click("5", "ads", "2026-01-02 10:00:00+00", "talked"),
]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("segments"))
    raw.land("contacts", [{"contact_id": who, "social_profiles_key": f"x-{who}"} for who in PEOPLE])
    raw.land("messages", MESSAGES)
    raw.land("clicks", CLICKS)
    orders = [order(who, BOUGHT_AT, 1000, contact_id=who) for who in PEOPLE]
    orders += [
        order(f"{who} again", "2026-02-10 10:00:00+00", 500, contact_id=who)
        for who in BACK_IN_FEBRUARY
    ]
    raw.land("orders", [*orders, order("last", "2026-06-20 10:00:00+00", 1)])
    models = ("+cohort_retention_segments_monthly", "+cohort_retention_monthly", "+touchpoints")
    with build_money(raw, *models) as built:
        yield built


def february(tables: duckdb.DuckDBPyConnection, kind: str) -> Any:
    return rows(
        tables,
        "select segment_value, cohort_count, active_count, retention_rate, revenue_minor"
        " from marts.cohort_retention_segments_monthly where cohort_basis = 'purchase'"
        " and segment_kind = ? and retention_kind = 'bracket' and period_index = 1 order by 1",
        [kind],
    )


def test_tier_when_people_were_answered_then_only_what_came_before_the_purchase_counts(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # Of alone, visited, later and at once two came back.
    assert february(tables, "tier") == [
        ("conversation", 1, 1, 1.0, 500),
        ("none", 4, 2, 0.5, 1000),
        ("reply", 1, 0, 0.0, 0),
    ]


def test_channel_when_people_had_several_touches_then_it_is_the_first_before_the_purchase(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # alone, later and at once had none before; both who wrote came by x.
    assert february(tables, "channel") == [
        ("(none)", 3, 1, 1 / 3, 500),
        ("search", 1, 1, 1.0, 500),
        ("x", 2, 1, 0.5, 500),
    ]


def test_young_cells_when_their_month_is_not_over_then_no_segment_has_a_rate(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # Observed to 20 June: month 5 after January is not over.
    found = rows(
        tables,
        "select segment_kind, count(*), count(retention_rate), bool_or(is_complete)"
        " from marts.cohort_retention_segments_monthly where cohort_basis = 'purchase'"
        " and retention_kind = 'bracket' and period_index = 5 group by 1 order by 1",
    )
    assert found == [("channel", 3, 0, False), ("tier", 3, 0, False)]


def test_activity_when_nobody_was_answered_before_the_first_message_then_nobody_has_a_tier(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select segment_kind, segment_value, cohort_count"
        " from marts.cohort_retention_segments_monthly where cohort_basis = 'activity'"
        " and retention_kind = 'bracket' and period_index = 0 order by all",
    )
    # `visited` had searched; `later` wrote for the first time after the order, which is no touch.
    assert found == [
        ("channel", "(none)", 3),
        ("channel", "search", 1),
        ("tier", "none", 4),
    ]
