"""The CRM of a world as Salesforce keeps it: objects with API names, versions over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.world.crm import Crm, build_crm
from pipelines.world.deals import close_date
from pipelines.world.fakenet.salesforce_catalogue import SOCIAL_FIELDS, STAGES
from pipelines.world.fakenet.salesforce_ids import named, salesforce_id
from pipelines.world.fakenet.store import Record, Store, Version
from pipelines.world.parameters import BASE_CURRENCY
from pipelines.world.records import Contact, Deal, DealState, Person
from pipelines.world.salesforce import SalesLead, SalesWorld
from pipelines.world.world import World

Values = dict[str, Any]
LOWEST_BAND = {"1-9": 5, "10-49": 25, "50-249": 120}
OPEN_STATUS, CLOSED_STATUS, LEAD_OPEN, LEAD_DONE = "New", "Closed", "Working", "Qualified"
MEETING_LENGTH = timedelta(hours=1)


def lead_id(contact_id: str) -> str:
    """The id of the lead that a contact of the world was, or is."""
    return salesforce_id(f"L{contact_id[1:]}")


def second(instant: datetime) -> datetime:
    """The instant as Salesforce keeps it: whole seconds, UTC."""
    return instant.astimezone(UTC).replace(microsecond=0)


def salesforce_store(world: World, sales: SalesWorld) -> Store:
    """All objects of the org, with merges, deletions and erasures in the order they happened."""
    crm, store = build_crm(world), Store()
    for record in (
        *_users(crm), *_stages(world), *_accounts(world, crm), *_people(world, crm, sales),
        *_deals(world), *_cases(crm), *_activities(sales), *_campaigns(sales),
    ):  # fmt: skip
        store.put(record)
    for merge in sorted(world.population.merges, key=lambda m: (m.merged_at, m.loser_id)):
        loser, winner = salesforce_id(merge.loser_id), salesforce_id(merge.winner_id)
        store.merge("Contact", loser, winner, second(merge.merged_at))
    for removal in crm.removals:
        at = second(removal.removed_at)
        native_id = salesforce_id(removal.object_id)
        if removal.kind == "deal":
            for kind, child_id in _children(world, removal.object_id):
                store.delete(kind, child_id, at)
        kind = {"contact": "Contact", "deal": "Opportunity"}[removal.kind]
        (store.erase if removal.is_erasure else store.delete)(kind, native_id, at)
    return store


def _record(kind: str, native_id: str, versions: list[tuple[datetime, Values]]) -> Record:
    """A record from its fields at each time; equal times keep only the last."""
    by_time = {second(at): fields for at, fields in versions}
    return Record(kind, native_id, tuple(Version(at, by_time[at]) for at in sorted(by_time)))


def _users(crm: Crm) -> Iterator[Record]:
    for number, owner in enumerate(crm.owners, start=1):
        email = f"sales{number}@beanandbond.example"
        fields = {"Name": f"{owner.given_name} {owner.family_name}", "Email": email,
                  "Username": email, "IsActive": True}  # fmt: skip
        versions = [(owner.since, fields)]
        if owner.left_at:
            versions.append((owner.left_at, fields | {"IsActive": False}))
        yield _record("User", salesforce_id(owner.owner_id), versions)


def _stages(world: World) -> Iterator[Record]:
    for order, (name, (is_closed, is_won, probability)) in enumerate(STAGES.items(), start=1):
        fields = {
            "MasterLabel": name, "ApiName": name, "IsActive": True, "IsClosed": is_closed,
            "IsWon": is_won, "DefaultProbability": probability, "SortOrder": order,
        }  # fmt: skip
        native_id = named("01J", name)
        yield _record("OpportunityStage", native_id, [(world.parameters.starts_at, fields)])


def _accounts(world: World, crm: Crm) -> Iterator[Record]:
    for company in world.population.companies:
        fields = {
            "Name": company.name, "Website": f"https://www.{company.domain}/",
            "Industry": company.industry.title(),
            "NumberOfEmployees": LOWEST_BAND[company.size_band], "BillingCountry": "Italy",
            "OwnerId": salesforce_id(crm.owner_of[company.company_id]), "IsPersonAccount": False,
        }  # fmt: skip
        native_id = salesforce_id(company.company_id)
        yield _record("Account", native_id, [(world.parameters.starts_at, fields)])


def _people(world: World, crm: Crm, sales: SalesWorld) -> Iterator[Record]:
    """Contacts, and leads: a converted one stays and names the contact that it became."""
    for person in world.population.people:
        for contact in person.contacts:
            common = _person_fields(person, contact, crm)
            lead = sales.leads.get(contact.contact_id)
            if lead is not None:
                yield _lead(person, contact, lead, common)
            if lead is None or lead.converted_at is not None:
                yield _contact(person, contact, lead, common)


def _person_fields(person: Person, contact: Contact, crm: Crm) -> Values:
    return {
        "FirstName": person.given_name, "LastName": person.family_name,
        "Email": contact.emails[0], "Phone": contact.phones[0] if contact.phones else None,
        "OwnerId": salesforce_id(crm.owner_of[contact.contact_id]),
        "HasOptedOutOfEmail": person.affinity < -1, "LeadSource": "Web",
    }  # fmt: skip


def _lead(person: Person, contact: Contact, lead: SalesLead, common: Values) -> Record:
    fields = common | {
        "Company": "[not provided]", "Country": person.country, "CountryCode": person.country,
        "Status": LEAD_OPEN, "IsConverted": False,
    }  # fmt: skip
    versions = [(lead.created_at, fields)]
    if lead.converted_at:
        done = {
            "Status": LEAD_DONE, "IsConverted": True, "ConvertedDate": lead.converted_at.date(),
            "ConvertedContactId": salesforce_id(contact.contact_id),
        }  # fmt: skip
        versions.append((lead.converted_at, fields | done))
    return _record("Lead", lead_id(contact.contact_id), versions)


def _contact(person: Person, contact: Contact, lead: SalesLead | None, common: Values) -> Record:
    declared = (profile.partition("|") for profile in contact.social_profiles)
    fields = common | {
        "AccountId": salesforce_id(contact.company_id) if contact.company_id else None,
        "MailingCountry": person.country, "MailingCountryCode": person.country,
    }  # fmt: skip
    fields |= {SOCIAL_FIELDS[network]: handle for network, _, handle in declared}
    if lead is not None and lead.converted_at is not None:
        versions = [(lead.converted_at, fields)]
    else:
        versions = [(contact.created_at, fields | {"Phone": None}), (contact.updated_at, fields)]
    return _record("Contact", salesforce_id(contact.contact_id), versions)


def _deals(world: World) -> Iterator[Record]:
    for deal in world.deals:
        native_id = salesforce_id(deal.deal_id)
        common = {
            "Name": f"{deal.company.name}: {deal.product}", "Type": "New Customer",
            "AccountId": salesforce_id(deal.company.company_id),
            "OwnerId": salesforce_id(deal.owner_id),
        }  # fmt: skip
        states = [(state.since, common | _state_fields(state)) for state in deal.states]
        yield _record("Opportunity", native_id, states)
        for step, state in enumerate(deal.states):
            fields = {"OpportunityId": native_id} | _state_fields(state)
            for name in ("IsClosed", "IsWon"):
                fields.pop(name)
            history_id = named("008", deal.deal_id, step)
            yield _record("OpportunityHistory", history_id, [(state.since, fields)])
        yield from _roles(deal)


def _state_fields(state: DealState) -> Values:
    is_closed, is_won, probability = STAGES[state.stage]
    return {
        "StageName": state.stage, "IsClosed": is_closed, "IsWon": is_won,
        "Probability": float(probability), "Amount": state.amount_minor / 100,
        "CurrencyIsoCode": BASE_CURRENCY, "CloseDate": close_date(state),
    }  # fmt: skip


def _roles(deal: Deal) -> Iterator[Record]:
    for place, (contact_id, role, _) in enumerate(deal.contacts):
        fields = {
            "OpportunityId": salesforce_id(deal.deal_id), "ContactId": salesforce_id(contact_id),
            "Role": role.title(), "IsPrimary": place == 0,
        }  # fmt: skip
        role_id = named("00K", deal.deal_id, contact_id)
        yield _record("OpportunityContactRole", role_id, [(deal.states[0].since, fields)])


def _children(world: World, deal_id: str) -> Iterator[tuple[str, str]]:
    """What goes into the bin with a deal: kind and id."""
    deal = next(deal for deal in world.deals if deal.deal_id == deal_id)
    yield from (("OpportunityHistory", named("008", deal_id, n)) for n in range(len(deal.states)))
    for contact_id, _, _ in deal.contacts:
        yield "OpportunityContactRole", named("00K", deal_id, contact_id)


def _cases(crm: Crm) -> Iterator[Record]:
    for number, ticket in enumerate(crm.tickets, start=1):
        fields = {
            "CaseNumber": f"{number:08d}", "ContactId": salesforce_id(ticket.contact_id),
            "Status": OPEN_STATUS, "Origin": ticket.network.title(), "Priority": "Medium",
            "Subject": f"Complaint on {ticket.network}", "IsClosed": False,
        }  # fmt: skip
        versions = [(ticket.opened_at, fields)]
        if ticket.closed_at:
            done = {"Status": CLOSED_STATUS, "IsClosed": True,
                    "ClosedDate": second(ticket.closed_at)}  # fmt: skip
            versions.append((ticket.closed_at, fields | done))
        yield _record("Case", salesforce_id(ticket.ticket_id), versions)


def _activities(sales: SalesWorld) -> Iterator[Record]:
    for one in sales.activities:
        at = second(one.at)
        fields: Values = {
            "WhatId": salesforce_id(one.deal_id), "OwnerId": salesforce_id(one.owner_id),
            "WhoId": salesforce_id(one.contact_id) if one.contact_id else None,
        }  # fmt: skip
        if one.is_meeting:
            kind, more = "Event", {"Subject": "Meeting", "StartDateTime": at,
                                   "EndDateTime": at + MEETING_LENGTH}  # fmt: skip
        else:
            kind, more = "Task", {
                "Subject": "Call", "Status": "Completed", "TaskSubtype": "Call", "IsClosed": True,
                "ActivityDate": at.date(), "CompletedDateTime": at,
            }  # fmt: skip
        yield _record(kind, salesforce_id(one.activity_id), [(at, fields | more)])


def _campaigns(sales: SalesWorld) -> Iterator[Record]:
    for name, since in sales.campaigns.items():
        fields = {
            "Name": name, "Type": "Email", "Status": "In Progress", "StartDate": since.date(),
            "CurrencyIsoCode": BASE_CURRENCY, "IsActive": True,
        }  # fmt: skip
        yield _record("Campaign", named("701", name), [(since, fields)])
    for member in sales.members:
        fields = {
            "CampaignId": named("701", member.campaign),
            "ContactId": salesforce_id(member.contact_id), "Status": "Responded",
            "HasResponded": True, "FirstRespondedDate": member.responded_at.date(),
        }  # fmt: skip
        member_id = named("00v", member.campaign, member.contact_id)
        yield _record("CampaignMember", member_id, [(member.responded_at, fields)])


def salesforce_ids(world: World, sales: SalesWorld) -> dict[str, list[str]]:
    """All records of a person: contacts, and the leads they were."""
    found: dict[str, list[str]] = {}
    for person in world.population.people:
        for contact in person.contacts:
            lead = sales.leads.get(contact.contact_id)
            mine = found.setdefault(person.person_id, [])
            if lead is not None:
                mine.append(lead_id(contact.contact_id))
            if lead is None or lead.converted_at is not None:
                mine.append(salesforce_id(contact.contact_id))
    return found
