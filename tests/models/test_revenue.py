"""The revenue ledger against amounts worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.support.money import brand_seed, build_money, order, persons, refund, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

RATES = """rate_date,from_currency,to_currency,rate
2026-01-01,USD,EUR,0.9
2026-01-10,USD,EUR,0.95
2026-01-01,JPY,EUR,0.0061
2026-01-01,BHD,EUR,2.5
2026-01-01,XTS,EUR,1.005
"""

O1: dict[str, Any] = {
    "ordered_at": "2026-01-05 10:00:00+00", "gross_minor": 11000, "discount_minor": 1000,
    "tax_minor": 2200, "shipping_minor": 500, "contact_id": "c1",
}  # fmt: skip
ORDERS = [
    # One order in three states: authorised, sold, captured. Net price 100.00, refunded twice.
    order("o1", status="placed", updated_at="2026-01-05 10:00:00+00", **O1),
    order("o1", status="paid", updated_at="2026-01-05 10:05:00+00", **O1),
    order("o1", status="fulfilled", updated_at="2026-01-06 10:00:00+00", **O1),
    order("cancelled", "2026-01-06 10:00:00+00", 5000, status="cancelled", contact_id="c1"),
    order("test", "2026-01-06 10:00:00+00", 5000, status="test", contact_id="c1"),
    order("dollars", "2026-01-09 10:00:00+00", 1005, currency="USD", email_key="mail-2"),
    order("yen", "2026-01-12 10:00:00+00", 1234, currency="JPY", contact_id="c2"),
    order("dinars", "2026-01-12 10:00:00+00", 1, currency="BHD"),
    order("half", "2026-01-12 10:00:00+00", 100, currency="XTS"),
    order("large", "2026-01-09 10:00:00+00", 99_999_999_999_999, currency="USD"),
    order("francs", "2026-01-12 10:00:00+00", 700, currency="CHF"),
    order("early", "2025-12-31 10:00:00+00", 700, currency="USD"),
    order("negative", "2026-01-12 10:00:00+00", 700, discount_minor=701),
    order("huge", "2026-01-12 10:00:00+00", 10**14),
    order("midnight", "2026-01-31 23:30:00+00", 4000),
]  # fmt: skip

REFUNDS = [
    refund("r1", "o1", "2026-01-20 10:00:00+00", 600),
    refund("r2", "o1", "2026-01-21 10:00:00+00", 400),
    refund("r3", "dollars", "2026-01-20 10:00:00+00", 503, "USD"),
    refund("r4", "dollars", "2026-01-21 10:00:00+00", 502, "USD"),
    refund("r5", "cancelled", "2026-01-20 10:00:00+00", 5000),
    refund("r6", "nowhere", "2026-01-20 10:00:00+00", 100),
    refund("r7", "yen", "2026-01-20 10:00:00+00", 100, "EUR"),
]


def deal(
    deal_id: str,
    stage: str,
    updated_at: str | None,
    amount_minor: int | None = 50000,
    **more: object,
) -> dict[str, object]:
    return {
        "deal_id": deal_id,
        "stage_category": stage,
        "amount_minor": amount_minor,
        "currency": "EUR",
        "created_at": "2026-01-02 09:00:00+00",
        "updated_at": updated_at,
    } | more


DEALS = [
    deal("lost again", "open", "2026-03-01 09:00:00+00", company_id="firm"),
    deal("lost again", "won", "2026-03-05 09:00:00+00", close_date="2026-03-04", company_id="firm"),
    deal("lost again", "lost", "2026-03-20 09:00:00+00", company_id="firm"),
    deal("plain", "won", None, close_date="2026-03-10"),
    deal("undated", "won", "2026-03-07 09:00:00+00"),
    deal("never", "lost", "2026-03-07 09:00:00+00"),
    deal("worthless", "won", "2026-03-07 09:00:00+00", None),
    deal("corrected", "won", "2026-03-07 09:00:00+00", 100),
    deal("corrected", "won", "2026-03-08 09:00:00+00", 120),
    deal("twice", "won", "2026-03-01 09:00:00+00", 100),
    deal("twice", "open", "2026-03-02 09:00:00+00", 100),
    deal("twice", "won", "2026-03-03 09:00:00+00", 90),
]

DEAL_CONTACTS = [
    {"deal_id": "plain", "contact_id": "c3", "weight": 1.0},
    {"deal_id": "plain", "contact_id": "c1", "weight": 2.0},
    {"deal_id": "plain", "contact_id": "c2", "weight": 2.0},
]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("revenue"))
    raw.seed("brands", brand_seed("Europe/Rome", "EUR", "0.25"))
    raw.seed("fx_rates", RATES)
    raw.land("contacts", [{"contact_id": c} for c in ("c1", "c2", "c3")])
    raw.land("orders", ORDERS)
    raw.land("refunds", REFUNDS)
    raw.land("deals", DEALS)
    raw.land("deal_contacts", DEAL_CONTACTS)
    with build_money(raw, "+revenue_events", "int_revenue_refused") as built:
        yield built


def ledger(tables: duckdb.DuckDBPyConnection, columns: str, condition: str) -> list[Any]:
    return rows(
        tables,
        f"select {columns} from marts.revenue_events where {condition}"
        " order by deal_id, occurred_at",
    )


def amounts(tables: duckdb.DuckDBPyConnection, condition: str) -> list[int]:
    return ledger(tables, "amount_minor", condition)


def test_order_when_it_has_three_states_and_two_refunds_then_it_nets_90(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert amounts(tables, "order_id = 'o1'") == [10000, -600, -400]


def test_order_when_dollars_then_rate_of_its_date_rounds_half_away_from_zero(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # 10.05 at 0.9 is 9.045: half up to 9.05, although 0.95 holds from the 10th.
    found = ledger(
        tables,
        "amount_minor, original_amount_minor, fx_rate, fx_date, currency",
        "order_id = 'dollars' and kind = 'order'",
    )
    assert found == [(905, 1005, 0.9, dt.date(2026, 1, 1), "EUR")]


def test_refunds_when_they_add_up_to_a_foreign_order_then_it_is_zero_at_the_orders_rate(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # 5.03 at 0.9 is 4.527; both refunds together are the order's own 9.05.
    assert amounts(tables, "order_id = 'dollars'") == [905, -453, -452]
    assert ledger(tables, "distinct fx_rate", "order_id = 'dollars'") == [0.9]


def test_order_when_minor_units_differ_then_exponents_are_applied(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert amounts(tables, "order_id = 'yen'") == [753]  # 1234 yen at 0.0061 are 7.5274 euros
    assert amounts(tables, "order_id = 'dinars'") == [
        0
    ]  # a thousandth at 2.5 is a quarter of a cent
    assert amounts(tables, "order_id = 'half'") == [101]  # 1.00 at 1.005 is 1.005, exactly


def test_order_when_it_is_large_then_no_digit_is_lost(tables: duckdb.DuckDBPyConnection) -> None:
    # 999,999,999,999.99 at 0.9; a quarter of that is margin.
    found = ledger(tables, "amount_minor, margin_minor", "order_id = 'large'")
    assert found == [(89_999_999_999_999, 22_500_000_000_000)]


def test_refused_rows_when_counted_then_each_has_its_reason(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select entity, native_id, reason from intermediate.int_revenue_refused order by all",
    )
    assert found == [
        ("deals", "worthless", "amount_missing"),
        ("orders", "cancelled", "cancelled"),
        ("orders", "early", "unknown_fx_rate"),
        ("orders", "francs", "unknown_fx_rate"),
        ("orders", "huge", "amount_too_large"),
        ("orders", "negative", "discount_above_gross"),
        ("orders", "test", "test"),
        ("refunds", "r5", "order_not_counted"),
        ("refunds", "r6", "order_missing"),
        ("refunds", "r7", "currency_differs_from_order"),
    ]


def test_order_when_past_midnight_in_the_brands_zone_then_it_has_the_next_date(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert ledger(tables, "event_date", "order_id = 'midnight'") == [dt.date(2026, 2, 1)]


def test_deal_when_won_then_lost_then_both_movements_stand(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = ledger(tables, "kind, event_date, amount_minor, company_id", "deal_id = 'lost again'")
    assert found == [
        ("deal_won", dt.date(2026, 3, 4), 50000, "firm"),
        ("deal_reversal", dt.date(2026, 3, 20), -50000, "firm"),
    ]


def test_deal_when_won_again_then_every_stay_is_a_win(tables: duckdb.DuckDBPyConnection) -> None:
    assert amounts(tables, "deal_id = 'twice'") == [100, -100, 90]


def test_deal_when_its_amount_is_corrected_then_the_win_has_the_last_amount(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert amounts(tables, "deal_id = 'corrected'") == [120]


def test_deal_when_one_version_then_it_is_won_as_its_close_date_begins(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = ledger(tables, "deal_id, epoch(occurred_at)", "deal_id in ('plain', 'undated')")
    rome_midnight = dt.datetime(2026, 3, 9, 23, tzinfo=dt.UTC).timestamp()
    assert found == [
        ("plain", rome_midnight),
        ("undated", dt.datetime(2026, 3, 7, 9, tzinfo=dt.UTC).timestamp()),
    ]


def test_deal_when_several_contacts_then_the_heaviest_and_first_buys(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert ledger(tables, "person_id", "deal_id = 'plain'") == [persons(tables)["c1"]]


def test_order_when_nobody_is_named_then_it_stays_without_a_person(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = ledger(
        tables,
        "order_id, person_id is null",
        "order_id in ('midnight', 'yen', 'dollars') and kind = 'order'",
    )
    assert sorted(found) == [("dollars", False), ("midnight", True), ("yen", False)]


def test_margin_when_the_brand_has_a_rate_then_it_is_that_share(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = ledger(tables, "margin_minor, margin_basis", "order_id = 'dollars' and kind = 'order'")
    assert found == [(226, "brand")]  # a quarter of 9.05 is 2.2625


def test_base_currency_when_two_and_none_configured_then_the_build_stops_with_one_line(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    raw = RawWarehouse(tmp_path_factory.mktemp("currencies"))
    raw.land(
        "orders",
        [
            order("1", "2026-01-05 10:00:00+00", 1),
            order("2", "2026-01-05 10:00:00+00", 1, currency="USD"),
        ],
    )
    with pytest.raises(AssertionError, match=r"set base_currency in <ROR_HOME>/seeds/brands\.csv"):
        build_money(raw, "+int_base_currency")
