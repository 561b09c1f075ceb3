"""Cohorts, repeat purchases and customer months against a cohort of four worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.support.money import build_money, order, persons, refund, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

FIRST = dt.date(2026, 1, 5)  # a Monday
MODELS = (
    "+cohort_retention_weekly",
    "+cohort_retention_monthly",
    "+customer_months",
    "+repeat_purchases_monthly",
)


def on(day: int, hour: int = 10) -> str:
    """Instant on the day-th date after the cohort's first."""
    return f"{FIRST + dt.timedelta(days=day)} {hour:02}:00:00+00"


def buys(person: str, *days: int) -> list[dict[str, Any]]:
    return [order(f"{person}-{day}", on(day), 1000, contact_id=person) for day in days]


def writes(person: str, *days: int) -> list[dict[str, Any]]:
    return [
        {
            "message_id": f"{person}-{day}",
            "network": "x",
            "message_kind": "comment",
            "author_profile_id_key": person,
            "direction": "inbound",
            "sent_at": on(day),
            "text": "Where is my parcel?",
        }
        for day in days
    ]


def warehouse(folder: Any, as_of: str, last_day: int) -> RawWarehouse:
    """A active on 1 and 7, B on 7, C on 10, D never again; somebody unknown comes last."""
    raw = RawWarehouse(folder, as_of=as_of)
    orders = buys("A", 0, 1, 7) + buys("B", 0, 7) + buys("C", 0, 10) + buys("D", 0)
    # Two orders of a date are one purchase; one paid back in full is none.
    orders += [order("A-again", on(7, 12), 500, contact_id="A"), *buys("D", 9)]
    raw.land("orders", [*orders, order("last", on(last_day), 1)])
    raw.land("refunds", [refund("r", "D-9", on(11), 1000), refund("s", "A-7", on(12), 100)])
    messages = writes("pa", 0, 1, 7) + writes("pb", 0, 7) + writes("pc", 0, 10) + writes("pd", 0)
    raw.land("messages", [*messages, *writes("", last_day)])
    return raw


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = warehouse(tmp_path_factory.mktemp("cohort"), "2026-07-01 00:00:00+00", 100)
    with build_money(raw, *MODELS) as built:
        yield built


def cell(tables: duckdb.DuckDBPyConnection, kind: str, period: int, basis: str = "purchase") -> Any:
    return rows(
        tables,
        "select cohort_count, observable_count, active_count, retention_rate, is_complete"
        " from marts.cohort_retention_weekly where cohort_start_date = ? and retention_kind = ?"
        " and period_index = ? and cohort_basis = ?",
        [FIRST, kind, period, basis],
    )


@pytest.mark.parametrize("basis", ["purchase", "activity"])
@pytest.mark.parametrize(
    ("kind", "period", "active"),
    [
        ("exact", 1, 1),
        ("exact", 7, 2),
        ("exact", 14, 0),
        ("bracket", 0, 4),
        ("bracket", 1, 3),  # dates 7 to 13
        ("bracket", 2, 0),
        ("rolling", 1, 3),
        ("rolling", 7, 3),
        ("rolling", 14, 0),
    ],
)
def test_cohort_of_four_when_observed_then_the_three_measures_differ(
    tables: duckdb.DuckDBPyConnection, basis: str, kind: str, period: int, active: int
) -> None:
    assert cell(tables, kind, period, basis) == [(4, 4, active, active / 4, True)]


def test_cell_when_the_data_do_not_reach_its_end_then_it_has_no_rate(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # Observed to date 100. The cohort week ends on date 6: rolling 60 is known after 6 + 60 + 28.
    assert cell(tables, "rolling", 60) == [(4, 4, 0, 0.0, True)]
    assert cell(tables, "rolling", 90) == [(4, 0, 0, None, False)]
    # Bracket 13 lasts from 91 to 97 for the members, to 103 for who may have come on the Sunday.
    assert cell(tables, "bracket", 13) == [(4, 4, 0, None, False)]
    assert cell(tables, "bracket", 12) == [(4, 4, 0, 0.0, True)]
    assert cell(tables, "bracket", 14) == [(4, 0, 0, None, False)]


def test_cohort_when_only_five_dates_have_passed_then_exact_7_is_unknown(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    raw = warehouse(tmp_path_factory.mktemp("young"), f"{FIRST + dt.timedelta(days=5)}", 100)
    with build_money(raw, "+cohort_retention_weekly") as built:
        assert cell(built, "exact", 7) == [(4, 0, 0, None, False)]
        assert cell(built, "exact", 1) == [(4, 4, 1, None, False)]  # the cohort's week is not over
        complete = rows(
            built, "select count(*) from marts.cohort_retention_weekly where is_complete"
        )
        assert complete == [0]


def test_revenue_of_a_cell_when_something_was_paid_back_then_it_is_net(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select retention_kind, period_index, revenue_minor, margin_per_customer_minor"
        " from marts.cohort_retention_weekly where cohort_basis = 'purchase'"
        " and (retention_kind, period_index) in (('exact', 7), ('bracket', 1), ('rolling', 1))"
        " order by 1",
    )
    assert found == [
        ("bracket", 1, 3400, None),
        ("exact", 7, 2400, None),
        ("rolling", 1, 4400, None),
    ]


def test_months_when_nothing_was_bought_then_they_are_there_and_inactive(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select month_start_date, is_active, order_count, purchase_count, revenue_minor,"
        " months_since_first, observed_days, is_complete"
        " from marts.customer_months where person_id = ? order by 1",
        [persons(tables)["A"]],
    )
    assert found == [
        (dt.date(2026, 1, 1), True, 4, 3, 3400, 0, 31, True),
        (dt.date(2026, 2, 1), False, 0, 0, 0, 1, 28, True),
        (dt.date(2026, 3, 1), False, 0, 0, 0, 2, 31, True),
        (dt.date(2026, 4, 1), False, 0, 0, 0, 3, 15, False),  # 100 dates after: 15 April
    ]


def test_repeat_purchases_when_three_of_four_came_back_then_wilson_bounds_the_rate(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select horizon_days, observable_count, repeated_count, repeat_rate, round(ci_low, 4),"
        " round(ci_high, 4)"
        " from marts.repeat_purchases_monthly order by 1",
    )
    # Wilson for 3 of 4 at 95 %: .3006 and .9544 (centre .6275, half width .3269).
    assert found == [
        (90, 4, 3, 0.75, 0.3006, 0.9544),
        (180, 0, 0, None, None, None),
        (365, 0, 0, None, None, None),
    ]
