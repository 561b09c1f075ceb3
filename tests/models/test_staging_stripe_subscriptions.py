"""Subscriptions of Stripe as nights saw them, and what staging makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.support.money import build_money, rows
from tests.support.raw import RawWarehouse
from tests.support.raw_apis import land

pytestmark = pytest.mark.slow


def item(amount: Any, unit: str = "month", units: int = 1, quantity: int = 1, **more: Any) -> Any:
    return {
        "unit_amount": amount, "period_unit": unit, "period_units": units, "quantity": quantity,
    } | more  # fmt: skip


def state(name: str, *items: Any, status: str = "active", **more: Any) -> dict[str, Any]:
    return {
        "id": name, "customer": f"cus_{name}", "status": status, "currency": "eur",
        "item_prices": json.dumps(items), "created_at": "2026-01-10 09:00:00+00",
        "start_date": "2026-01-10 09:00:00+00", "current_period_start": "2026-02-10 09:00:00+00",
    } | more  # fmt: skip


NEXT_PERIOD = {"current_period_start": "2026-03-10 09:00:00+00"}
NIGHTS = {
    "2026-03-01": [
        state("plain", item("2000")),
        # 10.00 a month, 120.00 a year, 6.00 per two weeks and 0.10 a day for two; use is not known.
        state("mixed", item("1000"), item(12000, "year"), item(600, "week", 2), item(10, "day", 1, 2),
              item(5, usage_type="metered"), item(None)),
        state("quarter", item("10000", "month", 3)),  # 33.33 and a third
        state("yen", item("3000"), currency="jpy"),
        state("krona", item("300000"), currency="isk"),  # hundredths that do not exist
        state("old row", unit_amount=700, period_unit="month", period_units=1, quantity=3,
              item_prices=None),
        state("trial", item("2000"), status="trialing", trial_end="2026-03-10 09:00:00+00"),
        state("after trial", item("2000"), trial_end="2026-01-24 09:00:00+00"),
        state("late", item("2000")),
        state("gone", item("2000"), status="canceled", ended_at="2026-02-20 12:00:00+00"),
        state("only tried", item("2000"), status="canceled", ended_at="2026-01-20 12:00:00+00",
              trial_end="2026-01-24 09:00:00+00"),
        state("never paid", item("2000"), status="incomplete_expired"),
        state("deleted", item("2000")),
        state("unpaid", item("2000")),
    ],
    "2026-03-02": [
        state("plain", item("2500", quantity=2)),  # within the period: when it was seen
        state("late", item("2000"), status="past_due"),
        state("deleted", item("2000"), _is_deleted=True),
    ],
    "2026-03-11": [
        state("plain", item("2500", quantity=2), **NEXT_PERIOD),
        state("mixed", item("1000"), **NEXT_PERIOD),
        state("trial", item("2000"), trial_end="2026-03-10 09:00:00+00", **NEXT_PERIOD),
        state("late", item("2000"), status="canceled", ended_at="2026-03-10 15:00:00+00"),
        state("unpaid", item("2000"), status="unpaid", **NEXT_PERIOD),
    ],
    "2026-03-12": [state("unpaid", item("2000"), **NEXT_PERIOD)],
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("stripe"))
    for night, states in NIGHTS.items():
        land(raw, "stripe", "subscriptions", states, night=night)
    land(raw, "stripe", "subscriptions", [state("lost", item("9"))], committed=False)
    # The first payment of a subscription is an order; a file tells of another one itself.
    land(raw, "stripe", "charges", [
        {"id": "ch_1", "paid": True, "amount_captured": 2000, "currency": "eur",
         "customer": "cus_plain", "created_at": "2026-01-10 09:00:05+00"},
    ])  # fmt: skip
    land(raw, "stripe", "customers", [{"id": "cus_plain", "created_at": "2026-01-09 09:00:00+00"}])
    raw.land("subscription_events", [{
        "subscription_event_id": "1", "subscription_id": "quarter", "kind": "start",
        "changed_at": "2026-01-10 09:00:00+00", "mrr_minor": 3333, "currency": "EUR",
    }])  # fmt: skip
    raw.seed("brands", "brand_id,name,time_zone,base_currency,margin_rate,is_default\n"
             "b,B,UTC,EUR,,true\n")  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROR_SOURCES", "stripe")
        with build_money(raw, "+revenue_bridge_monthly", "int_revenue_refused") as con:
            yield con


def events(built: duckdb.DuckDBPyConnection, *names: str) -> Any:
    return rows(
        built,
        "select subscription_id, kind, strftime(changed_at at time zone 'UTC', '%m-%d %H:%M'),"
        " mrr_minor from staging.stg_stripe__subscription_events"
        " where list_contains(?, subscription_id) order by subscription_id, changed_at",
        [list(names)],
    )


def test_prices_when_periods_and_items_differ_then_they_are_summed_per_month(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        built,
        "select subscription_id, mrr_minor, currency from staging.stg_stripe__subscription_events"
        " where kind = 'start' and subscription_id in"
        " ('mixed', 'quarter', 'yen', 'krona', 'old row') order by 1",
    )
    # 1,000 + 1,000 + 600 x 52 / 24 + 20 x 365 / 12, which is 608 and a third.
    assert found == [
        ("krona", 3000, "ISK"),
        ("mixed", 1000 + 1000 + 1300 + 608, "EUR"),
        ("old row", 2100, "EUR"),
        ("quarter", 3333, "EUR"),
        ("yen", 3000, "JPY"),
    ]


def test_changes_when_seen_between_nights_then_they_have_the_periods_or_the_nights_instant(
    built: duckdb.DuckDBPyConnection,
) -> None:
    assert events(built, "plain", "mixed") == [
        ("mixed", "start", "01-10 09:00", 3908),
        ("mixed", "contract", "03-10 09:00", 1000),
        ("plain", "start", "01-10 09:00", 2000),
        ("plain", "expand", "03-02 03:00", 5000),
        ("plain", "renew", "03-10 09:00", 5000),
    ]


def test_states_when_nothing_is_paid_then_they_have_no_recurring_amount(
    built: duckdb.DuckDBPyConnection,
) -> None:
    assert events(
        built, "trial", "after trial", "late", "gone", "only tried", "never paid", "deleted", "lost"
    ) == [
        ("after trial", "start", "01-24 09:00", 2000),
        ("deleted", "start", "01-10 09:00", 2000),
        ("deleted", "cancel", "03-02 03:00", 0),
        ("gone", "start", "01-10 09:00", 2000),
        ("gone", "cancel", "02-20 12:00", 0),
        ("late", "start", "01-10 09:00", 2000),
        ("late", "cancel", "03-10 15:00", 0),  # what is overdue still counts
        ("trial", "start", "03-10 09:00", 2000),
    ]
    assert events(built, "unpaid") == [
        ("unpaid", "start", "01-10 09:00", 2000),
        ("unpaid", "cancel", "03-11 03:00", 0),
        ("unpaid", "start", "03-12 03:00", 2000),
    ]


def test_ledger_when_stripe_was_paid_then_its_money_is_the_order_and_counts_once(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        built,
        "select kind, sum(amount_minor)::bigint, sum(mrr_change_minor)::bigint,"
        " count(distinct person_id) from marts.revenue_events"
        " where order_id = 'ch_1' or subscription_id = 'plain' group by 1 order by 1",
    )
    assert found == [
        ("order", 2000, None, 1),
        ("subscription_expand", 0, 3000, 1),
        ("subscription_renew", 0, 0, 1),
        ("subscription_start", 0, 2000, 1),
    ]
    # The file's own telling of a subscription counts, not Stripe's beside it.
    twice = "select source, mrr_change_minor from intermediate.int_revenue_subscriptions"
    assert rows(built, f"{twice} where subscription_id = 'quarter'") == [("files", 3333)]
    refused = "select distinct reason from intermediate.int_revenue_refused"
    assert rows(built, refused) == ["unknown_fx_rate"]  # yen and krónur
