from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipelines.world.deals import STAGES
from pipelines.world.fakenet.hubspot_store import hubspot_id
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.records import Contact
from pipelines.world.world import World
from tests.support import fakenet
from tests.support.fakenet import ask, flat, hubspot, hubspot_pages

V3, DATED = "/crm/v3/objects/{}", "/crm/objects/2026-09/{}"


def contacts_of(world: World) -> list[Contact]:
    return [c for p in world.population.people for c in p.contacts]


def oracle(net: FakeNet, now: datetime | None = None) -> dict[str, Any]:
    return fakenet.oracle(net, "hubspot", now)


@pytest.mark.parametrize("kind", ["contacts", "companies", "deals", "tickets"])
@pytest.mark.parametrize("size", [1, None, 100], ids=["one", "default", "most"])
def test_list_when_paged_to_the_end_then_it_is_the_oracles_whatever_the_size(
    net: FakeNet, kind: str, size: int | None
) -> None:
    params = {"limit": size} if size else {}
    pages = list(hubspot_pages(net, V3.format(kind), params))

    ids = [item["id"] for page in pages for item in page]
    assert len(set(ids)) == len(ids) == oracle(net)[kind] > 0
    assert max(map(len, pages)) <= (size or 10)


def test_oracle_when_counted_from_the_world_by_hand_then_it_is_the_same(
    net: FakeNet, small: World
) -> None:
    found, everybody = oracle(net), contacts_of(small)
    gone = found["archived_contacts"] + found["erased_contacts"] + len(found["merges"])

    assert found["contacts"] + gone == len(everybody)
    assert found["merges"] == {
        hubspot_id(m.loser_id): hubspot_id(m.winner_id) for m in small.population.merges
    }
    assert found["companies"] == len(small.population.companies)
    assert found["deals"] + found["archived_deals"] == len(small.deals)
    assert (found["owners"], found["archived_owners"]) == (2, 1)


@pytest.mark.parametrize(
    "tail",
    ["contacts?limit=3&properties=email,phone", "deals?limit=4&associations=contacts,companies"],
)
def test_dialects_when_asked_the_same_then_both_give_the_same_objects(
    net: FakeNet, tail: str
) -> None:
    old, new = (ask(net, "/hubspot" + path.format(tail)).body for path in (V3, DATED))

    assert old["results"] == new["results"]
    assert old["paging"]["next"]["after"] == new["paging"]["next"]["after"]


def test_date_version_when_it_is_unknown_then_404(net: FakeNet) -> None:
    assert hubspot(net, "/crm/objects/2024-01/contacts").status == 404


def test_list_when_a_next_page_exists_then_its_link_leads_there(net: FakeNet) -> None:
    first = hubspot(net, V3.format("contacts"), {"limit": 2, "properties": "email"}).body
    link = first["paging"]["next"]["link"]
    assert link.startswith(f"{net.url('hubspot')}/crm/v3/objects/contacts?")
    second = ask(net, link.removeprefix(net.origin)).body

    assert int(second["results"][0]["id"]) > int(first["results"][-1]["id"])
    assert set(second["results"][0]["properties"]) == {
        "createdate", "email", "hs_object_id", "lastmodifieddate",
    }  # fmt: skip


def test_objects_when_listed_then_every_property_is_text_or_null(net: FakeNet) -> None:
    names = "numberofemployees,amount,phone,first_order_at,hs_email_optout,hs_is_closed_won"
    values = [
        value
        for kind in ("contacts", "companies", "deals")
        for item in flat(hubspot_pages(net, V3.format(kind), {"properties": names}))
        for value in item["properties"].values()
    ]

    assert {type(value) for value in values} == {str, type(None)}


def test_contacts_when_listed_then_identity_and_consent_are_the_worlds(
    net: FakeNet, small: World
) -> None:
    names = "email,firstname,lifecyclestage,hs_email_optout,first_order_at"
    items = flat(hubspot_pages(net, V3.format("contacts"), {"limit": 100, "properties": names}))
    listed = {item["id"]: item["properties"] for item in items}
    bought: dict[str, datetime] = {}
    for order in small.orders:
        if order.counts:
            known = bought.get(order.person_id, order.ordered_at)
            bought[order.person_id] = min(known, order.ordered_at)

    for person in small.population.people:
        for contact in person.contacts:
            if (shown := listed.get(hubspot_id(contact.contact_id))) is None:
                continue
            since = bought.get(person.person_id)
            is_customer = since is not None and since >= contact.created_at
            assert shown["email"] == contact.emails[0]
            assert shown["firstname"] == person.given_name
            assert shown["lifecyclestage"] == ("customer" if is_customer else "lead")
            assert shown["hs_email_optout"] == ("true" if person.affinity < -1 else "false")
            if is_customer and since:
                assert shown["first_order_at"] == str(int(since.timestamp() * 1000))


