from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pipelines.world.fakenet.instagram_store import instagram_media_id, instagram_store, is_album
from pipelines.world.fakenet.pacific import day_end, day_of
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.networks import Published, network_life
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World, build_world
from tests.support.fakenet import Answer, ask, flat, graph, graph_pages

ACCOUNT, OWN_TOKEN = "9100000000000001", "IGAAfakeUser0001"
ME = f"instagram/{ACCOUNT}"
SIZES = pytest.mark.parametrize("size", [1, None, 100], ids=["one", "default", "most"])


def oracle(net: FakeNet, now: datetime | None = None) -> dict[str, Any]:
    return ask(net, "/_fake/oracle", now=now).body["instagram"]


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


def test_story_when_fewer_than_five_have_seen_it_then_code_10_until_they_have(
    still: FakeNet, small: World
) -> None:
    story = published(small, "story")[0]
    start = story.post.published_at
    insights, metric = f"{path(story)}/insights", {"metric": "reach"}
    assert refused(graph(still, insights, metric, now=start)) == (
        400, 10, "(#10) Not enough viewers for the media to show insights",
    )  # fmt: skip
    (row,) = graph(still, insights, metric, now=start + timedelta(hours=6)).body["data"]
    assert row["values"] == [{"value": story.figures(start + timedelta(hours=6))["reach"]}]
    assert row["values"][0]["value"] >= 5


@pytest.mark.parametrize(
    ("kind", "metric"), [("post", "navigation"), ("story", "saved"), ("reel", "follows")]
)
def test_metric_when_the_product_type_has_it_not_then_the_whole_request_fails(
    still: FakeNet, small: World, kind: str, metric: str
) -> None:
    item = published(small, kind)[0]
    now = item.post.published_at + timedelta(hours=20)
    answer = graph(still, f"{path(item)}/insights", {"metric": f"reach,{metric}"}, now=now)
    status, code, message = refused(answer)
    assert (status, code) == (400, 100)
    assert f"does not support the {metric} metric for this media product type" in message


@pytest.mark.parametrize(
    "metric",
    ["impressions", "plays", "clips_replays_count", "video_views",
     "ig_reels_aggregated_all_plays_count", "invented"],
)  # fmt: skip
def test_metric_when_dead_or_unknown_then_100(still: FakeNet, small: World, metric: str) -> None:
    item = published(small, "reel")[0]
    answer = graph(still, f"{path(item)}/insights", {"metric": f"{metric},reach"})
    assert refused(answer)[:2] == (400, 100)


def test_media_when_new_then_an_empty_list_and_after_the_refresh_the_worlds_figures(
    still: FakeNet, small: World
) -> None:
    item = next(p for p in published(small, "post", "reel") if p.corrected_at is None)
    refresh = day_end(day_of(item.post.published_at)) + timedelta(hours=6)
    insights, metric = f"{path(item)}/insights", {"metric": "views,saved,shares,likes"}
    before = graph(still, insights, metric, now=refresh - timedelta(seconds=1)).body
    after = graph(still, insights, metric, now=refresh).body["data"]
    figures = item.figures(refresh)

    assert before == {"data": []}
    assert {row["name"]: row["values"][0]["value"] for row in after} == {
        "views": figures["impressions"], "saved": figures["saves"], "shares": figures["shares"],
        "likes": figures["likes"],
    }  # fmt: skip


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


def test_navigation_when_broken_down_then_parts_by_action(still: FakeNet, small: World) -> None:
    story = published(small, "story")[0]
    now = story.post.published_at + timedelta(hours=20)
    params = {"metric": "navigation", "breakdown": "story_navigation_action_type"}
    (row,) = graph(still, f"{path(story)}/insights", params, now=now).body["data"]
    (breakdown,) = row["total_value"]["breakdowns"]
    parts = {r["dimension_values"][0]: r["value"] for r in breakdown["results"]}
    assert set(parts) == {"tap_forward", "tap_back", "tap_exit", "swipe_forward"}
    assert sum(parts.values()) <= row["total_value"]["value"]


def account(net: FakeNet, metric: str, now: datetime | None = None, **params: Any) -> Answer:
    span = {"period": "day", "since": "2026-06-01", "until": "2026-06-11"}
    return graph(net, f"{ME}/insights", {"metric": metric} | span | params, now=now)


def test_total_metric_when_the_type_is_not_named_then_100_with_the_names(still: FakeNet) -> None:
    status, code, message = refused(account(still, "views,reach,profile_views"))
    assert (status, code) == (400, 100)
    assert "(views,profile_views) should be specified with parameter metric_type=total_value" in (
        message
    )


def test_reach_when_total_then_people_of_several_days_count_once(still: FakeNet) -> None:
    (series,) = account(still, "reach").body["data"]
    (total,) = account(still, "reach", metric_type="total_value").body["data"]
    days = [value["value"] for value in series["values"]]
    assert series["values"][0]["end_time"] == "2026-06-02T07:00:00+0000"
    assert (len(days), "values" in total) == (10, False)
    assert max(days) < total["total_value"]["value"] < sum(days)


def test_views_when_total_then_they_are_the_sum_of_the_days(still: FakeNet) -> None:
    def total(since: str, until: str) -> int:
        answer = account(still, "views", metric_type="total_value", since=since, until=until)
        return int(answer.body["data"][0]["total_value"]["value"])

    halves = total("2026-06-01", "2026-06-06") + total("2026-06-06", "2026-06-11")
    assert total("2026-06-01", "2026-06-11") == halves > 500


def test_day_when_it_has_ended_then_it_comes_one_or_two_days_late_and_is_empty_before(
    still: FakeNet,
) -> None:
    lags = set()
    for number in (10, 11):
        end = day_end(date(2026, 6, number))
        span = {"since": f"2026-06-{number}", "until": f"2026-06-{number + 1}"}
        shown = [
            h
            for h in range(60)
            if account(still, "reach", end + timedelta(hours=h), **span).body["data"]
        ]
        lags.add(shown[0])
    assert lags == {24, 48}


def test_window_when_longer_than_thirty_days_then_100(still: FakeNet) -> None:
    assert account(still, "reach", since="2026-05-12", until="2026-06-11").status == 200
    status, code, message = refused(account(still, "reach", since="2026-05-11", until="2026-06-11"))
    assert (status, code) == (400, 100)
    assert "30 days (2592000 s)" in message


def test_followers_when_fewer_than_a_hundred_then_the_metric_lacks_and_others_do_not(
    still: FakeNet,
) -> None:
    assert len(account(still, "follower_count,reach").body["data"]) == 2
    store = still.facades["instagram"].store
    store.change("account", ACCOUNT, {"followers": 99}, still.clock.now())
    assert [r["name"] for r in account(still, "follower_count,reach").body["data"]] == ["reach"]
    people = {"metric_type": "total_value", "period": "lifetime", "breakdown": "country"}
    assert account(still, "follower_demographics", **people).body["data"] == []


def test_demographics_when_by_country_then_parts_of_the_followers(still: FakeNet) -> None:
    people = {"metric_type": "total_value", "period": "lifetime", "breakdown": "country"}
    (row,) = account(still, "follower_demographics", **people).body["data"]
    (breakdown,) = row["total_value"]["breakdowns"]
    total = graph(still, ME, {"fields": "followers_count"}).body["followers_count"]
    assert breakdown["dimension_keys"] == ["country"]
    assert total - 10 < sum(r["value"] for r in breakdown["results"]) <= total


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
