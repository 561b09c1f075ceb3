"""HubSpot, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from pipelines.loading.results import Status
from pipelines.sources import hubspot_reads
from pipelines.sources.hubspot import HUBSPOT
from pipelines.world.fakenet.faults import ExpireTokens, FaultScript, Nth, Rule
from pipelines.world.fakenet.faults_pages import (
    CursorLoop,
    DuplicateAcrossPages,
    EmptyPage,
    ForeignNext,
    beyond_double,
)
from pipelines.world.fakenet.faults_wire import Drop, Html, RateExhausted, Truncate
from pipelines.world.fakenet.faults_wire import Status as Answers
from pipelines.world.fakenet.hubspot import CLIENT_SECRET, REFRESH_TOKEN, TOKEN, HubSpot
from pipelines.world.fakenet.store import Store
from tests.contract.cases import (
    OF_THE_LOADER,
    Case,
    LargeIds,
    Objects,
    OpenHome,
    Passing,
    Renamed,
    Staying,
)
from tests.contract.suite import ContractSuite
from tests.support.apis import ApiHome

CONTACTS = "GET /crm/objects/2026-09/contacts"
KINDS = ("contacts", "companies", "deals", "tickets")
WEEK = timedelta(days=8)  # the weekly complete read is due


def facade(home: ApiHome) -> HubSpot:
    found = home.net.facades["hubspot"]
    assert isinstance(found, HubSpot)
    return found


def store(home: ApiHome) -> Store:
    return facade(home).store


def delete(home: ApiHome) -> Mapping[str, set[str]]:
    """A contact that is erased for good, and a company that goes into the bin."""
    victim, firm = home.newest("contacts", "id")[0][0], home.newest("companies", "id")[0][0]
    store(home).erase("contacts", victim, home.clock.now() + timedelta(hours=1))
    store(home).delete("companies", firm, home.clock.now() + timedelta(hours=1))
    return {"contacts": {victim}, "companies": {firm}}


def personal(home: ApiHome) -> set[str]:
    found = store(home).live("contacts", home.clock.now())
    return {str(seen.fields["email"]) for seen in found if seen.fields.get("email")}


MISSING = {"status": "error", "category": "MISSING_SCOPES", "message": "no"}
DAILY = {"status": "error", "category": "RATE_LIMITS", "policyName": "DAILY", "message": "no"}
CASE = Case(
    source=HUBSPOT,
    facade="hubspot",
    oracle={
        **{(kind, "true"): lambda e, k=kind: e[k] for kind in (*KINDS, "owners")},
        ("deal_contacts", "true"): lambda e: e["associations"]["deals_to_contacts"],
        ("deal_companies", "true"): lambda e: e["associations"]["deals_to_companies"],
    },
    size=(hubspot_reads, "PAGE_SIZE"),
    sizes=(2, 50),
    small=3,
    nights=(1, 1, 5, 14, 7),
    ends_in=("contacts",),
    whole_after=WEEK,
    delete=delete,
    passing={
        "connection dropped": Passing(CONTACTS, Drop()),
        "body cut off": Passing(CONTACTS, Truncate(300)),
        "maintenance page": Passing(CONTACTS, Html(), 2),
        "server error": Passing(CONTACTS, Answers(502), 3),
        "throttled without a word when": Passing(CONTACTS, RateExhausted("none"), 2),
        "duplicate across pages": Passing(CONTACTS, DuplicateAcrossPages(), 50),
        "empty page with a cursor": Passing(CONTACTS, EmptyPage()),
        # The cursor is taken from the body, the address is ours.
        "foreign next link": Passing(CONTACTS, ForeignNext(), 2),
    },
    staying={
        "error with status 200": Staying(
            CONTACTS, Answers(200, {"status": "error", "message": "x"}), "no results"
        ),
        "permission missing": Staying(CONTACTS, Answers(403, MISSING), "missing_scopes"),
        "cursor loop": Staying(CONTACTS, CursorLoop(), "leads back"),
        "malformed token": Staying(CONTACTS, Answers(530, b"<html>"), "token"),
        "daily limit": Staying(CONTACTS, Answers(429, DAILY), "daily limit"),
    },
    renamed=Renamed(CONTACTS, "updatedAt", "contacts", "deals"),
    large_ids=LargeIds(
        "GET /crm/objects/2026-09/companies", beyond_double("id"), "companies", "id"
    ),
    secrets=(TOKEN,),
    personal=personal,
    only_long=OF_THE_LOADER - {"all_faults", "it_dies"},
    run_always=frozenset({"error with status 200", "source.page@3"}),
)


class TestHubSpot(ContractSuite):
    case = CASE


def test_night_when_first_then_the_bin_and_the_merges_are_those_of_the_oracle(
    opened: OpenHome,
) -> None:
    home = opened()
    expected = facade(home).expected(home.clock.now())
    home.night()
    for kind in (*KINDS, "owners"):
        ended = home.rows(f"select count(*) from raw_hubspot.{kind} where _is_deleted")
        assert ended == [(expected[f"archived_{kind}"],)], kind
    merged = home.newest("contacts", "hs_merged_object_ids, id")
    told = {loser: winner for losers, winner in merged if losers for loser in losers.split(";")}
    assert told == expected["merges"]


def test_night_when_the_search_ends_at_its_limit_then_it_goes_on_from_the_last_stamp(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.world.fakenet.hubspot_search.MOST_RESULTS", 9)
    monkeypatch.setattr(hubspot_reads, "MOST_RESULTS", 9)
    monkeypatch.setattr(hubspot_reads, "SEARCH_SIZE", 3)
    home = opened()
    home.night()
    ids = [row[0] for row in home.newest("contacts", "id")[:14]]
    for minute, contact_id in enumerate(ids):
        at = home.clock.now() + timedelta(minutes=minute // 2)  # pairs share a stamp
        store(home).change("contacts", contact_id, {"country": "IS"}, at)
    home.clock.sleep(timedelta(days=1).total_seconds())
    home.night()
    searches = [r for r in home.net.log.of("hubspot") if r.target.endswith("contacts/search")]
    assert len(searches) >= 5
    assert [row[0] for row in home.newest("contacts", "id, country") if row[1] == "IS"] == ids


def test_night_when_contacts_merge_twice_then_the_losers_have_ended_and_the_winner_tells(
    opened: OpenHome,
) -> None:
    home = opened()
    home.night()
    (a,), (b,), (c,) = home.newest("contacts", "id")[:3]
    now = home.clock.now()
    store(home).merge("contacts", a, b, now + timedelta(hours=1))
    store(home).merge("contacts", b, c, now + timedelta(hours=2))
    home.clock.sleep(timedelta(days=8).total_seconds())  # the weekly complete read
    home.night()
    live = dict(home.newest("contacts", "id, hs_merged_object_ids"))
    assert a not in live
    assert b not in live
    assert b in live[c].split(";")


def test_night_when_the_oauth_token_ends_mid_page_then_one_refresh_and_no_secret_on_disk(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubspot_reads, "PAGE_SIZE", 10)
    home = opened(script=FaultScript(Rule("hubspot", CONTACTS, ExpireTokens(), Nth(3))))
    monkeypatch.delenv("SOURCES__HUBSPOT__ACCESS_TOKEN")
    monkeypatch.setenv("SOURCES__HUBSPOT__CLIENT_ID", "client-1")
    monkeypatch.setenv("SOURCES__HUBSPOT__CLIENT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("SOURCES__HUBSPOT__REFRESH_TOKEN", REFRESH_TOKEN)
    assert home.night().status is Status.OK
    assert home.objects() == good_objects
    tokens = home.rows("select count(*) from raw_hubspot.requests where resource = 'token'")
    assert tokens == [(2,)]
    secrets = [s.encode() for s in (TOKEN, CLIENT_SECRET, REFRESH_TOKEN, "oauth-fake-")]
    files = [path for path in home.settings.root.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [p for p in files for secret in secrets if secret in p.read_bytes()] == []
