"""HubSpot's own Python client reads the fake: what it cannot parse, an extractor must not meet.

Needs `hubspot-api-client` 12.0.0, which is no dependency of the product.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.world.fakenet.faults import Rule
from pipelines.world.fakenet.faults_pages import removed
from pipelines.world.fakenet.hubspot import TOKEN
from pipelines.world.fakenet.hubspot_store import hubspot_id, stamped
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.world import World

pytest.importorskip("hubspot", reason="the vendor's client is not installed")

from hubspot.crm import companies, contacts, deals, owners, pipelines, properties, tickets
from hubspot.crm.associations import v4

MODULES = {"contacts": contacts, "companies": companies, "deals": deals, "tickets": tickets}


def client(net: FakeNet, module: Any, token: str = TOKEN) -> Any:
    configuration = module.Configuration(host=net.url("hubspot"))
    configuration.access_token = token
    configuration.retries = False
    configuration.client_side_validation = True  # off by default: it would let anything pass
    return module.ApiClient(configuration)


def everything(get_page: Any, **more: Any) -> list[Any]:
    """Follow `paging.next.after` to the end."""
    found, after = [], None
    while True:
        page = get_page(**more, **({"after": after} if after else {}))
        found += page.results
        if page.paging is None or page.paging.next is None:
            return found
        after = page.paging.next.after


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("limit", [1, 10, 100])
def test_list_when_the_client_pages_then_ids_and_counts_are_the_oracles(
    net: FakeNet, kind: str, limit: int
) -> None:
    module = MODULES[kind]
    found = everything(module.BasicApi(client(net, module)).get_page, limit=limit)
    now = net.clock.now()

    assert len({item.id for item in found}) == len(found)
    assert len(found) == net.facades["hubspot"].expected(now)[kind] > 0
    assert {type(item.created_at) for item in found} == {datetime}


def test_contacts_when_the_client_parses_times_then_they_are_the_worlds(
    net: FakeNet, judged_world: World
) -> None:
    found = everything(
        contacts.BasicApi(client(net, contacts)).get_page, limit=100, properties=["email"]
    )
    created = {item.id: item.created_at.astimezone(UTC) for item in found}
    checked = 0
    for person in judged_world.population.people:
        for contact in person.contacts:
            if (shown := created.get(hubspot_id(contact.contact_id))) is not None:
                assert shown == stamped(contact.created_at, contact.contact_id)
                checked += 1

    assert checked == len(found) > 50


def test_search_when_the_client_filters_then_it_finds_the_deals_won(
    net: FakeNet, judged_world: World
) -> None:
    api = deals.SearchApi(client(net, deals))
    condition = {"propertyName": "hs_is_closed_won", "operator": "EQ", "value": "true"}
    request = deals.PublicObjectSearchRequest(
        filter_groups=[{"filters": [condition]}], limit=100, properties=["dealstage"],
        sorts=["createdate"], after="0",
    )  # fmt: skip
    page = api.do_search(public_object_search_request=request)
    won = {hubspot_id(d.deal_id) for d in judged_world.deals if d.states[-1].stage == "Closed Won"}

    assert page.total == len(page.results) > 0
    assert {item.id for item in page.results} <= won
    assert {item.properties["dealstage"] for item in page.results} == {"closedwon"}


def test_batch_when_some_ids_are_unknown_then_the_client_reads_both_kinds_of_answer(
    net: FakeNet,
) -> None:
    api = contacts.BatchApi(client(net, contacts))
    known = contacts.BasicApi(client(net, contacts)).get_page(limit=1).results[0].id

    def read(*ids: str) -> Any:
        body = contacts.BatchReadInputSimplePublicObjectId(
            inputs=[{"id": i} for i in ids], properties=["email"], properties_with_history=[]
        )
        return api.read(batch_read_input_simple_public_object_id=body)

    whole, partial = read(known), read(known, "404")
    assert (whole.status, [item.id for item in whole.results]) == ("COMPLETE", [known])
    assert [item.id for item in partial.results] == [known]
    assert partial.num_errors == 1
    assert partial.errors[0].context == {"ids": ["404"]}


def test_references_when_the_client_reads_them_then_they_parse(net: FakeNet) -> None:
    people = everything(owners.OwnersApi(client(net, owners)).get_page, limit=1)
    (pipeline,) = pipelines.PipelinesApi(client(net, pipelines)).get_all("deals").results
    names = [
        p.name for p in properties.CoreApi(client(net, properties)).get_all("contacts").results
    ]

    assert [owner.email for owner in people] == [
        "sales1@beanandbond.example", "sales2@beanandbond.example",
    ]  # fmt: skip
    assert [stage.id for stage in pipeline.stages][-2:] == ["closedwon", "closedlost"]
    assert "hs_merged_object_ids" in names


def test_associations_when_the_client_reads_them_then_deals_have_their_contacts(
    net: FakeNet, judged_world: World
) -> None:
    deal = next(d for d in judged_world.deals if d.contacts)
    body = v4.BatchInputPublicFetchAssociationsBatchRequest(
        inputs=[{"id": hubspot_id(deal.deal_id)}]
    )
    answer = v4.BatchApi(client(net, v4)).get_page(
        "deals", "contacts", batch_input_public_fetch_associations_batch_request=body
    )

    (row,) = answer.results
    expected = {hubspot_id(contact_id) for contact_id, _, _ in deal.contacts}
    assert {to.to_object_id for to in row.to} <= expected
    assert row.to[0].association_types[0].category == "HUBSPOT_DEFINED"


def test_history_and_archive_when_the_client_reads_them_then_they_parse(net: FakeNet) -> None:
    net.facades["hubspot"].store.delete(
        "deals", "40000000010", net.clock.now() - timedelta(hours=1)
    )
    api = deals.BasicApi(client(net, deals))
    page = api.get_page(limit=10, properties_with_history=["dealstage"])
    archived = everything(api.get_page, archived=True)

    changes = page.results[0].properties_with_history["dealstage"]
    assert changes == sorted(changes, key=lambda c: c.timestamp, reverse=True)
    assert "40000000010" in {item.id for item in archived}
    assert all(item.archived and item.archived_at for item in archived)


def test_error_when_the_token_is_wrong_then_the_client_raises_with_the_body(net: FakeNet) -> None:
    api = contacts.BasicApi(client(net, contacts, token="guess"))
    with pytest.raises(contacts.ApiException) as caught:
        api.get_page(limit=1)
    assert caught.value.status == 401
    assert "INVALID_AUTHENTICATION" in caught.value.body


def test_judge_when_a_required_field_is_missing_then_it_objects(net: FakeNet) -> None:
    net.script.add(Rule("hubspot", "GET *", removed("updatedAt")))
    with pytest.raises(ValueError, match="updated_at"):
        contacts.BasicApi(client(net, contacts)).get_page(limit=1)
