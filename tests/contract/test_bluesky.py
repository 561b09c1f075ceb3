"""Bluesky, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pipelines.failpoints import SimulatedCrash
from pipelines.loading.results import Status
from pipelines.sources import bluesky_reads
from pipelines.sources.bluesky import BLUESKY
from pipelines.world.fakenet.bluesky import Bluesky
from pipelines.world.fakenet.faults import ExpireTokens, Fault, FaultScript, Nth, Rule
from pipelines.world.fakenet.faults_pages import (
    CursorLoop,
    DuplicateAcrossPages,
    EachItem,
    EmptyPage,
)  # fmt: skip
from pipelines.world.fakenet.faults_wire import (
    Drop,
    Empty,
    ForeignRedirect,
    GzipBomb,
    Html,
    Oversized,
    RateExhausted,
    Truncate,
)  # fmt: skip
from pipelines.world.fakenet.faults_wire import (
    Status as Answers,
)
from pipelines.world.world import World
from tests.support.apis import ApiHome, on_demand

OpenHome = Callable[..., ApiHome]
Objects = dict[str, list[tuple[Any, ...]]]
FEED, THREADS = "GET /xrpc/app.bsky.feed.getAuthorFeed", "GET /xrpc/app.bsky.feed.getPostThread"
LIKES, FOLLOWERS = "GET /xrpc/app.bsky.feed.getLikes", "GET /xrpc/app.bsky.graph.getFollowers"


SOURCE = BLUESKY


def facade(home: ApiHome) -> Bluesky:
    found = home.net.facades["bluesky"]
    assert isinstance(found, Bluesky)
    return found


def test_night_when_first_then_everything_the_oracle_knows_has_landed(opened: OpenHome) -> None:
    home = opened()
    expected = facade(home).expected(home.clock.now())
    assert home.night().status is Status.OK
    own = home.newest("posts", "is_own, root_uri is null")
    assert len([row for row in own if row[0]]) == expected["author_feed"]
    assert len([row for row in own if row == (True, True)]) == expected["threads"]
    assert len(home.newest("likes")) == expected["likes"]
    assert len(home.newest("reposts")) == expected["reposts"]
    assert len(home.newest("followers")) == expected["followers"]
    quotes = home.newest("posts", "uri, quoted_uri is not null and not is_own")
    assert sum(row[1] for row in quotes) == expected["quotes"]
    # Replies to the threads that the brand began, by anybody.
    brand = f"at://{expected['brand']}/%"
    below = home.rows(
        "select count(distinct uri) from raw_bluesky.posts where root_uri like $brand", brand=brand
    )
    assert below == [(expected["replies"],)]


def test_night_when_nothing_is_new_then_no_row_lands(opened: OpenHome) -> None:
    home = opened()
    home.night()
    again = home.night()
    assert again.status is Status.OK
    assert again.rows == {}


@pytest.mark.parametrize("size", [3, 100])
def test_night_when_pages_have_another_size_then_the_same_tables(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(bluesky_reads, "PAGE_SIZE", size)
    other = opened()
    other.night()
    assert other.objects() == good_objects


def test_nights_when_the_network_moved_then_equal_to_a_full_read_of_today(
    opened: OpenHome, good_objects: Objects, world: World
) -> None:
    """Posts, edits, deletions, likes taken back, people who left: four weeks in three nights."""
    nightly = opened(at=world.parameters.as_of - timedelta(days=28))
    nightly.night()
    for _ in range(2):
        nightly.clock.sleep(timedelta(days=14).total_seconds())
        nightly.night()
    assert nightly.objects() == good_objects
    assert nightly.rows("select count(*) > 0 from raw_bluesky.likes where _is_deleted") == [(True,)]


def test_night_when_a_post_and_a_reply_are_deleted_then_their_ends_land(
    opened: OpenHome, world: World
) -> None:
    home = opened()
    home.night()
    own, reply = (
        home.rows(f"select arg_max(uri, indexed_at) from raw_bluesky.posts where {kind}")
        for kind in ("is_own and root_uri is null", "not is_own and root_uri is not null")
    )
    before = set(home.newest("posts", "uri"))
    store, at = facade(home).store, home.clock.now()
    for ((uri,),) in (own, reply):
        store.delete("app.bsky.feed.post", uri, at)
    home.clock.sleep(86_400)
    assert home.night().status is Status.OK
    gone = before - set(home.newest("posts", "uri"))
    assert {own[0], reply[0]} <= gone
    ends = home.rows("select uri, text is not null from raw_bluesky.posts where _is_deleted")
    assert {(uri,) for uri, _ in ends} == gone
    assert all(has_text for _, has_text in ends)  # history stays; staging empties it
    assert home.night().rows == {}


RECOVERS: dict[str, tuple[str, Fault, int]] = {
    "connection dropped": (THREADS, Drop(), 1),
    "body cut off": (FEED, Truncate(200), 1),
    "maintenance page": (FEED, Html(), 2),
    "empty 202": (LIKES, Empty(), 2),
    "server error": (FOLLOWERS, Answers(503), 3),
    "throttled, seconds": (LIKES, RateExhausted("retry_after_seconds"), 1),
    "duplicate across pages": (FEED, DuplicateAcrossPages(), 50),
    "empty page with a cursor": (FEED, EmptyPage(), 1),
}


def test_night_when_all_faults_pass_in_one_night_then_the_tables_are_those_of_a_good_one(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky_reads, "PAGE_SIZE", 3)
    script, start = FaultScript(), 1
    for endpoint, fault, count in RECOVERS.values():
        script.add(Rule("bluesky", endpoint, fault, Nth(start, min(count, 3))))
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
    monkeypatch.setattr(bluesky_reads, "PAGE_SIZE", 10)
    good, bad = (
        opened(),
        opened(script=FaultScript(Rule("bluesky", endpoint, fault, Nth(1, count)))),
    )
    good.night()
    result = bad.night()
    assert result.status is Status.OK, result.problems()
    assert bad.objects() == good_objects


FAILS: dict[str, tuple[str, Fault, str]] = {
    "maintenance page that stays": (FEED, Html(), "no JSON"),
    "error with status 200": (FEED, Answers(200, {"error": "InternalServerError"}), "error object"),
    "cursor loop": (FEED, CursorLoop(), "leads back"),
    "redirect to another host": (FEED, ForeignRedirect(), ""),
    "oversized body": (FEED, Oversized(70_000_000), "larger"),
    "bomb": (FEED, GzipBomb(400_000_000), "larger"),
}


@pytest.mark.parametrize("name", on_demand(FAILS, ["error with status 200", "cursor loop"]))
def test_night_when_a_fault_stays_then_failed_with_one_line_and_the_rest_is_kept(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    endpoint, fault, words = FAILS[name]
    monkeypatch.setattr(bluesky_reads, "PAGE_SIZE", 10)
    script = FaultScript(Rule("bluesky", endpoint, fault, Nth(2, 10_000)))
    home = opened(script=script)
    result = home.night()
    assert result.status is Status.PARTIAL
    (line,) = result.problems()
    assert words in line
    assert len(home.newest("accounts")) == 1
    assert len(home.newest("posts")) >= 10  # the pages before
    assert home.rows("select count(*) from raw_bluesky.complete_reads") == [(0,)]
    assert home.net.log.of("foreign") == []
    # The next good night has everything, as if nothing had been.
    script.rules.clear()
    assert home.night().status is Status.OK
    assert home.objects() == good_objects


def test_night_when_the_first_page_breaks_then_failed_and_nothing_has_ended(
    opened: OpenHome,
) -> None:
    home = opened()
    home.night()
    before = home.objects()
    home.net.script.add(Rule("bluesky", "GET *", Html()))
    home.clock.sleep(86_400)
    assert home.night().status is Status.FAILED
    assert home.objects() == before


def test_night_when_the_session_ends_mid_page_then_a_new_one_and_no_secret_on_disk(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = "canary-app-password-8431"
    monkeypatch.setattr("pipelines.world.fakenet.bluesky_gate.APP_PASSWORD", password)
    monkeypatch.setattr(bluesky_reads, "PAGE_SIZE", 10)
    home = opened(script=FaultScript(Rule("bluesky", FEED, ExpireTokens(), Nth(3))))
    facade(home).gate.is_public = False
    monkeypatch.setenv("SOURCES__BLUESKY__APP_PASSWORD", password)
    assert home.night().status is Status.OK
    assert home.objects() == good_objects
    logins = home.rows("select count(*) from raw_bluesky.requests where resource = 'token'")
    assert logins == [(2,)]
    files = [path for path in home.settings.root.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if password.encode() in path.read_bytes()] == []


def test_night_when_an_id_is_missing_then_quarantined_and_the_rest_lands(
    opened: OpenHome,
    good_objects: Objects,
) -> None:
    def lose_some(actor: dict[str, Any], name: str) -> None:
        if actor[name][-1] in "ab":
            del actor[name]

    script = FaultScript(Rule("bluesky", LIKES, EachItem("actor.did", lose_some)))
    home = opened(script=script)
    home.night()
    lost = home.rows(
        "select count(*), min(reason), min(field) from raw_bluesky.quarantine where feed = 'likes'"
    )
    kept = len(home.newest("likes"))
    assert lost[0][1:] == ("missing_key", "actor_did")
    assert kept + lost[0][0] == len(good_objects["likes"])


POINTS = ("source.page@3", "extract.after", "load.before", "load.after")


@pytest.mark.parametrize("point", on_demand(POINTS, ["load.after"]))
def test_night_when_it_dies_then_the_next_one_has_all_of_it_once(
    opened: OpenHome, good_objects: Objects, point: str
) -> None:
    home = opened()
    with pytest.raises(SimulatedCrash):
        home.night(points=f"{point}=crash")
    home.clock.sleep(60)
    home.night()
    assert home.objects() == good_objects
    twice = home.rows("select count(*) - count(distinct _dlt_id) from raw_bluesky.posts")
    assert twice == [(0,)]
