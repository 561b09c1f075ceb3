"""Credit against the worked examples of the rules, and against cases at which other tools fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.support.money import build_money, click, order, persons, refund, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

MODELS = """\
model_id,family,scope,lookback_days,half_life_days,policy,transform,parameters,is_default
first_touch,first_touch,person,30,,reset,none,{},false
last_touch,last_touch,person,30,,reset,none,{},true
linear,linear,person,30,,reset,none,{},false
linear_reuse,linear,person,30,,reuse,none,{},false
"""
NOON = "12:00:00+00"

CLICKS = [
    # The worked example: person 1 touches a and b, converts, touches c, converts.
    click("a1", "a", f"2026-01-01 {NOON}", "p1"),
    click("b1", "b", f"2026-01-05 {NOON}", "p1"),
    click("c1", "c", f"2026-01-12 {NOON}", "p1"),
    click("a2", "a", f"2026-01-03 {NOON}", "p2"),
    # Three touches in one second, out of order, with separators in the names of the channels.
    click("t3", "Ещё", f"2026-02-01 {NOON}", "ties"),
    click("t1", "a > b", f"2026-02-01 {NOON}", "ties"),
    click("t2", "x,y", f"2026-02-01 {NOON}", "ties"),
    click("z", "a", f"2026-02-01 {NOON}", "zero"),
    click("old", "a", "2026-03-01 00:00:00+00", "outside"),
    click("edge", "a", f"2026-03-01 {NOON}", "edge"),
    click("new", "a", "2026-03-01 23:59:00+00", "inside"),
    click("r1", "a", f"2026-02-01 {NOON}", "returned"),
    click("n1", "a", f"2026-02-01 {NOON}", "negative"),
    click("n2", "b", f"2026-02-02 {NOON}", "negative"),
    click("n3", "c", f"2026-02-03 {NOON}", "negative"),
    click("late", "", f"2026-02-05 {NOON}", "later"),
    click("gone", "a", f"2026-02-01 {NOON}", "later", _is_deleted=True),
    click("young", "a", f"2026-03-20 {NOON}", "undecided"),
    click("nobody", "a", f"2026-02-01 {NOON}", None),
    *[
        click(f"ad{n}", "ads", f"2026-02-01 {NOON}", who, click_kind="ad_click", campaign="spring")
        for n, who in ((1, "ads"), (2, None), (3, "ads"))
    ],
]
ORDERS = [
    order("first", f"2026-01-10 {NOON}", 10000, contact_id="p1"),
    order("second", f"2026-01-15 {NOON}", 6000, contact_id="p1"),
    order("p2", f"2026-01-04 {NOON}", 4000, contact_id="p2"),
    order("p3", f"2026-01-09 {NOON}", 50000, contact_id="p3"),
    order("ties", f"2026-02-02 {NOON}", 1000, contact_id="ties"),
    order("zero", f"2026-02-02 {NOON}", 0, contact_id="zero"),
    order("outside", "2026-03-31 23:59:00+00", 100, contact_id="outside"),  # 30.999 days
    order("edge", f"2026-03-31 {NOON}", 100, contact_id="edge"),  # exactly 30 days
    order("inside", "2026-03-31 00:01:00+00", 100, contact_id="inside"),  # 29.001 days
    order("returned", f"2026-02-02 {NOON}", 700, contact_id="returned"),
    order("kept", f"2026-02-03 {NOON}", 900, contact_id="returned"),
    order("negative", f"2026-02-04 {NOON}", 1000, contact_id="negative"),
    order("later", f"2026-02-04 {NOON}", 100, contact_id="later"),
    order("unknown", f"2026-02-04 {NOON}", 100),
]
REFUNDS = [
    refund("all", "returned", f"2026-02-10 {NOON}", 700),
    refund("more", "negative", f"2026-02-10 {NOON}", 1002),
]


def message(message_id: str, direction: str, kind: str, author: str, **more: Any) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "network": "x",
        "message_kind": kind,
        "direction": direction,
        "author_profile_id_key": author,
        "thread_id": "thread",
        "sent_at": f"2026-02-01 {NOON}",
        "text": "Words",
    } | more


MESSAGES = [
    message("m1", "inbound", "comment", "fan"),
    message("m2", "outbound", "reply", "us", parent_message_id="m1", agent_id="ann"),
    message("m3", "outbound", "reply", "us", parent_message_id="m1", is_automated=True),
    message("m4", "outbound", "reply", "us", parent_message_id="m1", agent_id="robot"),
    message("m5", "inbound", "comment", "spam"),
    message("m6", "peer", "reply", "fan"),
]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("attribution"), as_of="2026-04-01 00:00:00+00")
    raw.seed("attribution_models", MODELS)
    raw.land("clicks", CLICKS)
    raw.land("orders", ORDERS)
    raw.land("refunds", REFUNDS)
    raw.land("messages", MESSAGES)
    raw.land("agents", [{"agent_id": "ann"}, {"agent_id": "robot", "is_bot": True}])
    raw.land("profiles", [{"profile_id_key": "spam", "network": "x", "is_bot_hint": True}])
    cost = {"kind": "ad", "campaign": "spring", "cost_date": "2026-02-01", "currency": "EUR"}
    raw.land("costs", [{"cost_id": "k", "amount_minor": 1000} | cost])
    with build_money(raw, "+marts.attribution") as built:
        yield built


def credit(tables: duckdb.DuckDBPyConnection, model: str, *orders: str) -> list[Any]:
    """Channel and credit of orders, on the path's order."""
    return rows(
        tables,
        "select channel_id, credit_minor from marts.attribution_credits"
        " inner join marts.revenue_events on revenue_event_id = conversion_id"
        " where model_id = ? and order_id in (select unnest(?))"
        " order by occurred_at, touch_index",
        [model, list(orders)],
    )


