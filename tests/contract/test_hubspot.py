"""HubSpot, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pipelines.failpoints import SimulatedCrash
from pipelines.loading.results import Status
from pipelines.sources import hubspot_reads
from pipelines.sources.hubspot import HUBSPOT
from pipelines.sources.reading import Window
from pipelines.world.fakenet.faults import ExpireTokens, Fault, FaultScript, Nth, Rule
from pipelines.world.fakenet.faults_pages import (
    CursorLoop,
    DuplicateAcrossPages,
    EmptyPage,
    ForeignNext,
    renamed,
)  # fmt: skip
from pipelines.world.fakenet.faults_wire import Drop, Html, RateExhausted, Truncate
from pipelines.world.fakenet.faults_wire import Status as Answers
from pipelines.world.fakenet.hubspot import CLIENT_SECRET, REFRESH_TOKEN, TOKEN, HubSpot
from pipelines.world.fakenet.store import Store
from pipelines.world.world import World
from tests.support.apis import ApiHome, on_demand

SOURCE = HUBSPOT
POINTS = ("source.page@3", "extract.after", "load.before", "load.after")
OpenHome = Callable[..., ApiHome]
Objects = dict[str, list[tuple[Any, ...]]]
CONTACTS = "GET /crm/objects/2026-09/contacts"
SEARCH = "POST /crm/objects/2026-09/contacts/search"
KINDS = ("contacts", "companies", "deals", "tickets")


def facade(home: ApiHome) -> HubSpot:
    found = home.net.facades["hubspot"]
    assert isinstance(found, HubSpot)
    return found


def store(home: ApiHome) -> Store:
    return facade(home).store


def test_night_when_first_then_everything_the_oracle_knows_has_landed(opened: OpenHome) -> None:
    home = opened()
    expected = facade(home).expected(home.clock.now())
    assert home.night().status is Status.OK
    for kind in (*KINDS, "owners"):
        assert len(home.newest(kind)) == expected[kind], kind
        ended = home.rows(f"select count(*) from raw_hubspot.{kind} where _is_deleted")
        assert ended == [(expected[f"archived_{kind}"],)], kind
    assert len(home.newest("deal_contacts")) == expected["associations"]["deals_to_contacts"]
    assert len(home.newest("deal_companies")) == expected["associations"]["deals_to_companies"]
    merged = home.newest("contacts", "hs_merged_object_ids, id")
    told = {loser: winner for losers, winner in merged if losers for loser in losers.split(";")}
    assert told == expected["merges"]


def test_night_when_nothing_is_new_then_no_row_lands(opened: OpenHome) -> None:
    home = opened()
    home.night()
    assert home.night().rows == {}


@pytest.mark.parametrize("size", [2, 50])
def test_night_when_pages_have_another_size_then_the_same_tables(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(hubspot_reads, "PAGE_SIZE", size)
    other = opened()
    other.night()
    assert other.objects() == good_objects


def test_nights_when_the_portal_moved_then_equal_to_a_full_read_of_today(
    opened: OpenHome, good_objects: Objects, world: World
) -> None:
    """Changes, archives, merges and an erasure in four weeks; the last night reads everything."""
    nightly = opened(at=world.parameters.as_of - timedelta(days=28))
    nightly.night()
    for days in (1, 1, 5, 14, 7):
        nightly.clock.sleep(timedelta(days=days).total_seconds())
        nightly.night()
    assert nightly.objects() == good_objects


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


def test_night_when_somebody_was_erased_then_the_contact_has_ended(opened: OpenHome) -> None:
    home = opened()
    home.night()
    victim = home.newest("contacts", "id")[0][0]
    store(home).erase("contacts", victim, home.clock.now() + timedelta(hours=1))
    home.clock.sleep(timedelta(days=8).total_seconds())
    home.night()
    assert victim not in {row[0] for row in home.newest("contacts", "id")}
    assert home.night().rows == {}


def test_backfill_when_in_any_order_then_it_adds_what_it_saw_and_moves_no_cursor(
    opened: OpenHome, good_objects: Objects, world: World
) -> None:
    end = world.parameters.as_of
    home = opened()
    for first, last in ((14, 7), (30, 14), (7, 0)):
        window = Window(end - timedelta(days=first), end - timedelta(days=last))
        home.night(window)
    assert home.rows("select distinct is_backfill from raw_hubspot.complete_reads") == [(True,)]
    home.night()
    assert home.objects() == good_objects


RECOVERS: dict[str, tuple[str, Fault, int]] = {
    "connection dropped": (CONTACTS, Drop(), 1),
    "body cut off": (CONTACTS, Truncate(300), 1),
    "maintenance page": (CONTACTS, Html(), 2),
    "server error": (CONTACTS, Answers(502), 3),
    "throttled without a word when": (CONTACTS, RateExhausted("none"), 2),
    "duplicate across pages": (CONTACTS, DuplicateAcrossPages(), 50),
    "empty page with a cursor": (CONTACTS, EmptyPage(), 1),
}


def test_night_when_all_faults_pass_in_one_night_then_the_tables_are_those_of_a_good_one(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubspot_reads, "PAGE_SIZE", 3)
    script, start = FaultScript(), 1
    for endpoint, fault, count in RECOVERS.values():
        script.add(Rule("hubspot", endpoint, fault, Nth(start, min(count, 3))))
        start += min(count, 3) + 1
    bad = opened(script=script)
    result = bad.night()
    assert result.status is Status.OK, result.problems()
    assert bad.objects() == good_objects


@pytest.mark.long
@pytest.mark.parametrize("name", RECOVERS)
def test_night_when_a_fault_passes_then_the_tables_are_those_of_a_good_night(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    endpoint, fault, count = RECOVERS[name]
    monkeypatch.setattr(hubspot_reads, "PAGE_SIZE", 10)
    bad = opened(script=FaultScript(Rule("hubspot", endpoint, fault, Nth(1, count))))
    result = bad.night()
    assert result.status is Status.OK, result.problems()
    assert bad.objects() == good_objects


MISSING = {"status": "error", "category": "MISSING_SCOPES", "message": "no"}
DAILY = {
    "status": "error", "category": "RATE_LIMITS", "policyName": "DAILY", "message": "no",
}  # fmt: skip
FAILS: dict[str, tuple[Fault, str]] = {
    "error with status 200": (Answers(200, {"status": "error", "message": "x"}), "no results"),
    "cursor loop": (CursorLoop(), "leads back"),
    "malformed token": (Answers(530, b"<html>"), "token"),
    "daily limit": (Answers(429, DAILY), "daily limit"),
    "permission missing": (Answers(403, MISSING), "missing_scopes"),
}


@pytest.mark.parametrize("name", on_demand(FAILS, ["error with status 200", "permission missing"]))
def test_night_when_a_fault_stays_then_partial_with_its_reason_and_nothing_has_ended(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    fault, words = FAILS[name]
    monkeypatch.setattr(hubspot_reads, "PAGE_SIZE", 10)
    home = opened()
    home.night()
    before = home.objects()
    home.clock.sleep(timedelta(days=8).total_seconds())
    home.net.script.add(Rule("hubspot", CONTACTS, fault, Nth(1, 10_000)))
    result = home.night()
    assert result.status is Status.PARTIAL
    assert words in " ".join(result.problems())
    assert home.objects() == before
    assert home.net.log.of("foreign") == []


def test_night_when_the_next_link_is_foreign_then_it_is_never_followed(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cursor is taken from the body, the address is ours."""
    monkeypatch.setattr(hubspot_reads, "PAGE_SIZE", 10)
    home = opened(script=FaultScript(Rule("hubspot", CONTACTS, ForeignNext(), Nth(1, 2))))
    assert home.night().status is Status.OK
    assert home.objects() == good_objects
    assert home.net.log.of("foreign") == []


