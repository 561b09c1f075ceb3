"""Subscriptions in the ledger and the revenue bridge, against amounts worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.support.money import brand_seed, build_money, order, persons, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

RATES = """rate_date,from_currency,to_currency,rate
2026-01-01,USD,EUR,0.5
2026-02-01,USD,EUR,0.8
"""
MODELS = (
    "+revenue_bridge_monthly", "+conversions", "+people", "+attribution_reconciliation",
    "+customer_months", "+mmm_input_weekly", "int_revenue_refused", "+int_rows_staged",
)  # fmt: skip


def event(
    subscription: str, kind: str, changed_at: str, mrr_minor: int, **more: Any
) -> dict[str, Any]:
    """A change of a subscription in EUR; its buyer is the contact of the subscription's name."""
    return {
        "subscription_event_id": f"{subscription} {changed_at} {kind}",
        "subscription_id": subscription,
        "contact_id": subscription,
        "kind": kind,
        "changed_at": f"{changed_at}+00" if ":" in changed_at else f"{changed_at} 10:00:00+00",
        "mrr_minor": mrr_minor,
        "currency": "EUR",
    } | more


# The worked example: from 1,000 by +150, -50, -100 and 300 new to 1,300.
EXAMPLE = [
    event("a", "start", "2026-01-05", 500),
    event("b", "start", "2026-01-06", 400),
    event("c", "start", "2026-01-07", 100),
    event("a", "renew", "2026-02-05", 500),
    event("a", "expand", "2026-02-10", 650),
    event("b", "contract", "2026-02-11", 350),
    event("c", "cancel", "2026-02-12", 100),
    event("d", "start", "2026-02-13", 300, paid_minor=900),
]
MORE = [
    # Stays away for 30 days to the second: a pause. And a second longer: gone, and back.
    event("pause", "start", "2026-03-02", 1000),
    event("pause", "cancel", "2026-03-20", 0),
    event("pause again", "start", "2026-04-19", 1200, contact_id="pause"),
    event("back", "start", "2026-03-02", 70),
    event("back", "cancel", "2026-03-20", 0),
    event("back", "start", "2026-04-19 10:00:01", 80),
    # Dollars at the rate of the term's start; the second term has another.
    event("dollars", "start", "2026-01-20", 1001, currency="USD", contact_id=None, email_key="m"),
    event("dollars", "expand", "2026-02-20", 1003, currency="USD", contact_id=None),
    event("dollars", "cancel", "2026-04-01", 0, currency="USD", contact_id=None),
    event("dollars", "start", "2026-06-01", 1000, currency="USD", contact_id=None),
    event("francs", "start", "2026-03-03", 700, currency="CHF"),
    event("huge", "start", "2026-03-03", 10**14),
    # Two subscriptions of two contacts that became one person; nobody's; and one of a name only.
    event("merged 1", "start", "2026-04-02", 10, contact_id="m1"),
    event("merged 2", "start", "2026-05-02", 30, contact_id="m2"),
    event("nobody", "start", "2026-05-03", 5, contact_id=None),
    event("stranger", "start", "2026-05-04", 7, contact_id="unknown"),
]
ALL = EXAMPLE + MORE


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("subscriptions"))
    raw.seed("brands", brand_seed("UTC", "EUR", "0.25"))
    raw.seed("fx_rates", RATES)
    raw.land("contacts", [{"contact_id": c} for c in ("a", "b", "c", "d", "m1", "m2")])
    raw.land("contact_merges", [{"loser_id": "m1", "winner_id": "m2"}])
    raw.land("orders", [order("o", "2026-03-01 10:00:00+00", 1000, contact_id="d")])
    raw.land("subscription_events", ALL)
    with build_money(raw, *MODELS) as built:
        yield built


def bridge(tables: duckdb.DuckDBPyConnection, month: str) -> Any:
    (found,) = rows(
        tables,
        "select start_minor, new_minor, expansion_minor, contraction_minor, churn_minor,"
        " reactivation_minor, end_minor, logo_start_count, logo_lost_count"
        " from marts.revenue_bridge_monthly where month_start_date = ?",
        [month],
    )
    return found


def test_ledger_when_amounts_change_then_kinds_and_changes_follow_the_amounts(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select subscription_id, kind, mrr_change_minor, amount_minor, margin_minor"
        " from marts.revenue_events where subscription_id in ('a', 'c', 'd')"
        " order by subscription_id, occurred_at",
    )
    assert found == [
        ("a", "subscription_start", 500, 0, 0),
        ("a", "subscription_renew", 0, 0, 0),
        ("a", "subscription_expand", 150, 0, 0),
        ("c", "subscription_start", 100, 0, 0),
        ("c", "subscription_cancel", -100, 0, 0),
        ("d", "subscription_start", 300, 900, 225),
    ]


