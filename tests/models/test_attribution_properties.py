"""Any orders, refunds and touches: credit is the ledger, in whatever order they arrive."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from pipelines.analytics.attribution import solve_attribution
from pipelines.settings import DBT_PROJECT
from tests.support.money import build_solved, click, order, refund, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

START = datetime(2026, 1, 1, tzinfo=UTC)
LOOKBACK = timedelta(days=30)
MARTS = (
    "touchpoints",
    "conversions",
    "attribution_credits",
    "attribution_paths",
    "attribution_runs",
    "attribution_channels",
    "attribution_bands",
    "attribution_reconciliation",
    "revenue_events",
)
with (DBT_PROJECT / "seeds" / "attribution_models.csv").open(encoding="utf-8") as _file:
    MODELS = {row["model_id"]: row["family"] for row in csv.DictReader(_file)}
CREDIT = {
    model for model, family in MODELS.items() if family not in ("participation", "shapley_rate")
}
# Few instants and channels: ties are common, and windows of 30 days end between them.
INSTANTS = st.sampled_from(
    [START + timedelta(days=d, hours=h) for d in range(0, 90, 6) for h in (0, 7)]
)
PERSONS = st.sampled_from([*[f"p{n}" for n in range(12)], None])
TOUCHES = st.lists(st.tuples(INSTANTS, PERSONS, st.sampled_from(["a", "b > c", "d"])), min_size=80)
ORDERS = st.lists(
    st.tuples(
        INSTANTS,
        PERSONS,
        st.integers(0, 10**7),
        st.sampled_from(["paid", "paid", "paid", "cancelled", "test"]),
        st.lists(st.integers(1, 10**7), max_size=2),
        st.booleans(),
    ),
    min_size=30,
)


class World:
    """Random facts as they land, and the credit that the rules give them, in exact integers."""

    def __init__(self, touches: list[Any], orders: list[Any]) -> None:
        self.clicks = [click(f"t{n}", c, str(at), who) for n, (at, who, c) in enumerate(touches)]
        self.orders, self.refunds = [], []
        self.conversions: list[tuple[str, datetime, str | None, int, bool]] = []
        for n, (at, who, gross, status, refunds, is_full) in enumerate(orders):
            paid_back = [*refunds, gross] if is_full else refunds
            self.orders.append(order(f"o{n}", str(at), gross, status=status, contact_id=who))
            self.refunds += [
                refund(f"r{n}-{k}", f"o{n}", str(at + timedelta(days=k)), amount)
                for k, amount in enumerate(paid_back)
            ]
            if status == "paid":
                is_reversed = bool(paid_back) and sum(paid_back) >= gross
                self.conversions.append((f"o{n}", at, who, gross - sum(paid_back), is_reversed))

    def land(self, raw: RawWarehouse, shuffler: random.Random | None) -> None:
        landed = (("clicks", self.clicks), ("orders", self.orders), ("refunds", self.refunds))
        for name, facts in landed:
            arriving = shuffler.sample(facts, len(facts)) if shuffler else facts
            half = len(arriving) // 2 if shuffler else len(arriving)
            raw.land(name, arriving[:half])
            raw.land(name, arriving[half:])

    def linear(self) -> dict[str, list[int]]:
        """Credit of each order in path order; odd minor units go to the first touches."""
        credit = {}
        for order_id, at, who, value, _ in self.conversions:
            earlier = [c[1] for c in self.conversions if c[2] == who and c[1] < at and not c[4]]
            opened = max([at - LOOKBACK, *earlier]) if who else at
            path = [c for c in self.clicks if c["contact_id"] == who and who]
            count = sum(opened < datetime.fromisoformat(c["clicked_at"]) <= at for c in path) or 1
            sign = -1 if value < 0 else 1
            share, odd = divmod(abs(value), count)
            credit[order_id] = [sign * (share + (n < odd)) for n in range(count)]
        return credit


def build(folder: Path, world: World, shuffler: random.Random | None) -> tuple[Any, Any, Any]:
    raw = RawWarehouse(folder, as_of="2026-04-01 00:00:00+00")
    world.land(raw, shuffler)
    with build_solved(
        raw, solve_attribution, "+marts.attribution", "int_revenue_refused"
    ) as tables:
        contents = {
            name: rows(tables, f"select * from marts.{name} order by all") for name in MARTS
        }
        linear = rows(
            tables,
            "select order_id, list(credit_minor order by touch_index)"
            " from marts.attribution_credits"
            " inner join marts.revenue_events on revenue_event_id = conversion_id"
            " where model_id = 'linear' group by order_id",
        )
        totals = rows(
            tables,
            "select model_id, sum(credit_minor)::bigint from marts.attribution_channels group by 1",
        )
    return contents, dict(linear), dict(totals)


@settings(
    max_examples=1,  # two builds
    deadline=None,
    phases=[Phase.generate],  # a build takes longer than shrinking is worth
    suppress_health_check=list(HealthCheck),
)
@given(touches=TOUCHES, orders=ORDERS, seed=st.integers())
def test_credit_when_facts_are_random_and_shuffled_then_it_is_the_ledger_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, touches: list[Any], orders: list[Any], seed: int
) -> None:
    assume(len(set(map(str, orders))) > 20)  # the first thing tried is one order many times
    world = World(touches, orders)
    contents, linear, totals = build(tmp_path_factory.mktemp("ordered"), world, None)
    assert linear == world.linear()
    net = sum(value for _, _, _, value, _ in world.conversions)
    assert {model: totals[model] for model in CREDIT if model in totals} == (
        dict.fromkeys(CREDIT, net) if world.conversions else {}
    )
    shuffled, _, _ = build(tmp_path_factory.mktemp("shuffled"), world, random.Random(seed))
    for name in MARTS:
        assert shuffled[name] == contents[name], name
