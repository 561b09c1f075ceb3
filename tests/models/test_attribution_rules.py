"""Weights of every rule model, against the rules worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.support.money import build_money, click, order, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

MODELS = """\
model_id,family,scope,lookback_days,half_life_days,policy,transform,parameters,is_default
last_touch,last_touch,person,30,,reset,none,{},true
last_non_direct,last_non_direct,person,30,,reset,none,{},false
time_decay,time_decay,person,30,7,reset,none,{},false
fast_decay,time_decay,person,30,0.001,reset,none,{},false
position_u,position,person,30,,reset,none,"{""first"": 0.4, ""last"": 0.4, ""middle"": 0.2}",false
position_j,position,person,30,,reset,none,"{""first"": 0.2, ""last"": 0.6, ""middle"": 0.2}",false
position_inverse_j,position,person,30,,reset,none,"{""first"": 0.6, ""last"": 0.2, ""middle"": 0.2}",false
position_w,position,person,30,,reset,none,"{""first"": 0.3, ""lead_creation"": 0.3, ""deal_creation"": 0.3, ""middle"": 0.1}",false
full_path,position,person,30,,reset,none,"{""first"": 0.225, ""lead_creation"": 0.225, ""deal_creation"": 0.225, ""closing"": 0.225, ""middle"": 0.1}",false
custom_ends,position,person,30,,reset,none,"{""first"": 1, ""start_2"": 0.5, ""end_2"": 0.5}",false
custom_stages,position,person,30,,reset,none,"{""lead_creation"": 1, ""deal_creation"": 1}",false
shapley_additive,shapley_additive,person,30,,reset,none,{},false
participation,participation,person,30,,reset,none,{},false
exposure,linear,person,30,,reset,exposure,{},false
first,linear,person,30,,reset,first,{},false
unique,linear,person,30,,reset,unique,{},false
without,linear,person,30,,reset,remove_if_not_all,"{""channel"": ""A""}",false
without_last,linear,person,30,,reset,remove_if_last_and_not_all,"{""channel"": ""A""}",false
last_three,linear,person,30,,reset,last_n,"{""count"": 3}",false
account,linear,account,30,,reset,none,{},false
pooled,last_touch,account_pooled,30,,reset,none,{},false
pooled_linear,linear,account_pooled,30,,reset,none,{},false
"""


def path(who: str, channels: str, **more: object) -> list[dict[str, object]]:
    """A touch a day at noon from January 1, a channel a letter; `-` is direct traffic."""
    return [
        click(f"{who}{day}", letter, f"2026-01-{day:02} 12:00:00+00", who, is_direct=letter == "-")
        for day, letter in enumerate(channels, start=1)
    ]


PATHS = {
    "five": "abcde", "two": "ab", "one": "a", "direct": "ab--", "all_direct": "--", "again": "aba",
    "vector": "DABBCDCC", "mixed": "ABAA", "pure": "AA",
}  # fmt: skip
CLICKS = [touch for who, channels in PATHS.items() for touch in path(who, channels)]
CLICKS += [*path("boss", "xy"), *path("clerk", "z")]
CLICKS.append(click("c", "w", "2026-01-02 18:00:00+00", "colleague"))
ORDERS = [
    order(who, "2026-01-20 00:00:00+00", 10000, contact_id=who)
    for who in PATHS
    if who != "five"
]  # fmt: skip


def deal(deal_id: str, created_at: str | None) -> dict[str, object]:
    return {
        "deal_id": deal_id, "stage_category": "won", "amount_minor": 10000, "currency": "EUR",
        "created_at": created_at, "close_date": "2026-01-06", "company_id": f"firm of {deal_id}",
    }  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("rules"), as_of="2026-04-01 00:00:00+00")
    raw.seed("attribution_models", MODELS)
    raw.land("clicks", CLICKS)
    raw.land("orders", ORDERS)
    lead = {"contact_id": "five", "created_at": "2026-01-01 12:00:00+00"}
    staff = [
        {"contact_id": who, "company_id": "firm of account"}
        for who in ("boss", "clerk", "silent", "colleague")
    ]
    raw.land("contacts", [lead, *staff])
    raw.land("deals", [deal("five", "2026-01-04 12:00:00+00"), deal("account", None)])
    weights = (("boss", 3.0), ("clerk", 1.0), ("silent", 4.0))
    raw.land(
        "deal_contacts",
        [{"deal_id": "five", "contact_id": "five"}]
        + [{"deal_id": "account", "contact_id": who, "weight": w} for who, w in weights],
    )
    with build_money(raw, "+marts.attribution") as built:
        yield built


def weights(tables: duckdb.DuckDBPyConnection, model: str, conversion: str) -> list[float]:
    """Weights in path order; touches without a row are left out."""
    return [weight for _, weight in divided(tables, model, conversion)]


def divided(
    tables: duckdb.DuckDBPyConnection, model: str, conversion: str
) -> list[tuple[str, float]]:
    return rows(
        tables,
        "select channel_id, weight from marts.attribution_credits"
        " inner join marts.revenue_events on revenue_event_id = conversion_id"
        " where model_id = ? and coalesce(order_id, deal_id) = ?"
        " order by touch_index, channel_id",
        [model, conversion],
    )


def close(*expected: float) -> object:
    return pytest.approx(list(expected), abs=1e-12)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("position_w", (0.6, 0.1 / 3, 0.1 / 3, 0.3, 0.1 / 3)),
        ("full_path", (0.45, 0.05, 0.05, 0.225, 0.225)),
        ("position_u", (0.4, 0.2 / 3, 0.2 / 3, 0.2 / 3, 0.4)),
        ("position_j", (0.2, 0.2 / 3, 0.2 / 3, 0.2 / 3, 0.6)),
        ("position_inverse_j", (0.6, 0.2 / 3, 0.2 / 3, 0.2 / 3, 0.2)),
        ("custom_ends", (0.5, 0.25, 0.25)),
        ("custom_stages", (0.5, 0.5)),
        ("time_decay", tuple(2 ** (d / 7) / sum(2 ** (e / 7) for e in range(5)) for d in range(5))),
        ("fast_decay", (1.0,)),  # 2^-1000 a day is nothing beside the last touch
        ("last_touch", (1.0,)),
        ("shapley_additive", (0.2,) * 5),
    ],
)
def test_five_touches_when_lead_is_the_first_and_deal_the_fourth_then_roles_divide(
    tables: duckdb.DuckDBPyConnection, model: str, expected: tuple[float, ...]
) -> None:
    assert weights(tables, model, "five") == close(*expected)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("position_u", (0.5, 0.5)),
        ("position_j", (0.25, 0.75)),
        ("position_inverse_j", (0.75, 0.25)),
        ("position_w", (0.75, 0.25)),  # no stage occurs: first .3, the other one .1
        ("full_path", (0.5, 0.5)),
        ("custom_stages", (0.5, 0.5)),  # no role occurs: evenly
        ("custom_ends", (0.75, 0.25)),  # 1 + .5 as the second from the end, .5
    ],
)
def test_two_touches_when_roles_are_missing_then_the_others_fill_the_whole(
    tables: duckdb.DuckDBPyConnection, model: str, expected: tuple[float, ...]
) -> None:
    assert weights(tables, model, "two") == close(*expected)


def test_one_touch_when_weighed_by_any_model_then_it_has_all(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    models = [line.split(",")[0] for line in MODELS.splitlines()[1:]]
    for model in set(models) - {"participation"}:
        assert weights(tables, model, "one") == close(1), model


def test_last_non_direct_when_the_end_is_direct_then_the_touch_before_has_all(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert divided(tables, "last_non_direct", "direct") == [("b", 1.0)]
    assert divided(tables, "last_non_direct", "all_direct") == [("-", 1.0)]
    assert rows(
        tables,
        "select touch_index from marts.attribution_credits"
        " inner join marts.revenue_events on revenue_event_id = conversion_id"
        " where model_id = 'last_non_direct' and order_id = 'all_direct'",
    ) == [2]


def test_shapley_when_a_channel_comes_twice_then_its_half_is_shared(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert divided(tables, "shapley_additive", "again") == [("a", 0.25), ("b", 0.5), ("a", 0.25)]


def test_participation_when_read_then_each_channel_has_the_value_and_no_credit(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select channel_id, participation_minor, credit_minor, weight"
        " from marts.attribution_credits"
        " inner join marts.revenue_events on revenue_event_id = conversion_id"
        " where model_id = 'participation' and order_id = 'again' order by touch_index",
    )
    assert found == [("a", 10000, 0, 0.0), ("b", 10000, 0, 0.0)]
    reconciled = rows(
        tables, "select distinct model_id from marts.attribution_reconciliation order by 1"
    )
    assert "participation" not in reconciled
    assert len(reconciled) == len(MODELS.splitlines()) - 2


@pytest.mark.parametrize(
    ("model", "conversion", "expected"),
    [
        ("exposure", "vector", "DABCDC"),
        ("first", "vector", "DABC"),
        ("unique", "vector", "ABCD"),
        ("last_three", "vector", "DCC"),
        ("without", "vector", "DBBCDCC"),
        ("without_last", "vector", "DABBCDCC"),
        ("without", "mixed", "B"),
        ("without_last", "mixed", "AB"),
        ("without", "pure", "AA"),
        ("without_last", "pure", "AA"),
    ],
)
def test_transform_when_applied_then_the_path_is_the_known_one(
    tables: duckdb.DuckDBPyConnection, model: str, conversion: str, expected: str
) -> None:
    found = divided(tables, model, conversion)
    assert "".join(channel for channel, _ in found) == expected
    assert [weight for _, weight in found] == close(*[1 / len(expected)] * len(expected))


def test_account_when_contacts_have_roles_then_those_with_touches_fill_the_whole(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # boss 3 and clerk 1 of 4, the silent one has no touch; boss has two touches.
    found = dict(divided(tables, "account", "account"))
    assert found == pytest.approx({"x": 0.375, "y": 0.375, "z": 0.25}, abs=1e-12)
    people = rows(
        tables,
        "select count(distinct credits.person_id), count(distinct credits.company_id)"
        " from marts.attribution_credits as credits"
        " inner join marts.revenue_events on revenue_event_id = conversion_id"
        " where model_id = 'account' and deal_id = 'account'",
    )
    assert people == [(2, 1)]


def test_account_when_pooled_then_all_of_the_firm_are_on_one_line(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = divided(tables, "pooled_linear", "account")  # the colleague is no contact of the deal
    assert found == [("x", 0.25), ("z", 0.25), ("y", 0.25), ("w", 0.25)]
    assert divided(tables, "pooled", "account") == [("w", 1.0)]


def test_models_when_summed_then_each_is_the_ledger(tables: duckdb.DuckDBPyConnection) -> None:
    differences = rows(
        tables, "select distinct difference_minor from marts.attribution_reconciliation"
    )
    assert differences == [0]
