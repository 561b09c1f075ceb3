from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.world.fakenet.instagram_store import instagram_media_id, instagram_store, is_album
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.networks import Published, network_life
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World, build_world
from tests.support import fakenet
from tests.support.fakenet import Answer, flat, graph, graph_pages

ACCOUNT, OWN_TOKEN = "9100000000000001", "IGAAfakeUser0001"
ME = f"instagram/{ACCOUNT}"
SIZES = pytest.mark.parametrize("size", [1, None, 100], ids=["one", "default", "most"])


def oracle(net: FakeNet, now: datetime | None = None) -> dict[str, Any]:
    return fakenet.oracle(net, "instagram", now)


def published(world: World, *kinds: str) -> list[Published]:
    """The account's own media of those kinds that are never deleted."""
    return [
        p for p in network_life(world, "instagram").posts
        if p.appeal and p.deleted_at is None and p.post.kind in kinds
    ]  # fmt: skip


def path(item: Published) -> str:
    return f"instagram/{instagram_media_id(item.post)}"


def refused(answer: Answer) -> tuple[int, int, str]:
    error = answer.body["error"]
    return answer.status, error["code"], error["message"]


@pytest.mark.parametrize("token", [OWN_TOKEN, "EAABfakePage0001"])
def test_account_when_its_fields_are_read_then_ig_id_is_a_number_and_that_of_media_is_text(
    still: FakeNet, token: str
) -> None:
    account = graph(still, ME, {"fields": "id,ig_id,username,media_count"}, token=token).body
    media = graph(still, f"{ME}/media", {"fields": "id,ig_id", "limit": 1}, token=token).body
    assert (account["id"], type(account["ig_id"])) == (ACCOUNT, int)
    assert {type(media["data"][0][name]) for name in ("id", "ig_id")} == {str}
    assert int(media["data"][0]["ig_id"]) > 2**53


def test_account_when_found_through_the_page_then_it_is_the_same(still: FakeNet) -> None:
    fields = {"fields": "instagram_business_account,access_token"}
    answer = graph(still, "instagram/me/accounts", fields, token="EAABfakeUser0001")
    (page,) = answer.body["data"]
    assert page["instagram_business_account"] == {"id": ACCOUNT}
    assert graph(still, "instagram/me", token=OWN_TOKEN).body["id"] == ACCOUNT


@SIZES
def test_media_when_paged_to_the_end_then_all_but_stories_are_there_once(
    still: FakeNet, small: World, size: int | None
) -> None:
    params = {"fields": "id,timestamp,media_type,media_product_type"}
    media = flat(graph_pages(still, f"{ME}/media", params | ({"limit": size} if size else {})))
    truth = {instagram_media_id(p.post): p.post for p in published(small, "post", "reel")}

    assert {m["id"] for m in media} == set(truth)
    assert len(media) == oracle(still)["media"] > 15
    for item in media:
        post = truth[item["id"]]
        kind = "VIDEO" if post.kind == "reel" else "CAROUSEL_ALBUM" if is_album(post) else "IMAGE"
        assert item["media_type"] == kind
        assert datetime.fromisoformat(item["timestamp"]) == post.published_at
        assert item["media_product_type"] == ("REELS" if kind == "VIDEO" else "FEED")


@SIZES
def test_comments_when_read_with_their_replies_then_all_are_there(
    net: FakeNet, small: World, size: int | None
) -> None:
    limit = {"limit": min(size, 50)} if size else {}
    texts, count = [], 0
    for item in flat(graph_pages(net, f"{ME}/media", {"fields": "id,comments_count"})):
        count += item["comments_count"]
        params = {"fields": "id,text,username,replies{id,text,parent_id}"} | limit
        for comment in flat(graph_pages(net, f"instagram/{item['id']}/comments", params)):
            replies = comment.get("replies", {}).get("data", [])
            assert {r["parent_id"] for r in replies} <= {comment["id"]}
            texts += [comment["text"], *(reply["text"] for reply in replies)]
    said = [m.text for m in small.said.messages if m.account.network == "instagram"]

    assert len(texts) == oracle(net)["comments"] > 5
    assert set(texts) <= set(said)
    assert count == len(texts)  # nobody's root was deleted in this world