def test_bridge_when_as_in_the_worked_example_then_it_closes_with_its_rates(
    tmp_path: Any,
) -> None:
    raw = RawWarehouse(tmp_path)
    later = event("d", "renew", "2026-06-13", 300)
    raw.land("subscription_events", [*EXAMPLE, later])
    with build_money(raw, "+revenue_bridge_monthly") as built:
        assert bridge(built, "2026-02-01") == (1000, 300, 150, 50, 100, 0, 1300, 3, 1)
        found = rows(
            built,
            "select strftime(month_start_date, '%m'), gross_retention_rate, net_retention_rate,"
            " currency, is_complete from marts.revenue_bridge_monthly order by 1",
        )
    # Observed to the end of 13 June: the end of May lies 13 days back.
    assert found == [
        ("01", None, None, "EUR", True),
        ("02", 0.85, 1.0, "EUR", True),
        ("03", 1.0, 1.0, "EUR", True),
        ("04", 1.0, 1.0, "EUR", True),
        ("05", None, None, "EUR", False),
        ("06", None, None, "EUR", False),
    ]


def test_bridge_when_away_for_30_days_then_a_pause_and_a_second_longer_then_churn(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # Dollars: 10.01 at 0.5 is 5.005, half up 501; 10.03 is 5.015, 502.
    assert bridge(tables, "2026-01-01") == (0, 1501, 0, 0, 0, 0, 1501, 0, 0)
    assert bridge(tables, "2026-02-01") == (1501, 300, 151, 50, 100, 0, 1802, 4, 1)
    # March: the paused one ends it with its 1,000; the other began and left within the month.
    assert bridge(tables, "2026-03-01") == (1802, 1000, 0, 0, 0, 0, 2802, 4, 0)
    # April: 1,200 for 1,000; dollars leave; `back` never ended a month before, so it is new.
    assert bridge(tables, "2026-04-01") == (2802, 90, 200, 0, 502, 0, 2590, 5, 1)


def test_bridge_when_contacts_are_one_person_then_one_customer_and_strangers_are_each_their_own(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    people = persons(tables)
    assert people["m1"] == people["m2"]
    # May: the merged person expands by 30; two buyers whom nobody knows are new.
    assert bridge(tables, "2026-05-01") == (2590, 12, 30, 0, 0, 0, 2632, 6, 0)
    # June: dollars come back at the rate of the new term.
    assert bridge(tables, "2026-06-01") == (2632, 0, 0, 0, 0, 800, 3432, 8, 0)


def test_refused_rows_when_no_rate_is_known_then_they_are_counted(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select entity, split_part(native_id, ' ', 1), reason from intermediate.int_revenue_refused"
        " order by all",
    )
    assert found == [
        ("subscription_events", "francs", "unknown_fx_rate"),
        ("subscription_events", "huge", "amount_too_large"),
    ]


def test_other_readers_when_subscriptions_are_in_the_ledger_then_they_count_orders_only(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    one = persons(tables)["d"]
    assert rows(tables, "select conversion_type from marts.conversions") == ["order"]
    assert rows(tables, "select person_id from marts.people where is_customer") == [one]
    bought = "select person_id, sum(order_count) from marts.customer_months group by 1"
    assert rows(tables, bought) == [(one, 1)]
    assert rows(tables, "select distinct difference_minor from marts.attribution_reconciliation") \
        == [0]  # fmt: skip
    # Money that is no order is money all the same.
    assert rows(tables, "select sum(revenue_minor)::bigint from marts.mmm_input_weekly") == [1900]
    assert rows(tables, "select count(*) from marts.mmm_input_weekly") == [2]


def test_buyer_when_one_row_names_an_address_then_the_whole_subscription_is_that_persons(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select count(*), count(distinct person_id), count(person_id) from marts.revenue_events"
        " where subscription_id = 'dollars'",
    )
    assert found == [(4, 1, 4)]


def test_rows_when_landed_twice_and_late_then_the_bridge_is_the_same(
    tables: duckdb.DuckDBPyConnection, tmp_path: Any
) -> None:
    raw = RawWarehouse(tmp_path)
    raw.seed("brands", brand_seed("UTC", "EUR", "0.25"))
    raw.seed("fx_rates", RATES)
    raw.land("contacts", [{"contact_id": c} for c in ("a", "b", "c", "d", "m1", "m2")])
    raw.land("contact_merges", [{"loser_id": "m1", "winner_id": "m2"}])
    raw.land("subscription_events", list(reversed(ALL)))
    raw.land("subscription_events", ALL[::2], file="file-2")
    everything = "select * from marts.revenue_bridge_monthly order by month_start_date"
    with build_money(raw, "+revenue_bridge_monthly") as built:
        assert rows(built, everything) == rows(tables, everything)
        assert rows(built, "select max(month_start_date) from marts.revenue_bridge_monthly") == [
            dt.date(2026, 6, 1)
        ]
