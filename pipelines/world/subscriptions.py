"""The coffee club as the shop's own list tells it: who joined, changed the plan, left, came back.

Its monthly payments are orders of the shop, if anything: the list has prices only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import WorldParameters
from pipelines.world.records import Contact, Order, Person

MEMBER_SHARE, CHANGE_SHARE, LEAVE_SHARE, RETURN_SHARE = 0.08, 0.2, 0.12, 0.6  # last three: a month
PRICES = (900, 1_900, 2_900, 4_900)  # per month, in minor units of what the member pays in
MONTH = timedelta(days=30)


@dataclass(frozen=True)
class SubscriptionEvent:
    """One change; `mrr_minor`: price per month after it. `number`: of the subscription's rows."""

    subscription_id: str
    number: int
    contact: Contact
    kind: str
    changed_at: datetime
    mrr_minor: int
    currency: str


def subscribe(
    parameters: WorldParameters, people: tuple[Person, ...], orders: tuple[Order, ...]
) -> tuple[SubscriptionEvent, ...]:
    """All changes of all memberships, by person and time; members have bought something before."""
    dice = Dice(parameters.seed, "subscriptions")
    firsts: dict[str, datetime] = {}
    for order in orders:
        if order.counts:
            at = firsts.get(order.person_id, order.ordered_at)
            firsts[order.person_id] = min(at, order.ordered_at)
    events: list[SubscriptionEvent] = []
    for person in people:
        known = [c for c in person.contacts if person.person_id in firsts]
        if not known or person.is_bot or not dice.chance(MEMBER_SHARE):
            continue
        since = max(firsts[person.person_id], known[0].created_at)
        joins_at = since + timedelta(hours=dice.integer(1, 14 * 24))
        events += _membership(dice, person, known[0], joins_at, parameters.as_of)
    return tuple(event for event in events if event.changed_at < parameters.as_of)


def _membership(
    dice: Dice, person: Person, contact: Contact, at: datetime, end: datetime
) -> list[SubscriptionEvent]:
    """Month by month: another plan, the same, the end; of those who leave, some come back."""
    subscription_id = f"CLUB-{person.person_id}"
    events: list[SubscriptionEvent] = []

    def add(kind: str, price: int) -> None:
        events.append(
            SubscriptionEvent(
                subscription_id, len(events) + 1, contact, kind, at, price, person.pays_in
            )
        )

    price = dice.pick(PRICES)
    add("start", price)
    while at < end:
        at += MONTH
        fate = dice.uniform()
        if fate < LEAVE_SHARE:
            add("cancel", 0)
            if not dice.chance(RETURN_SHARE):
                break
            at += timedelta(days=dice.integer(3, 75))  # a pause, or longer
            price = dice.pick(PRICES)
            add("start", price)
        elif fate < LEAVE_SHARE + CHANGE_SHARE:
            before, price = price, dice.pick([p for p in PRICES if p != price])
            add("expand" if price > before else "contract", price)
        else:
            add("renew", price)
    return events
