"""Every answer and record of the Bluesky façade, against the network's own published lexicons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.world.fakenet.bluesky_names import FOLLOW, LIKE, POST, REPOST
from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import build_world
from tests.support.data import shared_data
from tests.support.fakenet import xrpc
from tests.support.lexicons import Lexicons

BRAND = "beanandbond.test"


@pytest.fixture(scope="module")
def lexicons() -> Lexicons:
    return Lexicons(shared_data("api_shapes/bluesky_lexicons"))


@pytest.fixture(scope="module")
def net() -> Iterator[FakeNet]:
    with fake_net(build_world(WorldParameters(people=200, weeks=12))) as running:
        yield running


def answers(net: FakeNet) -> Iterator[tuple[str, Any]]:
    """Method and body of one call of each kind, of threads and lists of every post on a page."""
    facade = net.facades["bluesky"]
    brand = facade.expected(net.clock.now())["brand"]
    feed = xrpc(net, "app.bsky.feed.getAuthorFeed", {"actor": BRAND, "limit": 100}).body
    yield "app.bsky.feed.getAuthorFeed", feed
    followers = xrpc(net, "app.bsky.graph.getFollowers", {"actor": BRAND, "limit": 100}).body
    yield "app.bsky.graph.getFollowers", followers
    for item in feed["feed"]:
        for method in ("getPostThread", "getLikes", "getRepostedBy", "getQuotes"):
            nsid = f"app.bsky.feed.{method}"
            yield nsid, xrpc(net, nsid, {"uri": item["post"]["uri"]}).body
    for fan in [f["did"] for f in followers["followers"][:5]]:
        nsid = "app.bsky.feed.getAuthorFeed"
        yield nsid, xrpc(net, nsid, {"actor": fan}).body
    yield "app.bsky.actor.getProfile", xrpc(net, "app.bsky.actor.getProfile", {"actor": BRAND}).body
    nsid = "app.bsky.actor.getProfiles"
    yield nsid, xrpc(net, nsid, [("actors", f["did"]) for f in followers["followers"][:25]]).body
    nsid = "com.atproto.repo.listRecords"
    yield nsid, xrpc(net, nsid, {"repo": brand, "collection": POST, "limit": 100}).body
    nsid = "com.atproto.sync.getRepoStatus"
    yield nsid, xrpc(net, nsid, {"did": brand}).body
    closed = next(iter(facade.store.live("account", net.clock.now())[1:])).record_id
    facade.store.delete("account", closed, net.clock.now())
    yield nsid, xrpc(net, nsid, {"did": closed}).body


def test_answers_when_checked_against_the_lexicons_then_none_has_a_problem(
    net: FakeNet, lexicons: Lexicons
) -> None:
    checked: dict[str, int] = {}
    for nsid, body in answers(net):
        assert lexicons.output_problems(nsid, body) == [], nsid
        checked[nsid] = checked.get(nsid, 0) + 1

    assert len(checked) == 10
    assert checked["app.bsky.feed.getPostThread"] > 50


def test_records_when_checked_against_the_lexicons_then_none_has_a_problem(
    net: FakeNet, lexicons: Lexicons
) -> None:
    store, now = net.facades["bluesky"].store, net.clock.now()
    for collection in (POST, LIKE, REPOST, FOLLOW):
        records = store.live(collection, now)
        assert len(records) > 5
        for seen in records:
            assert lexicons.record_problems(seen.fields["value"]) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"did": "nobody"}, "$.did: 'nobody' is no did"),
        ({"active": "yes"}, "$.active: str, not boolean"),
        ({"surprise": 1}, "$.surprise: unknown"),
        ({"rev": "x"}, "$.rev: 'x' is no tid"),
    ],
)
def test_checker_when_a_body_is_wrong_then_it_says_where(
    lexicons: Lexicons, change: dict[str, Any], problem: str
) -> None:
    body = {"did": "did:plc:abc", "active": True} | change
    assert lexicons.output_problems("com.atproto.sync.getRepoStatus", body) == [problem]
    assert lexicons.output_problems("com.atproto.sync.getRepoStatus", {"active": True}) == [
        "$.did: missing"
    ]
