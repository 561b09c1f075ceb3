"""What the world's sales team keeps beside contacts and deals: leads, campaigns, calls, meetings.

It follows from a world and adds nothing to it: some contacts were leads first, or still are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.world.crm import build_crm
from pipelines.world.dice import Dice
from pipelines.world.records import Contact
from pipelines.world.world import World

LEAD_SHARE, CONVERTED_SHARE = 0.3, 0.5
SHORTEST_LEAD = timedelta(days=1)


@dataclass(frozen=True)
class SalesLead:
    """A contact that began as a lead; `converted_at` None: it still is one, and no contact."""

    contact_id: str
    created_at: datetime
    converted_at: datetime | None


@dataclass(frozen=True)
class Membership:
    """A contact that a campaign reached, and when it first responded."""

    campaign: str
    contact_id: str
    responded_at: datetime


@dataclass(frozen=True)
class Activity:
    """A call or a meeting about a deal, with its first contact; empty: with nobody known."""

    activity_id: str
    is_meeting: bool
    deal_id: str
    contact_id: str
    owner_id: str
    at: datetime


@dataclass(frozen=True)
class SalesWorld:
    """All records. `leads` by contact id; `campaigns`: name → first day."""

    leads: dict[str, SalesLead]
    campaigns: dict[str, datetime]
    members: tuple[Membership, ...]
    activities: tuple[Activity, ...]


def build_salesforce(world: World) -> SalesWorld:
    """Derive the sales team's records; the same world always gives the same ones."""
    leads = _leads(world)
    members = _members(world, leads)
    campaigns: dict[str, datetime] = {}
    for member in sorted(members, key=lambda m: m.responded_at):
        campaigns.setdefault(member.campaign, member.responded_at)
    return SalesWorld(leads, campaigns, members, _activities(world))


def _leads(world: World) -> dict[str, SalesLead]:
    """Of contacts without deals, cases, merges and ends: part began as leads."""
    dice, end = Dice(world.parameters.seed, "salesforce"), world.parameters.as_of
    crm = build_crm(world)
    busy = {i for m in world.population.merges for i in (m.loser_id, m.winner_id)}
    busy |= {contact_id for deal in world.deals for contact_id, _, _ in deal.contacts}
    busy |= {removal.object_id for removal in crm.removals}
    busy |= {ticket.contact_id for ticket in crm.tickets}
    leads: dict[str, SalesLead] = {}
    for contact in _contacts(world):
        is_lead, is_converted = dice.chance(LEAD_SHARE), dice.chance(CONVERTED_SHARE)
        share = dice.uniform()
        if contact.contact_id in busy or not is_lead:
            continue
        left = end - contact.created_at - SHORTEST_LEAD
        can_convert = is_converted and left > timedelta(0)
        at = contact.created_at + SHORTEST_LEAD + left * share if can_convert else None
        leads[contact.contact_id] = SalesLead(contact.contact_id, contact.created_at, at)
    return leads


def _contacts(world: World) -> list[Contact]:
    return [contact for person in world.population.people for contact in person.contacts]


def _members(world: World, leads: dict[str, SalesLead]) -> tuple[Membership, ...]:
    """The first click of each contact in each campaign, of those who never were a lead or ended."""
    ended = {removal.object_id for removal in build_crm(world).removals}
    born = {c.contact_id: c.created_at for c in _contacts(world)}
    first: dict[tuple[str, str], datetime] = {}
    for click in world.clicks:
        known = click.campaign and click.contact_id in born and click.contact_id not in ended
        if not known or click.contact_id in leads or click.clicked_at < born[click.contact_id]:
            continue
        place = (click.campaign, click.contact_id)
        first[place] = min(click.clicked_at, first.get(place, click.clicked_at))
    return tuple(Membership(*place, at) for place, at in sorted(first.items()))


def _activities(world: World) -> tuple[Activity, ...]:
    """A call at each step of a deal, a meeting where it comes to a negotiation."""
    found: list[Activity] = []
    for deal in world.deals:
        contact_id = deal.contacts[0][0] if deal.contacts else ""
        for step, state in enumerate(deal.states):
            is_meeting = state.stage == "Negotiation"
            activity_id = f"{'M' if is_meeting else 'A'}{deal.deal_id[1:]}-{step}"
            found.append(
                Activity(
                    activity_id, is_meeting, deal.deal_id, contact_id, deal.owner_id, state.since
                )
            )  # fmt: skip
    return tuple(found)