def test_comments_when_more_than_fifty_are_asked_for_then_100(still: FakeNet) -> None:
    media = graph(still, f"{ME}/media", {"limit": 1}).body["data"][0]["id"]
    assert graph(still, f"instagram/{media}/comments", {"limit": 50}).status == 200
    assert refused(graph(still, f"instagram/{media}/comments", {"limit": 51}))[:2] == (400, 100)


def test_address_of_media_when_called_twice_then_it_is_signed_anew(still: FakeNet) -> None:
    def media() -> dict[str, Any]:
        return graph(still, f"{ME}/media", {"fields": "id,media_url,permalink", "limit": 1}).body[
            "data"
        ][0]

    first, second = media(), media()
    assert first["media_url"] != second["media_url"]
    assert {k: v for k, v in first.items() if k != "media_url"} == {
        k: v for k, v in second.items() if k != "media_url"
    }


def test_story_when_a_day_old_then_it_leaves_the_list_and_its_figures_are_empty(
    still: FakeNet, small: World
) -> None:
    story = published(small, "story")[0]
    end = story.post.published_at + timedelta(hours=24)
    metric = {"metric": "reach,views"}

    def at(now: datetime) -> tuple[bool, int]:
        listed = flat(graph_pages(still, f"{ME}/stories", {"fields": "id"}, now=now))
        rows = graph(still, f"{path(story)}/insights", metric, now=now).body["data"]
        return {"id": instagram_media_id(story.post)} in listed, len(rows)

    assert at(end - timedelta(seconds=1)) == (True, 2)
    assert at(end + timedelta(seconds=1)) == (False, 0)


def test_album_when_read_then_it_has_two_children_without_insights(
    still: FakeNet, small: World
) -> None:
    album = next(p for p in published(small, "post") if is_album(p.post))
    body = graph(still, path(album), {"fields": "media_type,children{id,media_type}"}).body
    children = body["children"]["data"]
    assert body["media_type"] == "CAROUSEL_ALBUM"
    assert [child["media_type"] for child in children] == ["IMAGE", "IMAGE"]
    answer = graph(still, f"instagram/{children[0]['id']}/insights", {"metric": "reach"})
    assert refused(answer)[:2] == (400, 100)


def test_permission_when_lacking_then_10(still: FakeNet) -> None:
    gate = still.facades["instagram"].gate
    gate.tokens.add("basic", ["instagram_basic"])
    gate.tokens.add("nothing", [])
    assert refused(graph(still, ME, token="nothing"))[:2] == (400, 10)
    assert graph(still, ME, token="basic").status == 200
    params = {"metric": "reach"}
    assert refused(graph(still, f"{ME}/insights", params, token="basic"))[:2] == (400, 10)


def test_tags_when_read_then_they_are_posts_of_people(still: FakeNet) -> None:
    tags = flat(graph_pages(still, f"{ME}/tags", {"fields": "id,username,caption,like_count"}))
    assert len(tags) == oracle(still)["tags"] > 0
    assert "beanandbond" not in {tag["username"] for tag in tags}
    assert not any("like_count" in tag for tag in tags)


def test_story_when_answered_then_nobody_reads_it_as_a_comment() -> None:
    world = build_world(WorldParameters(people=150, weeks=8))
    stories = {p.post_id for p in world.posts if p.kind == "story"}
    answered = {m.message_id for m in world.said.messages if m.post_id in stories}
    shown = {
        s.record_id
        for s in instagram_store(world).live("comment", datetime.max.replace(tzinfo=UTC))
    }
    assert answered
    assert not answered & shown
