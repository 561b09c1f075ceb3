"""A Bluesky client written by others reads the fake, with models made from the lexicons.

Needs `atproto` 0.0.73, which is no dependency of the product.
"""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.world.fakenet.faults import Fault, Rule
from pipelines.world.fakenet.faults_pages import removed, retyped
from pipelines.world.fakenet.server import FakeNet

pytest.importorskip("atproto", reason="the client is not installed")

from atproto import CID, AtUri, Client, models
from atproto.exceptions import BadRequestError, ModelError


@pytest.fixture
def client(net: FakeNet) -> Client:
    return Client(base_url=net.url("bluesky"))


@pytest.fixture
def oracle(net: FakeNet) -> dict[str, Any]:
    return net.facades["bluesky"].expected(net.clock.now())


def everything(method: Any, name: str, params: dict[str, Any]) -> list[Any]:
    """Follow `cursor` to the end."""
    found, cursor = [], None
    while True:
        page = method(params | ({"cursor": cursor} if cursor else {}))
        found += getattr(page, name)
        cursor = page.cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 50, 100])
def test_author_feed_when_the_client_pages_then_counts_and_ids_are_the_oracles(
    client: Client, oracle: dict[str, Any], limit: int
) -> None:
    feed = everything(
        client.app.bsky.feed.get_author_feed, "feed", {"actor": oracle["brand"], "limit": limit}
    )
    posts = [item.post for item in feed]

    assert len({post.uri for post in posts}) == len(posts) == oracle["author_feed"] > 0
    for post in posts:
        uri = AtUri.from_str(post.uri)
        assert (uri.host, uri.collection) == (oracle["brand"], models.ids.AppBskyFeedPost)
        assert isinstance(post.record, models.AppBskyFeedPost.Record)
        assert CID.decode(post.cid).version == 1


def test_interactions_when_the_client_reads_them_then_totals_are_the_oracles(
    client: Client, oracle: dict[str, Any]
) -> None:
    feed = client.app.bsky.feed
    items = everything(feed.get_author_feed, "feed", {"actor": oracle["brand"], "limit": 100})
    totals = {"likes": 0, "reposts": 0, "quotes": 0}
    for uri in (item.post.uri for item in items):
        params = {"uri": uri, "limit": 2}
        totals["likes"] += len(everything(feed.get_likes, "likes", params))
        totals["reposts"] += len(everything(feed.get_reposted_by, "reposted_by", params))
        totals["quotes"] += len(everything(feed.get_quotes, "posts", params))

    assert totals == {name: oracle[name] for name in totals}


def test_threads_when_the_client_reads_them_then_unions_are_resolved(
    client: Client, oracle: dict[str, Any]
) -> None:
    feed = client.app.bsky.feed
    params = {"actor": oracle["brand"], "limit": 100, "filter": "posts_no_replies"}
    roots = everything(feed.get_author_feed, "feed", params)
    kinds = set()
    for root in roots:
        thread = feed.get_post_thread({"uri": root.post.uri, "depth": 100}).thread
        assert isinstance(thread, models.AppBskyFeedDefs.ThreadViewPost)
        kinds |= {type(reply).__name__ for reply in thread.replies or []}

    assert len(roots) == oracle["threads"]
    assert kinds == {"ThreadViewPost"}


def test_people_when_the_client_reads_them_then_followers_and_profiles_parse(
    client: Client, oracle: dict[str, Any]
) -> None:
    followers = everything(
        client.app.bsky.graph.get_followers, "followers", {"actor": oracle["brand"], "limit": 7}
    )
    actors = [follower.did for follower in followers][:25]
    profiles = client.app.bsky.actor.get_profiles({"actors": actors}).profiles
    brand = client.app.bsky.actor.get_profile({"actor": "beanandbond.test"})

    assert len(followers) == oracle["followers"] == brand.followers_count
    assert [profile.did for profile in profiles] == actors


@pytest.mark.parametrize("limit", [1, 100])
def test_repository_when_the_client_lists_it_then_records_are_the_oracles(
    client: Client, oracle: dict[str, Any], limit: int
) -> None:
    params = {"repo": oracle["brand"], "collection": models.ids.AppBskyFeedPost, "limit": limit}
    records = everything(client.com.atproto.repo.list_records, "records", params)
    status = client.com.atproto.sync.get_repo_status({"did": oracle["brand"]})

    assert len(records) == oracle["records"]
    assert {type(record.value) for record in records} == {models.AppBskyFeedPost.Record}
    assert status.active is True


def test_error_when_the_actor_is_unknown_then_the_client_raises_with_its_name(
    client: Client,
) -> None:
    with pytest.raises(BadRequestError) as caught:
        client.app.bsky.feed.get_author_feed({"actor": "nobody.test"})
    response = caught.value.response
    assert response is not None
    assert response.content.error == "InvalidRequest"


@pytest.mark.parametrize("fault", [removed("post.indexedAt"), retyped("post.likeCount")])
def test_judge_when_a_field_is_missing_or_of_another_type_then_it_objects(
    client: Client, net: FakeNet, oracle: dict[str, Any], fault: Fault
) -> None:
    net.script.add(Rule("bluesky", "*", fault))
    with pytest.raises(ModelError):
        client.app.bsky.feed.get_author_feed({"actor": oracle["brand"], "limit": 1})
