"""What a CRM knows beyond contacts and deals: owners, tickets, and what was deleted or forgotten.

It follows from a world and adds nothing to it: the demo's files do not show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.world.deals import OWNERS
from pipelines.world.dice import Dice
from pipelines.world.records import Person, Turn
from pipelines.world.world import World

OWNER_NAMES = (("Giulia", "Ferri"), ("Tom", "Hale"), ("Ирина", "Белова"))
ARCHIVED_SHARE, ERASED_SHARE = 0.02, 0.001
SMALLEST_WITH_ERASURE = 50  # contacts: below, nobody asks to be forgotten
OWNER_LEFT_AFTER_SHARE = 0.7  # of the history: then the last owner leaves


@dataclass(frozen=True)
class SalesOwner:
    """Who looks after contacts and deals; `left_at` None: still there."""

    owner_id: str
    given_name: str
    family_name: str
    since: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class Ticket:
    """A complaint that became a case; `closed_at` None: open."""

    ticket_id: str
    contact_id: str
    network: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Removal:
    """An object that was put into the bin (`is_erasure` False) or forgotten for good."""

    kind: str
    object_id: str
    removed_at: datetime
    is_erasure: bool


@dataclass(frozen=True)
class Crm:
    """The CRM's additions to a world. `customer_since`: first counting order by person id."""

    owners: tuple[SalesOwner, ...]
    tickets: tuple[Ticket, ...]
    removals: tuple[Removal, ...]
    owner_of: dict[str, str]  # contact or company id → owner id
    customer_since: dict[str, datetime]


def build_crm(world: World) -> Crm:
    """Derive the CRM of a world; the same world always gives the same CRM."""
    dice = Dice(world.parameters.seed, "crm")
    owned = [c.contact_id for p in world.population.people for c in p.contacts]
    owned += [c.company_id for c in world.population.companies]
    owner_of = {object_id: dice.pick(OWNERS) for object_id in owned}
    since: dict[str, datetime] = {}
    for order in sorted(world.orders, key=lambda o: (o.ordered_at, o.order_id)):
        if order.counts:
            since.setdefault(order.person_id, order.ordered_at)
    return Crm(_owners(world), _tickets(world), _removals(dice, world), owner_of, since)


def _owners(world: World) -> tuple[SalesOwner, ...]:
    begin, end = world.parameters.starts_at, world.parameters.as_of
    left_at = begin + (end - begin) * OWNER_LEFT_AFTER_SHARE
    return tuple(
        SalesOwner(
            owner_id, given, family, begin, left_at if owner_id == OWNERS[-1] else None
        )
        for owner_id, (given, family) in zip(OWNERS, OWNER_NAMES, strict=True)
    )  # fmt: skip


def _tickets(world: World) -> tuple[Ticket, ...]:
    """One per complaint of somebody whom the CRM already knew."""
    people = {p.person_id: p for p in world.population.people}
    complaints = sorted(
        (t for t in world.said.turns if t.topic == "complaint"),
        key=lambda t: (t.opened_at, t.network, t.thread_id),
    )
    known = [(t, c) for t in complaints if (c := _contact_at(people[t.person_id], t))]
    return tuple(
        Ticket(f"T{number:05d}", contact_id, turn.network, turn.opened_at, turn.answered_at)
        for number, (turn, contact_id) in enumerate(known, start=1)
    )


def _contact_at(person: Person, turn: Turn) -> str:
    known = [c.contact_id for c in person.contacts if c.created_at < turn.opened_at]
    return known[0] if known else ""


def _removals(dice: Dice, world: World) -> tuple[Removal, ...]:
    """Contacts without a deal and old deals into the bin; a few people are forgotten."""
    end = world.parameters.as_of
    merged = {i for m in world.population.merges for i in (m.loser_id, m.winner_id)}
    busy = merged | {contact_id for d in world.deals for contact_id, _, _ in d.contacts}
    free = [c for p in world.population.people for c in p.contacts if c.contact_id not in busy]
    removals: list[Removal] = []

    def moment(after: datetime) -> datetime:
        hours = max(2, int((end - after) / timedelta(hours=1)) - 1)
        return after + timedelta(hours=dice.integer(1, hours - 1))

    for contact in free:
        if dice.chance(ARCHIVED_SHARE):
            at = moment(contact.updated_at)
            removals.append(Removal("contact", contact.contact_id, at, False))
    removals += [
        Removal("deal", deal.deal_id, moment(deal.states[-1].since), False)
        for deal in world.deals
        if dice.chance(ARCHIVED_SHARE)
    ]
    binned = {r.object_id for r in removals}
    forgettable = [c for c in free if c.contact_id not in binned]
    wanted = max(1, round(ERASED_SHARE * len(forgettable)))
    count = wanted if len(forgettable) >= SMALLEST_WITH_ERASURE else 0
    first = dice.integer(0, max(0, len(forgettable) - count))
    for contact in forgettable[first : first + count]:
        at = moment(contact.updated_at)
        removals.append(Removal("contact", contact.contact_id, at, True))
    return tuple(r for r in removals if r.removed_at < end)
