"""The CRM of a world as HubSpot keeps it: numeric ids, every value text, versions over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from pipelines.world.bluesky import BlueskyWorld
from pipelines.world.crm import Crm, build_crm
from pipelines.world.deals import OWNERS, STAGES, close_date
from pipelines.world.fakenet.facade import stable_hex, utc_text
from pipelines.world.fakenet.hubspot_catalogue import STAGE_IDS, TICKET_STAGES
from pipelines.world.fakenet.store import Fate, Record, Store, Version
from pipelines.world.records import Contact, Person
from pipelines.world.world import World

# Where ids of each kind begin; those of contacts are beyond what a 32-bit integer holds.
ID_BASES = {"contact": 70_000_000_000, "company": 30_000_000_000, "deal": 40_000_000_000}
TICKET_BASE, OWNER_BASE, USER_BASE = 20_000_000_000, 80_000_000, 9_000_000
Values = dict[str, Any]
LOWEST_BAND = {"1-9": 5, "10-49": 25, "50-249": 120}


def hubspot_id(object_id: str) -> str:
    """HubSpot's id of a contact (`K…`), company (`C…`), deal (`D…`), ticket (`T…`) or owner."""
    if object_id in OWNERS:
        return str(OWNER_BASE + OWNERS.index(object_id) + 1)
    number, _, twin = object_id[1:].partition("-")
    base = {"K": "contact", "C": "company", "D": "deal"}.get(object_id[0])
    return str((ID_BASES[base] if base else TICKET_BASE) + 10 * int(number) + int(twin or 0))


def stamped(instant: datetime, object_id: str) -> datetime:
    """The instant with the milliseconds the CRM gave it; every object its own."""
    return instant.astimezone(UTC) + timedelta(
        milliseconds=int(stable_hex(object_id)[:6], 16) % 1000
    )


def hubspot_store(world: World, bluesky: BlueskyWorld) -> Store:
    """All objects of the portal, with archives, merges and erasures in the order they happened."""
    crm = build_crm(world)
    store = Store()
    for record in (
        *_companies(world, crm), *_contacts(world, crm, bluesky), *_deals(world), *_tickets(crm),
        *_owners(crm),
    ):  # fmt: skip
        store.put(record)
    merges = sorted(world.population.merges, key=lambda m: (m.merged_at, m.loser_id))
    for merge in merges:
        loser, winner = hubspot_id(merge.loser_id), hubspot_id(merge.winner_id)
        store.merge("contacts", loser, winner, merge.merged_at)
    for removal in crm.removals:
        end = store.erase if removal.is_erasure else store.delete
        end(f"{removal.kind}s", hubspot_id(removal.object_id), removal.removed_at)
    return store


def _record(kind: str, object_id: str, versions: list[tuple[datetime, Values]]) -> Record:
    """A record from its fields at each time; equal times keep only the last."""
    by_time = {stamped(at, object_id): fields for at, fields in versions}
    return Record(
        kind, hubspot_id(object_id), tuple(Version(at, by_time[at]) for at in sorted(by_time))
    )


def _companies(world: World, crm: Crm) -> Iterator[Record]:
    for company in world.population.companies:
        fields = {
            "name": company.name,
            "domain": company.domain,
            "industry": company.industry.upper(),
            "numberofemployees": str(LOWEST_BAND[company.size_band]),
            "hubspot_owner_id": hubspot_id(crm.owner_of[company.company_id]),
        }
        yield _record("companies", company.company_id, [(world.parameters.starts_at, fields)])