def test_deals_when_listed_then_stage_and_amount_are_those_of_the_last_state(
    net: FakeNet, small: World
) -> None:
    names = {"limit": 100, "properties": "amount,hs_is_closed_won,hs_is_closed"}
    listed = {i["id"]: i["properties"] for i in flat(hubspot_pages(net, V3.format("deals"), names))}

    for deal in small.deals:
        if shown := listed.get(hubspot_id(deal.deal_id)):
            state = deal.states[-1]
            assert round(float(shown["amount"]) * 100) == state.amount_minor
            assert shown["hs_is_closed_won"] == str(STAGES[state.stage] == "won").lower()
            assert shown["hs_is_closed"] == str(STAGES[state.stage] != "open").lower()


def test_history_when_asked_then_stages_come_newest_first_and_the_page_is_at_most_fifty(
    net: FakeNet, small: World
) -> None:
    longest = max(small.deals, key=lambda d: len(d.states))
    answer = hubspot(
        net, f"/crm/v3/objects/deals/{hubspot_id(longest.deal_id)}",
        {"propertiesWithHistory": "dealstage"},
    )  # fmt: skip
    changes = answer.body["propertiesWithHistory"]["dealstage"]

    assert len(changes) == len(longest.states) >= 4
    assert changes[-1]["value"] == "qualifiedtobuy"
    stamps = [change["timestamp"] for change in changes]
    assert stamps == sorted(stamps, reverse=True)
    too_many = hubspot(net, V3.format("deals"), {"limit": 51, "propertiesWithHistory": "dealstage"})
    assert too_many.status == 400


def test_associations_when_read_inline_and_in_batches_then_they_agree_with_the_oracle(
    net: FakeNet,
) -> None:
    deals = flat(hubspot_pages(net, V3.format("deals"), {"limit": 100, "associations": "contacts"}))
    inline = {
        (deal["id"], link["id"])
        for deal in deals
        for link in deal.get("associations", {}).get("contacts", {"results": []})["results"]
    }
    batch = hubspot(
        net, "/crm/v4/associations/deals/contacts/batch/read", method="POST",
        body={"inputs": [{"id": deal["id"]} for deal in deals]},
    )  # fmt: skip
    pairs = {
        (row["from"]["id"], to["toObjectId"]) for row in batch.body["results"] for to in row["to"]
    }

    assert pairs == inline
    assert len(pairs) == oracle(net)["associations"]["deals_to_contacts"] > 0


def test_batch_when_an_id_does_not_exist_then_207_names_it_and_the_others_come(
    net: FakeNet, small: World
) -> None:
    known = flat(hubspot_pages(net, V3.format("contacts"), {"limit": 100}))[0]["id"]
    body = {"inputs": [{"id": known}, {"id": "404"}], "properties": ["email"]}
    both = hubspot(net, "/crm/v3/objects/contacts/batch/read", method="POST", body=body)
    one = hubspot(
        net, "/crm/objects/2026-09/contacts/batch/read", method="POST",
        body={"inputs": [{"id": known}]},
    )  # fmt: skip

    assert both.status == 207
    assert [item["id"] for item in both.body["results"]] == [known]
    assert both.body["numErrors"] == 1
    assert both.body["errors"][0]["context"] == {"ids": ["404"]}
    assert (one.status, "errors" in one.body) == (200, False)


@pytest.mark.parametrize(
    "inputs", [None, "70000000010", [{}], ["70000000010"], [{"id": "1"}] * 101]
)
def test_batch_when_its_inputs_are_wrong_then_400(net: FakeNet, inputs: Any) -> None:
    body = {"inputs": inputs}
    answer = hubspot(net, "/crm/v3/objects/contacts/batch/read", method="POST", body=body)
    assert (answer.status, answer.body["category"]) == (400, "VALIDATION_ERROR")


def test_contact_when_asked_by_address_then_it_is_the_one_with_that_address(
    net: FakeNet, small: World
) -> None:
    contact = next(c for c in contacts_of(small) if "-" not in c.contact_id)
    email, expected = contact.emails[0], hubspot_id(contact.contact_id)
    by = {"idProperty": "email"}
    single = hubspot(net, f"/crm/v3/objects/contacts/{email}", by)
    body = by | {"inputs": [{"id": email}]}
    batch = hubspot(net, "/crm/v3/objects/contacts/batch/read", method="POST", body=body)

    assert single.body["id"] == batch.body["results"][0]["id"] == expected


