"""Salesforce in staging, against what the world knows of itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta

import duckdb
import pytest

from pipelines.loading.results import Status
from pipelines.sources.salesforce import SALESFORCE
from pipelines.sources.salesforce_fields import OBJECTS
from pipelines.world.crm import build_crm
from pipelines.world.deals import STAGES, close_date
from pipelines.world.fakenet.salesforce import Salesforce
from pipelines.world.fakenet.salesforce_ids import salesforce_id
from pipelines.world.fakenet.salesforce_store import lead_id
from pipelines.world.parameters import WorldParameters
from pipelines.world.salesforce import SalesWorld, build_salesforce
from pipelines.world.world import World, build_world
from tests.support.acts import rows
from tests.support.apis import ApiHome, staged_home

CHAIN_HOURS = (1, 2)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(WorldParameters(people=60, weeks=8, seed=6))


@pytest.fixture(scope="module")
def sales(world: World) -> SalesWorld:
    return build_salesforce(world)


@pytest.fixture(scope="module")
def chain(world: World) -> tuple[str, str, str]:
    """Three contacts that are merged one into the next after the first night; one is in a deal."""
    crm, sales = build_crm(world), build_salesforce(world)
    gone = {r.object_id for r in crm.removals} | {m.loser_id for m in world.population.merges}
    busy = [c for deal in world.deals for c, _, _ in deal.contacts if c not in gone]
    free = [c.contact_id for p in world.population.people for c in p.contacts
            if c.contact_id not in {*gone, *busy, *sales.leads}]  # fmt: skip
    return busy[0], free[0], free[1]


def facade(home: ApiHome) -> Salesforce:
    found = home.net.facades["salesforce"]
    assert isinstance(found, Salesforce)
    return found


@pytest.fixture(scope="module")
def home(
    world: World, chain: tuple[str, str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ApiHome]:
    """Two nights with a chain of merges between them, staged."""

    def merge(home: ApiHome) -> None:
        ids = [salesforce_id(contact_id) for contact_id in chain]
        for loser, winner, hours in zip(ids, ids[1:], CHAIN_HOURS, strict=False):
            at = home.clock.now() + timedelta(hours=hours)
            facade(home).store.merge("Contact", loser, winner, at)
        home.clock.sleep(86_400)
        home.results.append(home.night())

    folder = tmp_path_factory.mktemp("salesforce")
    with staged_home((SALESFORCE,), world, folder, after=merge) as staged:
        yield staged


def test_nights_when_read_then_every_object_of_the_org_has_landed(home: ApiHome) -> None:
    expected = facade(home).expected(home.clock.now())
    for one in OBJECTS:
        assert len(home.newest(one.table)) == expected[one.name], one.table
    assert [result.status for result in home.results] == [Status.OK, Status.OK]


def test_contacts_when_staged_then_people_and_addresses_are_the_worlds(
    built: duckdb.DuckDBPyConnection, world: World, sales: SalesWorld,
    chain: tuple[str, str, str], clear: dict[str | None, str | None],
) -> None:  # fmt: skip
    gone = {r.object_id for r in build_crm(world).removals}
    gone |= {m.loser_id for m in world.population.merges} | set(chain[:2])
    expected = set()
    for person in world.population.people:
        for contact in person.contacts:
            lead, email = sales.leads.get(contact.contact_id), contact.emails[0].lower()
            firm = salesforce_id(contact.company_id) if contact.company_id else None
            if lead is not None:
                expected.add((lead_id(contact.contact_id), email, None, person.country))
            if (lead is None or lead.converted_at) and contact.contact_id not in gone:
                native_id = salesforce_id(contact.contact_id)
                expected.add((native_id, email, firm, person.country))
    found = rows(
        built,
        "select contact_id, email_keys, company_id, country from staging.stg_salesforce__contacts"
        " where not is_deleted",
    )
    assert {(i, clear[key], firm, country) for i, key, firm, country in found} == expected
    assert len(found) == len(expected) > 20


def test_contact_merges_when_staged_then_each_link_of_a_chain_is_there_and_deals_follow(
    built: duckdb.DuckDBPyConnection, sales: SalesWorld, chain: tuple[str, str, str]
) -> None:
    a, b, c = map(salesforce_id, chain)
    told = dict(
        rows(built, "select loser_id, winner_id from staging.stg_salesforce__contact_merges")
    )
    assert (told[a], told[b]) == (b, c)
    converted = {
        lead_id(i): salesforce_id(i) for i, lead in sales.leads.items() if lead.converted_at
    }
    assert {k: v for k, v in told.items() if k in converted} == converted
    assert converted
    dated = dict(
        rows(built, "select loser_id, merged_at from staging.stg_salesforce__contact_merges")
    )
    assert dated[b] - dated[a] == timedelta(hours=CHAIN_HOURS[1] - CHAIN_HOURS[0])
    # Deals follow.
    parts = rows(
        built, "select contact_id from staging.stg_salesforce__deal_contacts where not is_deleted"
    )
    assert (c,) in parts
    assert not {(a,), (b,)} & set(parts)


def test_deals_when_staged_then_money_and_stages_are_the_worlds_to_the_minor_unit(
    built: duckdb.DuckDBPyConnection, world: World
) -> None:
    gone = {r.object_id for r in build_crm(world).removals}
    expected = {
        (
            salesforce_id(deal.deal_id), deal.states[-1].stage, STAGES[deal.states[-1].stage],
            deal.states[-1].amount_minor, "EUR", close_date(deal.states[-1]),
            salesforce_id(deal.company.company_id),
        )
        for deal in world.deals
        if deal.deal_id not in gone
    }  # fmt: skip
    found = rows(
        built,
        "select deal_id, stage, stage_category, amount_minor, currency, close_date, company_id"
        " from staging.stg_salesforce__deals where not is_deleted",
    )
    assert set(found) == expected
    assert len(found) == len(expected) > 3


def test_deal_versions_when_staged_then_every_state_is_dated_as_it_happened(
    built: duckdb.DuckDBPyConnection, world: World
) -> None:
    long_gone = {
        r.object_id for r in build_crm(world).removals
        if r.removed_at < world.parameters.as_of - timedelta(days=15)
    }  # fmt: skip
    expected = {
        (
            salesforce_id(deal.deal_id), number, state.stage, STAGES[state.stage],
            state.amount_minor, state.since.astimezone(UTC).replace(microsecond=0),
        )
        for deal in world.deals
        if deal.deal_id not in long_gone
        for number, state in enumerate(deal.states, start=1)
    }  # fmt: skip
    found = rows(
        built,
        "select deal_id, version_number, stage, stage_category, amount_minor, version_at"
        " from staging.stg_salesforce__deal_versions",
    )
    assert {(*row[:5], row[5].astimezone(UTC)) for row in found} == expected


def test_companies_when_staged_then_domains_are_the_worlds(
    built: duckdb.DuckDBPyConnection, world: World
) -> None:
    found = rows(built, "select company_id, name, domain from staging.stg_salesforce__companies")
    assert set(found) == {
        (salesforce_id(c.company_id), c.name, c.domain) for c in world.population.companies
    }