def test_night_when_a_required_field_is_renamed_then_only_that_list_is_refused(
    opened: OpenHome,
    good_objects: Objects,
) -> None:
    script = FaultScript(Rule("hubspot", CONTACTS, renamed("updatedAt", "changedAt")))
    home = opened(script=script)
    result = home.night()
    assert result.status is Status.PARTIAL
    assert "contacts: too many unreadable objects" in " ".join(result.problems())
    assert home.newest("contacts") == []
    assert len(home.newest("deals")) > 0
    script.rules.clear()
    home.night()
    assert home.objects() == good_objects


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


def test_night_when_a_name_is_personal_then_it_is_in_the_vault_only(opened: OpenHome) -> None:
    home = opened()
    emails = [s.fields["email"] for s in store(home).live("contacts", home.clock.now())]
    home.night()
    content = home.settings.build_file.read_bytes()
    assert len(emails) > 20
    assert [e for e in emails if e.encode() in content] == []


@pytest.mark.parametrize("point", on_demand(POINTS, ["source.page@3"]))
def test_night_when_it_dies_then_the_next_one_has_all_of_it_once(
    opened: OpenHome, good_objects: Objects, point: str
) -> None:
    home = opened()
    with pytest.raises(SimulatedCrash):
        home.night(points=f"{point}=crash")
    home.clock.sleep(60)
    home.night()
    assert home.objects() == good_objects