def test_merge_when_it_has_happened_then_the_loser_is_404_and_the_winner_names_it(
    net: FakeNet, small: World
) -> None:
    winner, loser = (hubspot_id(c.contact_id) for c in contacts_of(small)[:2])
    at = small.parameters.as_of - timedelta(hours=2)
    net.facades["hubspot"].store.merge("contacts", loser, winner, at)
    path = "/crm/v3/objects/contacts/{}"
    wanted = {"properties": "hs_merged_object_ids"}

    before = at - timedelta(seconds=1)
    assert hubspot(net, path.format(loser), now=before).status == 200
    assert hubspot(net, path.format(loser), now=at).status == 404
    shown = hubspot(net, path.format(winner), wanted, now=at).body
    assert shown["properties"]["hs_merged_object_ids"] == loser
    assert shown["updatedAt"] == "2026-06-28T20:00:00Z"
    listed = {c["id"] for c in flat(hubspot_pages(net, V3.format("contacts"), {"limit": 100}))}
    assert loser not in listed
    assert oracle(net)["merges"][loser] == winner


def test_archive_when_an_object_is_in_the_bin_then_only_the_archived_list_shows_it(
    net: FakeNet, small: World
) -> None:
    binned = hubspot_id(contacts_of(small)[0].contact_id)
    at = small.parameters.as_of - timedelta(hours=1)
    net.facades["hubspot"].store.delete("contacts", binned, at)
    single = f"/crm/v3/objects/contacts/{binned}"

    listed = flat(hubspot_pages(net, V3.format("contacts"), {"limit": 100}))
    archived = flat(hubspot_pages(net, V3.format("contacts"), {"archived": "true"}))
    assert binned not in {item["id"] for item in listed}
    (shown,) = [item for item in archived if item["id"] == binned]
    assert shown["archived"] is True
    assert shown["archivedAt"] == "2026-06-28T21:00:00Z"
    assert hubspot(net, single).status == 404
    assert hubspot(net, single, {"archived": "true"}).status == 200
    assert oracle(net)["archived_contacts"] == len(archived)


def test_erasure_when_a_person_was_forgotten_then_no_list_shows_it_any_more(
    net: FakeNet, small: World
) -> None:
    forgotten = hubspot_id(contacts_of(small)[0].contact_id)
    net.facades["hubspot"].store.erase("contacts", forgotten, small.parameters.as_of)

    for params in ({"limit": 100}, {"limit": 100, "archived": "true"}):
        pages = flat(hubspot_pages(net, V3.format("contacts"), params))
        assert forgotten not in {item["id"] for item in pages}
    path = f"/crm/v3/objects/contacts/{forgotten}"
    assert hubspot(net, path).status == hubspot(net, path, {"archived": "true"}).status == 404


def test_time_travel_when_now_is_earlier_then_only_what_existed_then_is_shown(
    net: FakeNet, small: World
) -> None:
    for weeks in (1, 4, 8):
        now = small.parameters.starts_at + timedelta(days=7 * weeks)
        shown = flat(hubspot_pages(net, V3.format("contacts"), {"limit": 100}, now=now))
        existing = sum(c.created_at < now for c in contacts_of(small))
        found = oracle(net, now)

        assert all(
            item["createdAt"] <= item["updatedAt"] < f"{now:%Y-%m-%dT%H:%M:%S}" for item in shown
        )
        gone = found["archived_contacts"] + found["erased_contacts"] + len(found["merges"])
        assert len(shown) == found["contacts"] == existing - gone


def test_time_travel_when_the_header_has_no_offset_then_it_is_refused(net: FakeNet) -> None:
    answer = ask(net, "/hubspot/crm/v3/owners", headers={"X-Fake-Now": "2026-06-01T00:00:00"})
    assert answer.status == 400


def test_owners_when_listed_then_those_who_left_are_in_the_archive(net: FakeNet) -> None:
    present = hubspot(net, "/crm/v3/owners/").body["results"]
    left = hubspot(net, "/crm/owners/2026-09", {"archived": "true"}).body["results"]

    assert [owner["id"] for owner in present] == ["80000001", "80000002"]
    assert [(owner["id"], owner["userId"]) for owner in left] == [("80000003", None)]
    assert hubspot(net, "/crm/v3/owners/80000001").body["firstName"] == "Giulia"


def test_catalogue_when_read_then_every_stage_and_property_of_objects_is_declared(
    net: FakeNet,
) -> None:
    pipelines = hubspot(net, "/crm/pipelines/2026-09/deals").body["results"]
    stages = {stage["id"] for pipeline in pipelines for stage in pipeline["stages"]}
    deals = flat(hubspot_pages(net, V3.format("deals"), {"limit": 100}))
    properties = Counter(
        p["name"] for p in hubspot(net, "/crm/v3/properties/deals").body["results"]
    )

    assert {deal["properties"]["dealstage"] for deal in deals} <= stages
    assert set(deals[0]["properties"]) <= set(properties)
    assert set(properties.values()) == {1}
