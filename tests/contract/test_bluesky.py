"""Bluesky, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from pipelines.loading.results import Status
from pipelines.sources import bluesky_reads
from pipelines.sources.bluesky import BLUESKY
from pipelines.world.fakenet.bluesky import Bluesky
from pipelines.world.fakenet.faults import ExpireTokens, FaultScript, Nth, Rule
from pipelines.world.fakenet.faults_pages import (
    CursorLoop,
    DuplicateAcrossPages,
    EachItem,
    EmptyPage,
)
from pipelines.world.fakenet.faults_wire import (
    Drop,
    Empty,
    ForeignRedirect,
    GzipBomb,
    Html,
    Oversized,
    RateExhausted,
    Truncate,
)
from pipelines.world.fakenet.faults_wire import (
    Status as Answers,
)
from tests.contract.cases import Case, Objects, OpenHome, Passing, Renamed, Staying
from tests.contract.suite import ContractSuite
from tests.support.apis import ApiHome

FEED, THREADS = "GET /xrpc/app.bsky.feed.getAuthorFeed", "GET /xrpc/app.bsky.feed.getPostThread"
LIKES, FOLLOWERS = "GET /xrpc/app.bsky.feed.getLikes", "GET /xrpc/app.bsky.graph.getFollowers"
PASSWORD = "canary-app-password-8431"


def facade(home: ApiHome) -> Bluesky:
    found = home.net.facades["bluesky"]
    assert isinstance(found, Bluesky)
    return found


def delete(home: ApiHome) -> Mapping[str, set[str]]:
    """A post of the brand that begins a thread, and somebody's reply."""
    own, reply = (
        home.rows(f"select arg_max(uri, indexed_at) from raw_bluesky.posts where {kind}")
        for kind in ("is_own and root_uri is null", "not is_own and root_uri is not null")
    )
    for ((uri,),) in (own, reply):
        facade(home).store.delete("app.bsky.feed.post", uri, home.clock.now())
    return {"posts": {own[0][0], reply[0][0]}}


def personal(home: ApiHome) -> set[str]:
    """Handles and whole names of everybody but the brand."""
    found = facade(home).store.live("account", home.clock.now())
    others = [seen.fields for seen in found if seen.record_id != facade(home).brand]
    names = {str(fields["displayName"]) for fields in others}
    return {fields["handle"] for fields in others} | {name for name in names if " " in name}


CASE = Case(
    source=BLUESKY,
    facade="bluesky",
    oracle={
        ("posts", "is_own"): lambda e: e["author_feed"],
        ("posts", "is_own and root_uri is null"): lambda e: e["threads"],
        ("posts", "not is_own and quoted_uri is not null"): lambda e: e["quotes"],
        # Replies to the threads that the brand began, by anybody.
        ("posts", "root_uri like 'at://' || _account_id || '/%'"): lambda e: e["replies"],
        ("likes", "true"): lambda e: e["likes"],
        ("reposts", "true"): lambda e: e["reposts"],
        ("followers", "true"): lambda e: e["followers"],
    },
    size=(bluesky_reads, "PAGE_SIZE"),
    sizes=(3, 100),
    small=3,
    nights=(14, 14),
    ends_in=("likes",),
    whole_after=timedelta(0),
    delete=delete,
    passing={
        "connection dropped": Passing(THREADS, Drop()),
        "body cut off": Passing(FEED, Truncate(200)),
        "maintenance page": Passing(FEED, Html(), 2),
        "empty 202": Passing(LIKES, Empty(), 2),
        "server error": Passing(FOLLOWERS, Answers(503), 3),
        "throttled, seconds": Passing(LIKES, RateExhausted("retry_after_seconds")),
        "duplicate across pages": Passing(FEED, DuplicateAcrossPages(), 50),
        "empty page with a cursor": Passing(FEED, EmptyPage()),
    },
    staying={
        "error with status 200": Staying(
            FEED, Answers(200, {"error": "InternalServerError"}), "error object", 2
        ),
        "maintenance page that stays": Staying(FEED, Html(), "no JSON", 2),
        "cursor loop": Staying(FEED, CursorLoop(), "leads back", 2),
        "redirect to another host": Staying(FEED, ForeignRedirect(), "foreign origin", 2),
        "oversized body": Staying(FEED, Oversized(70_000_000), "larger", 2),
        "bomb": Staying(FEED, GzipBomb(400_000_000), "larger", 2),
    },
    renamed=Renamed(FOLLOWERS, "did", "followers", "posts"),
    large_ids=None,
    secrets=(PASSWORD,),
    personal=personal,
    free_texts=frozenset({"text"}),
    only_long=frozenset({"in_any_order", "stays_later"}),
    run_always=frozenset({"error with status 200", "load.after"}),
)


class TestBluesky(ContractSuite):
    case = CASE


def test_night_when_the_session_ends_mid_page_then_a_new_one_and_no_secret_on_disk(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.world.fakenet.bluesky_gate.APP_PASSWORD", PASSWORD)
    monkeypatch.setattr(bluesky_reads, "PAGE_SIZE", 10)
    home = opened(script=FaultScript(Rule("bluesky", FEED, ExpireTokens(), Nth(3))))
    facade(home).gate.is_public = False
    monkeypatch.setenv("SOURCES__BLUESKY__APP_PASSWORD", PASSWORD)
    assert home.night().status is Status.OK
    assert home.objects() == good_objects
    logins = home.rows("select count(*) from raw_bluesky.requests where resource = 'token'")
    assert logins == [(2,)]
    files = [path for path in home.settings.root.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []


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
