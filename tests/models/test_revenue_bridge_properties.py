"""Any changes of subscriptions, in any order, late and twice: every month of the bridge closes."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.support.money import brand_seed, build_money, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

START = datetime(2026, 1, 1, tzinfo=UTC)
PAUSE = timedelta(days=30)
RATES = {date(2026, 1, 1): Decimal("0.9"), date(2026, 4, 10): Decimal("1.137")}
CONTACTS = [*[f"c{n}" for n in range(6)], "loser", "winner", "stranger", None]
# Few instants: ties are common, and gaps of exactly 30 days and of a second more.
INSTANTS = st.sampled_from(
    [START + timedelta(days=d, seconds=s) for d in range(0, 330, 10) for s in (0, 1)]
)
CHANGES = st.tuples(
    INSTANTS,
    st.sampled_from(["start", "renew", "expand", "contract", "cancel", "cancel"]),
    st.sampled_from([0, 1, 99, 1000, 1001, 12345]),
)
SUBSCRIPTIONS = st.lists(
    st.tuples(
        st.sampled_from(CONTACTS),
        st.sampled_from(["EUR", "EUR", "USD"]),
        st.lists(CHANGES, min_size=1, max_size=9),
    ),
    min_size=25,
    max_size=60,
)
Event = dict[str, Any]


def events_of(subscriptions: list[Any]) -> list[Event]:
    """The rows as they land."""
    return [
        {
            "subscription_event_id": f"{number:03}-{index}",
            "subscription_id": f"s{number}",
            "contact_id": contact,
            "kind": kind,
            "changed_at": str(at),
            "mrr_minor": mrr,
            "currency": currency,
        }
        for number, (contact, currency, changes) in enumerate(subscriptions)
        for index, (at, kind, mrr) in enumerate(changes)
    ]


def in_base(amount: int, currency: str, day: date) -> int:
    """At the newest rate up to the date, half away from zero."""
    rate = Decimal(1) if currency == "EUR" else RATES[max(d for d in RATES if d <= day)]
    return int((amount * rate).quantize(Decimal(1), ROUND_HALF_UP))


def moves_of(events: list[Event]) -> list[tuple[datetime, int]]:
    """What one subscription moved, term by term."""
    ordered = sorted(
        events,
        key=lambda e: (
            datetime.fromisoformat(e["changed_at"]), e["kind"] == "cancel",
            e["subscription_event_id"],
        ),
    )  # fmt: skip
    moves, before, before_base, term = [], 0, 0, START.date()
    for event in ordered:
        at = datetime.fromisoformat(event["changed_at"])
        level = 0 if event["kind"] == "cancel" else event["mrr_minor"]
        if before == 0 and level > 0:
            term = at.date()
        base = in_base(level, event["currency"], term)
        moves.append((at, base - before_base))
        before, before_base = level, base
    return moves


def level_at(moves: list[tuple[datetime, int]], end: datetime) -> int:
    """What a customer pays just before `end`; through a pause, what was paid before it."""
    total, paid, gone_at = 0, 0, None
    steps: dict[datetime, int] = defaultdict(int)
    for at, change in moves:
        steps[at] += change
    for at in sorted(steps):
        if steps[at] == 0:
            continue
        if at >= end:
            # The next thing that happens to who had gone is that they come back.
            return paid if total == 0 and gone_at and at - gone_at <= PAUSE else total
        paid, total = (total or paid), total + steps[at]
        gone_at = at if total == 0 else None
    return total


def months_until(last: date) -> list[datetime]:
    """Beginnings of the months up to the one of `last`, and of the one after."""
    return [
        datetime(2026 + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        for month in range(last.month + 1)
    ]


def expected(events: list[Event]) -> dict[date, Counter[str]]:
    """The bridge, month by month and customer by customer."""
    of_customer: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        of_customer[event["subscription_id"]].append(event)
    customers: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for subscription, own in of_customer.items():
        contact = own[0]["contact_id"] or subscription
        customers["winner" if contact == "loser" else contact] += moves_of(own)
    last = max(datetime.fromisoformat(event["changed_at"]) for event in events).date()
    begins = months_until(last)
    bridge: dict[date, Counter[str]] = {begin.date(): Counter() for begin in begins[:-1]}
    for moves in customers.values():
        was_customer = False
        for begin, end in pairwise(begins):
            month = bridge[begin.date()]
            start, after = level_at(moves, begin), level_at(moves, end)
            month["start"] += start
            month["end"] += after
            month["logos"] += start > 0
            if start == 0 < after:
                month["reactivation" if was_customer else "new"] += after
            elif after == 0 < start:
                month["churn"] += start
                month["lost"] += 1
            elif after != start:
                month["expansion" if after > start else "contraction"] += abs(after - start)
            was_customer = was_customer or after > 0
    return bridge


COLUMNS = {
    "start": "start_minor", "new": "new_minor", "expansion": "expansion_minor",
    "contraction": "contraction_minor", "churn": "churn_minor",
    "reactivation": "reactivation_minor", "end": "end_minor", "logos": "logo_start_count",
    "lost": "logo_lost_count",
}  # fmt: skip


def built(folder: Path, loads: list[list[Event]]) -> tuple[dict[date, Any], list[Any]]:
    raw = RawWarehouse(folder, as_of="2027-03-01 00:00:00+00")
    raw.seed("brands", brand_seed("UTC", "EUR"))
    lines = [f"{day},USD,EUR,{rate}" for day, rate in RATES.items()]
    raw.seed("fx_rates", "\n".join(["rate_date,from_currency,to_currency,rate", *lines, ""]))
    raw.land("contacts", [{"contact_id": c} for c in CONTACTS if c and c != "stranger"])
    raw.land("contact_merges", [{"loser_id": "loser", "winner_id": "winner"}])
    for number, load in enumerate(loads):
        raw.land("subscription_events", load, file=f"file-{number}")
    with build_money(raw, "+revenue_bridge_monthly") as tables:
        found = rows(
            tables,
            f"select month_start_date, {', '.join(COLUMNS.values())}"
            " from marts.revenue_bridge_monthly",
        )
        everything = rows(tables, "select * from marts.revenue_bridge_monthly order by 2")
    named = {month: dict(zip(COLUMNS, amounts, strict=True)) for month, *amounts in found}
    return named, everything


@settings(
    max_examples=1,  # two builds
    deadline=None,
    phases=[Phase.generate],  # a build takes longer than shrinking is worth
    suppress_health_check=list(HealthCheck),
)
@given(SUBSCRIPTIONS, st.randoms(use_true_random=False))
def test_bridge_when_rows_arrive_in_any_order_late_and_twice_then_it_is_the_reference(
    tmp_path_factory: pytest.TempPathFactory, subscriptions: list[Any], shuffler: random.Random
) -> None:
    events = events_of(subscriptions)
    assume(len(set(map(str, subscriptions))) > 20)  # the first thing tried is one many times
    wanted = {
        month: {name: sums[name] for name in COLUMNS} for month, sums in expected(events).items()
    }
    assume(all(sum(sums[name] for sums in wanted.values()) for name in COLUMNS))  # every class
    in_order, everything = built(tmp_path_factory.mktemp("in_order"), [events])
    # Months before anybody paid at a month's end are no months of the bridge.
    assert in_order == {month: sums for month, sums in wanted.items() if month in in_order}
    assert not any(sum(sums.values()) for month, sums in wanted.items() if month not in in_order)
    for sums in in_order.values():
        gained = sums["new"] + sums["expansion"] + sums["reactivation"]
        assert sums["start"] + gained - sums["contraction"] - sums["churn"] == sums["end"]
    shuffled = shuffler.sample(events, len(events))
    half = len(events) // 2
    again = [shuffled[:half], shuffler.sample(events, half), shuffled[half:]]
    assert built(tmp_path_factory.mktemp("shuffled"), again)[1] == everything
