from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pipelines.world.fakenet.facebook_store import facebook_post_id
from pipelines.world.fakenet.pacific import day_end, day_of, day_start
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.networks import network_life
from pipelines.world.records import Post
from pipelines.world.world import World
from tests.support.fakenet import Answer, ask, graph

PAGE = "9100000000000002"
INSIGHTS = "facebook/me/insights"
ALIVE = (
    "page_media_view,page_total_media_view_unique,page_follows,page_daily_follows,"
    "page_daily_follows_unique,page_daily_unfollows_unique,page_post_engagements,"
    "page_views_total,page_video_views,page_total_actions"
)


def rows(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.content
    return {row["name"]: row for row in answer.body["data"]}


def values(net: FakeNet, metric: str, now: datetime | None = None, **params: Any) -> dict[str, Any]:
    """Value by `end_time` of one metric by day."""
    answer = graph(net, INSIGHTS, {"metric": metric, "period": "day"} | params, now=now)
    found = rows(answer)
    return {v["end_time"]: v["value"] for v in found[metric]["values"]} if found else {}


def refused(answer: Answer) -> tuple[int, int, str]:
    error = answer.body["error"]
    return answer.status, error["code"], error["message"]


def test_window_when_since_is_a_date_then_its_day_is_the_first_value(still: FakeNet) -> None:
    found = values(still, "page_media_view", since="2026-06-10", until="2026-06-13")
    assert list(found) == [
        "2026-06-11T07:00:00+0000", "2026-06-12T07:00:00+0000", "2026-06-13T07:00:00+0000",
    ]  # fmt: skip


def test_window_when_given_in_seconds_then_days_are_those_of_dates(still: FakeNet) -> None:
    since, until = (int(day_start(date(2026, 6, n)).timestamp()) for n in (10, 13))
    by_date = values(still, "page_media_view", since="2026-06-10", until="2026-06-13")
    assert values(still, "page_media_view", since=since, until=until) == by_date


def test_window_when_longer_than_ninety_days_or_backwards_then_100(still: FakeNet) -> None:
    def ask_for(since: str, until: str) -> tuple[int, int, str]:
        params = {"metric": "page_follows", "since": since, "until": until}
        return refused(graph(still, INSIGHTS, params))

    status, code, message = ask_for("2026-03-01", "2026-05-31")  # 91 days
    assert (status, code) == (400, 100)
    assert "90 days (7776000 s)" in message
    assert ask_for("2026-06-02", "2026-06-01")[:2] == (400, 100)
    params = {"metric": "page_follows", "since": "2026-03-01", "until": "2026-05-30"}
    assert graph(still, INSIGHTS, params).status == 200


def test_links_when_there_is_no_data_then_the_neighbouring_windows_are_still_there(
    still: FakeNet,
) -> None:
    params = {"metric": "page_follows", "since": "2027-01-01", "until": "2027-01-11"}
    body = graph(still, INSIGHTS, params).body
    assert body["data"] == []
    assert set(body["paging"]) == {"previous", "next"}
    query = parse_qs(urlsplit(body["paging"]["next"]).query)
    assert query["since"] == [str(int(day_start(date(2027, 1, 11)).timestamp()))]
    assert query["access_token"] == ["EAABfakePage0001"]


def test_day_when_it_has_just_ended_then_it_comes_a_day_late(still: FakeNet) -> None:
    end = day_end(date(2026, 6, 10))
    span = {"since": "2026-06-10", "until": "2026-06-11"}
    assert values(still, "page_follows", end + timedelta(hours=23), **span) == {}
    assert list(values(still, "page_follows", end + timedelta(hours=24), **span)) == [
        "2026-06-11T07:00:00+0000"
    ]


def test_day_when_it_is_restated_then_up_and_down_to_what_posts_gained(
    still: FakeNet, small: World
) -> None:
    day = date(2026, 6, 10)
    span = {"since": "2026-06-10", "until": "2026-06-11"}
    first = day_end(day) + timedelta(hours=24)
    seen = [
        values(still, "page_media_view", first + timedelta(days=days), **span).popitem()[1]
        for days in (0, 1.9, 2, 8.9, 9, 18)
    ]
    gained = network_life(small, "facebook").gained(day_start(day), day_end(day))["impressions"]

    # 94 % at first, 103 % from the second day on, the truth from the ninth on.
    assert seen == [round(gained * f) for f in (0.94, 0.94, 1.03, 1.03, 1, 1)]
    assert gained > 100


def test_day_when_a_test_restates_it_then_it_is_another_one_from_then_on(still: FakeNet) -> None:
    at, span = still.clock.now(), {"since": "2026-06-10", "until": "2026-06-11"}
    before = values(still, "page_media_view", **span)
    still.facades["facebook"].store.change(
        "page_day", "2026-06-10", {"impressions": 7}, at + timedelta(hours=1)
    )
    assert values(still, "page_media_view", **span) == before
    still.clock.sleep(3600)
    assert values(still, "page_media_view", **span) == {"2026-06-11T07:00:00+0000": 7}


def test_follows_when_summed_then_they_explain_the_change_of_the_total(still: FakeNet) -> None:
    span = {"since": "2026-05-10", "until": "2026-06-20"}
    total = list(values(still, "page_follows", **span).values())
    came = list(values(still, "page_daily_follows_unique", **span).values())
    left = list(values(still, "page_daily_unfollows_unique", **span).values())

    steps = [after - before for before, after in pairwise(total)]
    assert steps == [c - x for c, x in zip(came[1:], left[1:], strict=True)]
    assert min(left) >= 0 < max(came)


def test_periods_when_none_is_named_then_all_come_and_people_are_not_added_up(
    still: FakeNet,
) -> None:
    span = {"since": "2026-06-10", "until": "2026-06-11"}
    by_day = {"since": "2026-06-04", "until": "2026-06-11"}
    for metric, is_sum in (("page_media_view", True), ("page_total_media_view_unique", False)):
        body = graph(still, INSIGHTS, {"metric": metric} | span).body
        value = {row["period"]: row["values"][0]["value"] for row in body["data"]}
        assert list(value) == ["day", "week", "days_28"]
        week = sum(values(still, metric, **by_day).values())
        assert (value["week"] == week) is is_sum
        assert value["week"] <= week


def test_metrics_when_all_live_then_each_has_its_row_and_id(still: FakeNet) -> None:
    params = {"metric": ALIVE, "period": "day", "since": "2026-06-01", "until": "2026-06-08"}
    found = rows(graph(still, INSIGHTS, params))
    assert set(found) == set(ALIVE.split(","))
    for name, row in found.items():
        assert row["id"] == f"{PAGE}/insights/{name}/day"
        assert [type(v["value"]) for v in row["values"]] == [int] * 7


def test_reactions_when_by_type_then_an_object_without_zeros(still: FakeNet) -> None:
    metric = "page_actions_post_reactions_total"
    found = values(still, metric, since="2026-05-10", until="2026-06-20")
    everything = [count for value in found.values() for count in value.values()]
    assert {} in found.values()
    assert min(everything) >= 1


def test_metric_when_one_is_unknown_then_the_whole_request_fails(still: FakeNet) -> None:
    params = {"metric": f"{ALIVE},page_invented"}
    assert refused(graph(still, INSIGHTS, params)) == (
        400, 100, "(#100) The value must be a valid insights metric",
    )  # fmt: skip
    assert graph(still, INSIGHTS, {"metric": ALIVE}).status == 200


@pytest.mark.parametrize(
    ("metric", "last_alive"),
    [
        ("page_impressions", "2025-11-14"),
        ("page_posts_impressions", "2025-11-14"),
        ("page_fans", "2025-11-14"),
        ("page_fan_adds", "2025-11-14"),
        ("page_impressions_unique", "2026-06-14"),
        ("page_posts_impressions_unique", "2026-06-14"),
    ],
)
def test_metric_when_its_day_has_come_then_it_is_dead(
    still: FakeNet, metric: str, last_alive: str
) -> None:
    params = {"metric": metric}
    assert refused(graph(still, INSIGHTS, params))[:2] == (400, 100)
    still.clock.instant = day_end(date.fromisoformat(last_alive)) - timedelta(seconds=1)
    assert graph(still, INSIGHTS, params).status == 200
    still.clock.instant += timedelta(seconds=1)
    assert refused(graph(still, INSIGHTS, params))[:2] == (400, 100)


def test_metric_when_a_test_retires_it_then_it_is_dead_from_then_on(still: FakeNet) -> None:
    at = still.clock.now() + timedelta(hours=1)
    still.facades["facebook"].insights.retired["page_follows"] = at
    assert graph(still, INSIGHTS, {"metric": "page_follows"}).status == 200
    still.clock.sleep(3600)
    assert refused(graph(still, INSIGHTS, {"metric": "page_follows"}))[:2] == (400, 100)


def test_metric_when_none_is_named_then_3001(still: FakeNet) -> None:
    error = graph(still, INSIGHTS).body["error"]
    assert (error["code"], error["error_subcode"]) == (3001, 1504028)


def test_metric_when_in_the_path_or_as_json_then_the_answer_is_the_same(still: FakeNet) -> None:
    span = {"since": "2026-06-10", "until": "2026-06-11"}
    plain = graph(still, INSIGHTS, {"metric": "page_follows", "period": "day"} | span).body
    as_json = graph(still, INSIGHTS, {"metric": '["page_follows"]', "period": "day"} | span).body
    in_path = graph(still, f"{INSIGHTS}/page_follows/day", span).body
    assert plain["data"] == as_json["data"] == in_path["data"] != []


def test_page_when_it_has_fewer_than_a_hundred_fans_then_the_data_is_empty(
    still: FakeNet,
) -> None:
    now = still.clock.now()
    still.facades["facebook"].store.change("page", PAGE, {"followers": 99}, now)
    assert graph(still, INSIGHTS, {"metric": "page_follows"}).body["data"] == []
    still.facades["facebook"].store.change("page", PAGE, {"followers": 100}, now)
    assert graph(still, INSIGHTS, {"metric": "page_follows"}).body["data"] != []


def lifetime(net: FakeNet, post: Post, metric: str, now: datetime) -> Any:
    path = f"facebook/{facebook_post_id(post)}/insights"
    (row,) = graph(net, path, {"metric": metric}, now=now).body["data"]
    assert row["period"] == "lifetime"
    (value,) = row["values"]
    assert set(value) == {"value"}
    return value["value"]


def test_post_when_it_is_new_then_zero_until_the_next_refresh_then_the_worlds_figures(
    still: FakeNet, small: World
) -> None:
    published = next(
        p for p in network_life(small, "facebook").posts
        if p.appeal and p.deleted_at is None and p.corrected_at is None
    )  # fmt: skip
    post = published.post
    refresh = day_end(day_of(post.published_at)) + timedelta(hours=6)
    at = (refresh - timedelta(seconds=1), refresh, refresh + timedelta(hours=23))
    seen = [lifetime(still, post, "post_media_view", now) for now in at]
    figure = published.figures(refresh)["impressions"]

    assert seen == [0, figure, figure]
    assert lifetime(still, post, "post_media_view", refresh + timedelta(days=1)) > figure > 0


def test_post_when_its_figures_are_corrected_then_they_may_fall(
    still: FakeNet, small: World
) -> None:
    published = next(
        p for p in network_life(small, "facebook").posts
        if p.correction < 1 and p.deleted_at is None
        and p.corrected_at and p.corrected_at > p.post.published_at + timedelta(days=9)
        and p.corrected_at < small.parameters.as_of - timedelta(days=2)
    )  # fmt: skip
    assert published.corrected_at is not None
    before, after = (
        lifetime(still, published.post, "post_total_media_view_unique", now)
        for now in (published.corrected_at, published.corrected_at + timedelta(days=1))
    )
    assert after < before


def test_post_when_reactions_are_split_then_parts_are_those_of_the_object(
    still: FakeNet, small: World
) -> None:
    now = still.clock.now()
    post = next(
        p.post for p in network_life(small, "facebook").posts if p.appeal and not p.deleted_at
    )
    by_type = lifetime(still, post, "post_reactions_by_type_total", now)
    parts = {n: lifetime(still, post, f"post_reactions_{n}_total", now) for n in by_type}
    assert parts == by_type
    assert by_type["like"] > by_type["love"] > 0


def test_video_when_its_insights_are_asked_for_then_they_have_another_edge_and_names(
    still: FakeNet,
) -> None:
    video = graph(still, "facebook/me/videos", {"limit": 1, "fields": "id"}).body["data"][0]["id"]
    metrics = {"metric": "total_video_views,total_video_reactions_by_type_total"}
    found = rows(graph(still, f"facebook/{video}/video_insights", metrics))
    assert list(found) == metrics["metric"].split(",")
    assert graph(still, f"facebook/{video}/insights", metrics).status == 400
    dead = graph(still, f"facebook/{video}/video_insights", {"metric": "post_media_view"})
    assert refused(dead)[1] == 100


def test_total_when_all_days_are_read_then_it_is_the_oracles(still: FakeNet) -> None:
    total, since = 0, date(2026, 5, 1)
    while since < date(2026, 7, 1):
        until = since + timedelta(days=13)
        span = {"since": since.isoformat(), "until": until.isoformat()}
        total += sum(values(still, "page_media_view", **span).values())
        since = until
    assert total == ask(still, "/_fake/oracle").body["facebook"]["media_views"] > 10_000
