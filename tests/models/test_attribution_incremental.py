"""Nights that learn anything late: what attribution keeps equals what it would compute, and the rest is computed anew."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.money import build_money, click, order, refund, rows
from tests.support.raw import RawWarehouse

pytestmark = [pytest.mark.slow, pytest.mark.long]

START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = [f"p{n}" for n in range(10)]
FIRMS = ["firm", "other", None]
MODELS = """\
model_id,family,scope,lookback_days,half_life_days,policy,transform,parameters,is_default
last_touch,last_touch,person,30,,reset,none,{},true
linear,linear,person,30,,reset,none,{},false
time_decay,time_decay,person,30,7,reset,none,{},false
position_w,position,person,30,,reset,none,"{""first"": 0.3, ""lead_creation"": 0.3, ""deal_creation"": 0.3, ""middle"": 0.1}",false
participation,participation,person,30,,reset,none,{},false
shapley_additive,shapley_additive,person,30,,reuse,none,{},false
unique,linear,person,30,,reset,unique,{},false
account,linear,account,30,,reset,none,{},false
pooled,linear,account_pooled,30,,reset,none,{},false
markov_pooled,markov,account_pooled,30,,reset,none,"{""order"": 1}",false
"""
# When a credit was computed differs between the two by design.
COMPARED = {
    "marts.touchpoints": "*",
    "marts.conversions": "*",
    "marts.attribution_credits": "* exclude (computed_at)",
    "intermediate.int_attribution_conversion_paths": "*",
    "intermediate.int_attribution_journeys": "*",
    "intermediate.int_attribution_channel_credits": "*",
}
BUILT = (
    "+attribution_restatements", "+int_attribution_journeys", "+int_attribution_channel_credits",
)  # fmt: skip
CREDITS = "select (conversion_id, model_id), list((touch_id, credit_minor) order by touch_id)"


def instant(dice: random.Random) -> str:
    """Few instants, so that ties are common, and windows of 30 days end between them."""
    return str(START + timedelta(days=6 * dice.randrange(12), hours=7 * dice.randrange(2)))


def random_fact(dice: random.Random) -> tuple[str, dict[str, Any]]:
    """One row of any entity that credit rests on; few ids, so that most rows correct an earlier one."""
    number, who, firm = dice.randrange(40), dice.choice(PEOPLE), dice.choice(FIRMS)
    gone = {"_is_deleted": dice.random() < 0.15}
    at = instant(dice)
    kind = dice.choice(
        ["clicks"] * 8
        + ["orders"] * 4
        + ["refunds", "deals", "deals", "deal_contacts", "contacts", "contact_merges"]
        + ["messages", "messages", "profiles"]
    )
    if kind == "clicks":
        return kind, click(f"t{number}", dice.choice(["a", "b", "c"]), at, who) | gone
    if kind == "orders":
        return kind, order(f"o{number % 20}", at, dice.randrange(10**4), contact_id=who) | gone
    if kind == "refunds":
        amount = dice.choice([10, 10**4])
        return kind, refund(f"r{number % 5}", f"o{dice.randrange(20)}", at, amount) | gone
    facts: dict[str, dict[str, Any]] = {
        "deals": {
            "deal_id": f"d{number % 4}", "stage_category": dice.choice(["won", "won", "open"]),
            "amount_minor": dice.randrange(10**4), "currency": "EUR", "company_id": firm,
            "close_date": at[:10], "created_at": instant(dice),
        },
        "deal_contacts": {
            "deal_id": f"d{number % 4}", "contact_id": who, "weight": dice.choice([0.1, 0.2, 0.7]),
        },
        "contacts": {
            "contact_id": who, "company_id": firm, "created_at": instant(dice),
            "social_profiles_key": dice.choice([f"x-{who}", None]),
        },
        "contact_merges": {
            "loser_id": who, "winner_id": dice.choice(PEOPLE), "merged_at": at,
            "_is_deleted": dice.random() < 0.5,
        },
        "messages": {
            "message_id": f"m{number}", "network": "x", "message_kind": "comment", "text": "Words",
            "direction": "inbound", "author_profile_id_key": f"x-{who}", "sent_at": at,
        },
        "profiles": {
            "network": "x", "profile_id_key": f"x-{who}", "is_bot_hint": dice.random() < 0.5,
        },
    }  # fmt: skip
    return kind, facts[kind] | ({} if kind in ("contact_merges", "profiles") else gone)


def contents(raw: RawWarehouse, *arguments: str) -> tuple[dict[str, list[Any]], dict[Any, Any]]:
    """Compared tables, and credit by conversion and model; every conversion adds up to its value."""
    with build_money(raw, *BUILT, *arguments) as con:
        wrong = rows(
            con,
            "select conversion_id, model_id from marts.conversions"
            " cross join intermediate.int_attribution_models as models"
            " left join marts.attribution_credits as credits using (conversion_id, model_id)"
            " where models.is_credit and not models.is_channel_grain"
            " group by all having abs(coalesce(sum(weight), 0) - 1) > 1e-12"
            " or sum(credit_minor) is distinct from any_value(value_minor)",
        )
        assert wrong == []
        tables = {
            table: rows(con, f"select {columns} from {table} order by all")
            for table, columns in COMPARED.items()
        }
        return tables, dict(rows(con, f"{CREDITS} from marts.attribution_credits group by all"))


def restated(raw: RawWarehouse, as_of: str) -> list[Any]:
    with duckdb.connect(str(raw.path), read_only=True) as con:
        return rows(
            con,
            "select (conversion_id, model_id) from marts.attribution_restatements"
            f" where changed_at = '{as_of}'",
        )


def computed_in_several_nights(raw: RawWarehouse) -> bool:
    """Some credit was kept: else this would compare two full builds."""
    with duckdb.connect(str(raw.path), read_only=True) as con:
        nights = "select count(distinct computed_at) > 2 from marts.attribution_credits"
        return bool(rows(con, nights)[0])


@settings(
    max_examples=1,  # five builds
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a build takes longer than shrinking is worth
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_credits_when_anything_comes_late_then_nights_equal_a_full_refresh(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    dice = random.Random(seed)
    raw = RawWarehouse(tmp_path_factory.mktemp("nights"))
    raw.seed("attribution_models", MODELS)
    raw.land("contacts", [{"contact_id": who, "social_profiles_key": f"x-{who}"} for who in PEOPLE])
    raw.land("accounts", [{"network": "x", "account_id": "acme", "brand_id": "brand"}])
    before: dict[Any, Any] = {}
    for night, count in enumerate((150, 12, 6, 3)):
        for name, fact in [random_fact(dice) for _ in range(count)]:
            raw.land(name, [fact])
        as_of = f"2026-0{dice.randint(3, 6)}-1{night} 00:00:00+00"
        raw.set_run(f"run-{night}", as_of)
        nightly, credited = contents(raw)
        changed = {key for key in before.keys() & credited if before[key] != credited[key]}
        gone = before.keys() - credited
        assert changed <= set(restated(raw, as_of)) <= changed | gone
        before = credited
    assert computed_in_several_nights(raw)
    full, _ = contents(raw, "--full-refresh")
    for table in COMPARED:
        assert nightly[table] == full[table], table


def test_credits_when_one_person_changes_then_all_others_keep_theirs(tmp_path: Path) -> None:
    raw = RawWarehouse(tmp_path, as_of="2026-03-01 00:00:00+00")
    raw.seed("attribution_models", MODELS)
    for who in ("p1", "p2"):
        raw.land("clicks", [click(f"of {who}", "a", "2026-01-05 00:00:00+00", who)])
        raw.land("orders", [order(who, "2026-01-09 00:00:00+00", 100, contact_id=who)])
    build_money(raw, *BUILT).close()
    # After the purchase, before it, and of nobody who buys.
    raw.land("clicks", [click("after", "a", "2026-01-20 00:00:00+00", "p1")])
    raw.land("clicks", [click("before", "a", "2026-01-06 00:00:00+00", "p2")])
    raw.land("clicks", [click("other", "a", "2026-01-06 00:00:00+00", "p3")])
    raw.set_run("run-2", "2026-03-02 00:00:00+00")
    with build_money(raw, *BUILT) as con:
        computed = rows(
            con,
            "select distinct order_id, computed_at::date::varchar from marts.attribution_credits"
            " inner join marts.revenue_events on revenue_event_id = conversion_id order by all",
        )
    assert computed == [("p1", "2026-03-01"), ("p2", "2026-03-02")]