WORKED = ("first", "second", "p2", "p3")


def test_linear_when_reset_then_a_touch_counts_for_the_next_conversion_only(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert credit(tables, "linear", *WORKED) == [
        ("a", 4000), ("(none)", 50000), ("a", 5000), ("b", 5000), ("c", 6000),
    ]  # fmt: skip


def test_linear_when_reused_then_every_touch_in_the_window_counts(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert credit(tables, "linear_reuse", *WORKED) == [
        ("a", 4000), ("(none)", 50000), ("a", 5000), ("b", 5000),
        ("a", 2000), ("b", 2000), ("c", 2000),
    ]  # fmt: skip


def test_first_and_last_when_several_touches_then_one_has_all(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert credit(tables, "first_touch", "first") == [("a", 10000)]
    assert credit(tables, "last_touch", "first") == [("b", 10000)]


def test_credit_when_three_share_ten_then_the_first_on_the_path_has_the_odd_cent(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # All in one second: the channels' names decide the order, whatever signs they hold.
    assert credit(tables, "linear", "ties") == [("a > b", 334), ("x,y", 333), ("Ещё", 333)]
    assert credit(tables, "first_touch", "ties") == [("a > b", 1000)]
    assert credit(tables, "last_touch", "ties") == [("Ещё", 1000)]


def test_lookback_when_thirty_days_then_instants_count_and_not_dates(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert credit(tables, "linear", "outside") == [("(none)", 100)]
    assert credit(tables, "linear", "edge") == [("(none)", 100)]
    assert credit(tables, "linear", "inside") == [("a", 100)]


def test_conversion_when_paid_back_then_its_touch_is_left_for_the_next(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert credit(tables, "linear", "returned", "kept") == [("a", 0), ("a", 900)]


def test_credit_when_more_was_paid_back_than_paid_then_it_is_negative_and_exact(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert credit(tables, "linear", "negative") == [("a", -1), ("b", -1), ("c", 0)]


def test_conversions_when_untouched_then_each_says_why(tables: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        tables,
        "select order_id, no_touch_reason, is_reversed, is_new_customer, value_minor"
        " from marts.conversions"
        " inner join marts.revenue_events on revenue_event_id = conversion_id"
        " where order_id in"
        " ('p3', 'edge', 'later', 'unknown', 'zero', 'returned', 'kept', 'second')"
        " order by order_id",
    )
    assert found == [
        ("edge", "outside_lookback", False, True, 100),
        ("kept", None, False, True, 900),
        ("later", "no_touch", False, True, 100),
        ("p3", "no_touch", False, True, 50000),
        ("returned", None, True, False, 0),
        ("second", None, False, False, 6000),
        ("unknown", "no_person", False, None, 100),
        ("zero", None, False, True, 0),
    ]


def test_touches_when_left_out_then_they_are_counted_with_the_reason(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select left_out_reason, count(*) from intermediate.int_touchpoints_unioned"
        " where left_out_reason is not null group by 1 order by 1",
    )
    assert found == [
        ("automated", 2), ("between_people", 1), ("bot", 1), ("deleted", 1), ("no_person", 2),
    ]  # fmt: skip


def test_messages_when_touches_then_the_reply_touches_the_person_it_answers(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select touch_type, is_relationship, channel_id, count(distinct person_id) over ()"
        " from marts.touchpoints where source_kind = 'messages' order by 1",
    )
    assert found == [("comment", True, "x", 1), ("personal_reply", True, "x", 1)]


def test_ad_costs_when_divided_then_unknown_people_bear_their_share(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    every = "select cost_minor from intermediate.int_touchpoints_unioned where campaign = 'spring'"
    assert sorted(rows(tables, every)) == [333, 333, 334]
    known = rows(
        tables, "select person_id, cost_minor from marts.touchpoints where campaign = 'spring'"
    )
    assert {person for person, _ in known} == {persons(tables)["ads"]}
    assert len(known) == 2


def test_channel_when_empty_then_it_is_unknown(tables: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        tables, "select count(*) from marts.touchpoints where channel_id = '(unknown)'"
    ) == [1]


def test_reconciliation_when_every_month_is_divided_then_nothing_is_left(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select strftime(period_start_date, '%m'), ledger_minor, credited_minor, none_minor,"
        " difference_minor, open_path_count"
        " from marts.attribution_reconciliation where model_id = 'linear' order by 1",
    )
    assert found == [
        ("01", 70000, 70000, 50000, 0, 0),
        ("02", 2098, 2098, 200, 0, 0),
        ("03", 300, 300, 200, 0, 1),  # one person may still convert
    ]
