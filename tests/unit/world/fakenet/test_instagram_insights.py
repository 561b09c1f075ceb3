from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from pipelines.world.fakenet.instagram_store import instagram_media_id
from pipelines.world.fakenet.pacific import day_end, day_of
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.networks import Published, network_life
from pipelines.world.world import World
from tests.support.fakenet import Answer, graph

ACCOUNT, OWN_TOKEN = "9100000000000001", "IGAAfakeUser0001"
ME = f"instagram/{ACCOUNT}"
SIZES = pytest.mark.parametrize("size", [1, None, 100], ids=["one", "default", "most"])


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


def account(net: FakeNet, metric: str, now: datetime | None = None, **params: Any) -> Answer:
    span = {"period": "day", "since": "2026-06-01", "until": "2026-06-11"}
    return graph(net, f"{ME}/insights", {"metric": metric} | span | params, now=now)


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


def test_navigation_when_broken_down_then_parts_by_action(still: FakeNet, small: World) -> None:
    story = published(small, "story")[0]
    now = story.post.published_at + timedelta(hours=20)
    params = {"metric": "navigation", "breakdown": "story_navigation_action_type"}
    (row,) = graph(still, f"{path(story)}/insights", params, now=now).body["data"]
    (breakdown,) = row["total_value"]["breakdowns"]
    parts = {r["dimension_values"][0]: r["value"] for r in breakdown["results"]}
    assert set(parts) == {"tap_forward", "tap_back", "tap_exit", "swipe_forward"}
    assert sum(parts.values()) <= row["total_value"]["value"]


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
