"""Salesforce, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from pipelines.loading.results import Status
from pipelines.sources.hubspot import HUBSPOT
from pipelines.sources.salesforce import SALESFORCE
from pipelines.world.fakenet import salesforce as fake
from pipelines.world.fakenet.faults import ExpireTokens, FaultScript, Nth, Rule
from pipelines.world.fakenet.faults_pages import CursorLoop, DuplicateAcrossPages
from pipelines.world.fakenet.faults_wire import (
    Drop,
    Empty,
    ForeignRedirect,
    GzipBomb,
    Html,
    Oversized,
    Trickle,
    Truncate,
)
from pipelines.world.fakenet.faults_wire import Status as Answers
from pipelines.world.fakenet.salesforce import Salesforce
from pipelines.world.fakenet.salesforce_errors import (
    limit_exceeded,
    no_field,
    no_type,
    too_many_at_once,
    version_ended,
)
from pipelines.world.fakenet.salesforce_gate import CLIENT_SECRET
from tests.contract.cases import Case, Objects, OpenHome, Passing, Renamed, Staying
from tests.contract.suite import ContractSuite
from tests.support.apis import ApiHome

CONTACTS, DEALS = "GET */query* Contact", "GET */query* Opportunity"
RECORD = {"Id": "003gK00000000AAAAA", "CreatedDate": "2026-01-01T00:00:00.000+0000"}
FOREIGN = "https://evil.example/services/data/v67.0/queryAll/01gx-2000"
DAY = 86_400
# All objects are read by one reader; four of them show what it does, in a third of the time.
# tests/models/test_staging_salesforce.py reads them all.
TABLES = {
    "accounts": "Account", "contacts": "Contact", "opportunities": "Opportunity", "cases": "Case",
}  # fmt: skip
WEEK = timedelta(days=8)  # the weekly complete read is due
SOME = replace(SALESFORCE, resources=tuple(r for r in SALESFORCE.resources if r.name in TABLES))


def facade(home: ApiHome) -> Salesforce:
    found = home.net.facades["salesforce"]
    assert isinstance(found, Salesforce)
    return found


def refusal(status: int, code: str, message: str = "no") -> Answers:
    return Answers(status, [{"errorCode": code, "message": message}])


def delete(home: ApiHome) -> Mapping[str, set[str]]:
    """Two contacts that are erased for good, and a case."""
    contacts, cases = home.newest("contacts", "id"), home.newest("cases", "id")
    ended = {"contacts": {contacts[0][0], contacts[-1][0]}, "cases": {cases[0][0]}}
    at = home.clock.now() + timedelta(hours=1)
    for native_id in ended["contacts"]:
        facade(home).store.erase("Contact", native_id, at)
    facade(home).store.erase("Case", cases[0][0], at)
    return ended


def personal(home: ApiHome) -> set[str]:
    found = facade(home).store.live("Contact", home.clock.now())
    return {str(seen.fields[name]) for seen in found for name in ("Email", "Phone")
            if seen.fields.get(name)}  # fmt: skip


def login_again(home: ApiHome) -> None:
    for grant in facade(home).tokens.grants.values():
        grant.expires_at = None


CASE = Case(
    source=SOME,
    facade="salesforce",
    oracle={(table, "true"): lambda e, n=name: e[n] for table, name in TABLES.items()},
    size=(fake, "BATCH_SIZE"),
    sizes=(1,),
    small=7,
    nights=(13, 1, 7),
    ends_in=("contacts",),
    whole_after=WEEK,
    delete=delete,
    passing={
        "connection dropped": Passing(CONTACTS, Drop()),
        "body cut off": Passing(CONTACTS, Truncate(200)),
        "maintenance page": Passing(CONTACTS, Html(), 2),
        "server error": Passing(DEALS, Answers(503, [{"errorCode": "SERVER_UNAVAILABLE"}]), 3),
        "empty 202": Passing(DEALS, Empty(), 2),
        "slow drip": Passing(CONTACTS, Trickle(20, 1.0)),
        "too many at once": Passing(CONTACTS, Answers(403, too_many_at_once().body), 2),
        "query timeout": Passing(DEALS, refusal(400, "QUERY_TIMEOUT"), 2),
        "locked": Passing(CONTACTS, refusal(400, "UNABLE_TO_LOCK_ROW"), 2),
        "session ended mid-page": Passing(CONTACTS, ExpireTokens()),
        "duplicate across pages": Passing(CONTACTS, DuplicateAcrossPages(), 50),
    },
    staying={
        "login refused": Staying(
            "POST *", Answers(400, {"error": "invalid_client"}), "refused", is_all=True
        ),
        "session refused": Staying(
            CONTACTS, refusal(401, "INVALID_SESSION_ID"), "refused", 2, login_again
        ),
        "no right to an object": Staying(
            CONTACTS, Answers(400, no_type("Contact").reply.body), "no right to it"
        ),
        "no right to a field that matters": Staying(
            CONTACTS, Answers(400, no_field("Email", "Contact").reply.body), "no right to Email"
        ),
        "the day is used up": Staying(
            DEALS, Answers(403, limit_exceeded().body), "calls of 24 hours"
        ),
        "pages were lost": Staying(
            CONTACTS, refusal(400, "INVALID_QUERY_LOCATOR"), "pages were lost", 2
        ),
        "error with status 200": Staying(CONTACTS, refusal(200, "UNKNOWN_EXCEPTION"), "no records"),
        "version retired": Staying(
            DEALS, Answers(410, version_ended().reply.body), "no longer served"
        ),
        "more without a way": Staying(
            CONTACTS, Answers(200, {"totalSize": 9, "done": False, "records": [RECORD]}), "no way"
        ),
        "foreign next link": Staying(
            CONTACTS,
            Answers(200, {"done": False, "nextRecordsUrl": FOREIGN, "records": [RECORD]}),
            "foreign origin",
        ),
        "cursor loop": Staying(CONTACTS, CursorLoop(), "leads back"),
        "maintenance page that stays": Staying(CONTACTS, Html(), "no JSON", 2),
        "redirect to another host": Staying(CONTACTS, ForeignRedirect(), "foreign origin", 2),
        "oversized page": Staying(CONTACTS, Oversized(70_000_000), "larger", 2),
        "bomb": Staying(CONTACTS, GzipBomb(400_000_000), "larger", 2),
    },
    renamed=Renamed(DEALS, "SystemModstamp", "opportunities", "contacts"),
    large_ids=None,  # its ids are texts
    secrets=(CLIENT_SECRET, "00Dfake!"),
    personal=personal,
    run_always=frozenset({"no right to a field that matters"}),
    other=HUBSPOT,
)  # fmt: skip


class TestSalesforce(ContractSuite):
    case = CASE


@pytest.mark.long
def test_nights_when_contacts_merge_twice_then_each_loser_has_ended_and_names_its_winner(
    opened: OpenHome,
) -> None:
    home = opened()
    home.night()
    ((a,), *_) = home.newest("cases", "contact_id")
    b, c = [row[0] for row in home.newest("contacts", "id") if row[0] != a][:2]
    store, now = facade(home).store, home.clock.now()
    store.merge("Contact", a, b, now + timedelta(hours=1))
    store.merge("Contact", b, c, now + timedelta(hours=2))
    home.clock.sleep(DAY)
    assert home.night().status is Status.OK
    live = {row[0] for row in home.newest("contacts", "id")}
    assert live & {a, b, c} == {c}
    told = home.rows(
        "select distinct id, master_record_id from raw_salesforce.contacts where _is_deleted"
        " and id in ($a, $b)", a=a, b=b,
    )  # fmt: skip
    assert dict(told) == {a: b, b: c}
    # What belonged to them belongs to the winner, in the same night.
    assert not {row[0] for row in home.newest("cases", "contact_id")} & {a, b}


@pytest.mark.long
def test_nights_when_a_record_is_binned_and_taken_back_then_it_lives_again(
    opened: OpenHome,
) -> None:
    home = opened()
    home.night()
    ((native_id,), *_) = home.newest("cases", "id")
    store, now = facade(home).store, home.clock.now()
    record = store._records["Case"][native_id]
    store.delete("Case", native_id, now + timedelta(hours=1))
    home.clock.sleep(DAY)
    home.night()
    assert (native_id,) not in home.newest("cases", "id")
    store.put(record)
    store.change("Case", native_id, {}, home.clock.now() + timedelta(hours=1))
    home.clock.sleep(DAY)
    home.night()
    assert (native_id,) in home.newest("cases", "id")


@pytest.mark.long
def test_night_when_the_org_has_one_currency_then_the_field_is_dropped_and_the_setting_counts(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened()
    facade(home).hidden |= {"CurrencyIsoCode", "IsPersonAccount", "MailingCountryCode"}
    monkeypatch.setenv("SOURCES__SALESFORCE__CURRENCY", "EUR")
    assert home.night().status is Status.OK
    assert home.newest("opportunities") == good_objects["opportunities"]
    assert home.newest("contacts", "country_code", "country_code <> ''") == []
    refused = home.rows(
        "select resource, subject from raw_salesforce.source_capability_events"
        " where event = 'name_unavailable' order by all"
    )
    assert ("opportunities", "CurrencyIsoCode") in refused
    asked = len(home.net.log.of("salesforce"))
    home.clock.sleep(DAY)
    assert home.night().status is Status.OK
    again = home.net.log.of("salesforce")[asked:]
    assert not any("CurrencyIsoCode" in r.target for r in again)  # for a week


@pytest.mark.long
def test_nights_when_a_lesser_field_is_hidden_and_shown_again_then_its_values_come_back(
    opened: OpenHome, good_objects: Objects
) -> None:
    home = opened()
    facade(home).hidden |= {"Origin"}
    result = home.night()
    assert result.status is Status.PARTIAL
    assert "cases: without Origin" in " ".join(result.problems())
    assert {row[0] for row in home.newest("cases", "origin")} == {None}
    facade(home).hidden.clear()
    home.clock.sleep(8 * DAY)  # the name is asked for again, and everything is read
    assert home.night().status is Status.OK
    assert home.newest("cases") == good_objects["cases"]


@pytest.mark.long
def test_night_when_others_have_used_most_of_the_orgs_calls_then_it_leaves_them_the_rest(
    opened: OpenHome,
) -> None:
    home = opened()
    facade(home).gate.foreign_calls = 79_998  # of 100,000; the share is 0.8
    result = home.night()
    assert result.status is Status.PARTIAL
    assert "a wait of" in " ".join(result.problems())
    assert len(home.net.log.of("salesforce")) < 10
    facade(home).gate.foreign_calls = 0
    home.clock.sleep(DAY)
    assert home.night().status is Status.OK


@pytest.mark.long
def test_night_when_ids_differ_only_by_case_then_they_are_two_records(opened: OpenHome) -> None:
    home = opened()
    store, now = facade(home).store, home.clock.now() - timedelta(days=1)
    pair = {"500gK0000000AAaIAM", "500gK0000000aaaIAE"}
    for native_id in pair:
        store.create("Case", native_id, {"Status": native_id}, now)
    home.night()
    found = home.newest("cases", "id, status", "lower(id) like '500gk0000000aaa%'")
    assert {row[0] for row in found} == pair
    assert all(native_id == status for native_id, status in found)


@pytest.mark.long
def test_night_when_an_account_is_a_person_then_no_name_lands_as_a_firms(opened: OpenHome) -> None:
    accounts = tuple(r for r in SALESFORCE.resources if r.name == "accounts")
    home = replace(opened(), source=replace(SALESFORCE, resources=accounts))
    at = home.clock.now() - timedelta(days=1)
    fields = {"Name": "Zoe Canary", "IsPersonAccount": True}
    facade(home).store.create("Account", "001gK000CanaryAAA", fields, at)
    home.night()
    assert home.newest("accounts", "name, is_person", "id = '001gK000CanaryAAA'") == [(None, True)]


@pytest.mark.long
def test_night_when_a_late_commit_has_an_older_stamp_then_the_overlap_finds_it(
    opened: OpenHome,
) -> None:
    home = opened()
    home.night()
    ((native_id,), *_) = home.newest("cases", "id")
    now = home.clock.now()
    store = facade(home).store
    stamp, seen_from = now - timedelta(minutes=30), now + timedelta(minutes=1)
    store.change("Case", native_id, {"Origin": "Late"}, stamp, seen_from)
    home.clock.sleep(DAY)
    home.night()
    assert home.newest("cases", "origin", f"id = '{native_id}'") == [("Late",)]


@pytest.mark.long
def test_night_when_the_session_ends_then_one_login_more_and_no_secret_in_the_ledger(
    opened: OpenHome,
) -> None:
    rule = Rule("salesforce", CONTACTS, ExpireTokens(), Nth(1))
    home = opened(script=FaultScript(rule))
    assert home.night().status is Status.OK
    logins = "select count(*) from raw_salesforce.requests where resource = 'token'"
    assert home.rows(logins) == [(2,)]