def _contacts(world: World, crm: Crm, bluesky: BlueskyWorld) -> Iterator[Record]:
    for person in world.population.people:
        for contact in person.contacts:
            created = _contact_fields(person, contact, crm, bluesky)
            versions: list[tuple[datetime, Values]] = [
                (contact.created_at, created | {"phone": None}),
                (contact.updated_at, created),
            ]
            since = crm.customer_since.get(person.person_id)
            if since and since >= contact.created_at:
                bought = {
                    "lifecyclestage": "customer",
                    # A shop's plug-in wrote this one: epoch milliseconds, not ISO 8601.
                    "first_order_at": str(int(since.timestamp()) * 1000),
                }
                versions = [(at, f | bought if at >= since else f) for at, f in versions]
                versions.append((since, _at(versions, since) | bought))
            yield _record("contacts", contact.contact_id, versions)


def _at(versions: list[tuple[datetime, Values]], instant: datetime) -> Values:
    """The newest fields not after the instant."""
    return dict(max((v for v in versions if v[0] <= instant), key=lambda v: v[0])[1])


def _contact_fields(person: Person, contact: Contact, crm: Crm, bluesky: BlueskyWorld) -> Values:
    account = bluesky.account_of.get(person.person_id)
    declares = bool(contact.social_profiles) and account is not None
    return {
        "email": contact.emails[0],
        "firstname": person.given_name,
        "lastname": person.family_name,
        "phone": contact.phones[0] if contact.phones else None,
        "country": person.country,
        "hs_language": person.language,
        "lifecyclestage": "lead",
        "first_order_at": None,
        "hs_email_optout": "true" if person.affinity < -1 else "false",
        "bluesky_handle": account.handle if declares and account else None,
        "associatedcompanyid": hubspot_id(contact.company_id) if contact.company_id else None,
        "hubspot_owner_id": hubspot_id(crm.owner_of[contact.contact_id]),
    }


def _deals(world: World) -> Iterator[Record]:
    for deal in world.deals:
        versions: list[tuple[datetime, Values]] = []
        for state in deal.states:
            is_closed = STAGES[state.stage] != "open"
            fields = {
                "dealname": f"{deal.company.name}: {deal.product}",
                "pipeline": "default",
                "dealstage": STAGE_IDS[state.stage],
                "amount": str(Decimal(state.amount_minor) / 100),
                "deal_currency_code": "EUR",
                "closedate": f"{close_date(state):%Y-%m-%dT00:00:00Z}",
                "hs_is_closed_won": "true" if STAGES[state.stage] == "won" else "false",
                "hs_is_closed": "true" if is_closed else "false",
                "hubspot_owner_id": hubspot_id(deal.owner_id),
                "_company": hubspot_id(deal.company.company_id),
                "_contacts": tuple((hubspot_id(c), role) for c, role, _ in deal.contacts),
            }
            versions.append((state.since, fields))
        yield _record("deals", deal.deal_id, versions)


def _tickets(crm: Crm) -> Iterator[Record]:
    new, closed = TICKET_STAGES[0][0], TICKET_STAGES[-1][0]
    for ticket in crm.tickets:
        fields = {
            "subject": f"Complaint on {ticket.network}",
            "hs_pipeline": "0",
            "hs_pipeline_stage": new,
            "source_type": "SOCIAL",
            "closed_date": None,
            "_contacts": ((hubspot_id(ticket.contact_id), ""),),
        }
        versions: list[tuple[datetime, Values]] = [(ticket.opened_at, fields)]
        if ticket.closed_at:
            done = {"hs_pipeline_stage": closed, "closed_date": utc_text(ticket.closed_at)}
            versions.append((ticket.closed_at, fields | done))
        yield _record("tickets", ticket.ticket_id, versions)


def _owners(crm: Crm) -> Iterator[Record]:
    for number, owner in enumerate(crm.owners, start=1):
        fields = {
            "email": f"sales{number}@beanandbond.example",
            "firstName": owner.given_name,
            "lastName": owner.family_name,
            "userId": USER_BASE + number,
        }
        at = stamped(owner.since, owner.owner_id)
        yield Record(
            "owners", hubspot_id(owner.owner_id), (Version(at, fields),),
            Fate.DELETED if owner.left_at else None, owner.left_at,
        )  # fmt: skip
