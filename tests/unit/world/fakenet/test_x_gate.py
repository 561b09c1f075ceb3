from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from pipelines.world.fakenet.server import FakeNet
from pipelines.world.fakenet.x_names import x_post_id
from pipelines.world.networks import Published, network_life
from pipelines.world.world import World
from tests.support.fakenet import APP_TOKEN, Answer, ask, flat, x, x_pages

BRAND, USER_TOKEN = "9100000000000000", "fakeUser0001"
TWEETS = f"users/{BRAND}/tweets"


def refused(answer: Answer) -> tuple[int, str]:
    """Status and title of a refusal."""
    assert "data" not in answer.body
    return answer.status, answer.body["title"]


def renew(net: FakeNet, path: str, fields: dict[str, str], **more: Any) -> Answer:
    body = urlencode(fields).encode()
    return ask(net, f"/x{path}", method="POST", body=body, token=None, **more)


def test_token_when_missing_unknown_or_ended_then_401(still: FakeNet) -> None:
    assert refused(x(still, TWEETS, token=None)) == (401, "Unauthorized")
    assert refused(x(still, TWEETS, token="guess")) == (401, "Unauthorized")
    assert x(still, TWEETS).status == x(still, TWEETS, token=USER_TOKEN).status == 200
    still.facades["x"].expire_tokens(still.clock.now())
    assert refused(x(still, TWEETS)) == (401, "Unauthorized")


def test_refresh_when_used_then_a_new_token_for_two_hours_and_a_new_refresh_token(
    still: FakeNet,
) -> None:
    still.facades["x"].expire_tokens(still.clock.now())
    fields = {"grant_type": "refresh_token", "refresh_token": "fakeRefresh0001"}
    given = renew(still, "/2/oauth2/token", fields).body
    assert x(still, TWEETS, token=given["access_token"]).status == 200
    again = renew(still, "/2/oauth2/token", fields)
    assert (again.status, again.body["error"]) == (400, "invalid_request")
    still.clock.sleep(given["expires_in"])
    assert x(still, TWEETS, token=given["access_token"]).status == 401
    fields["refresh_token"] = given["refresh_token"]
    assert renew(still, "/2/oauth2/token", fields).status == 200


def test_app_token_when_asked_for_with_the_key_then_it_is_given(still: FakeNet) -> None:
    fields = {"grant_type": "client_credentials"}
    for secret, status in (("fakeSecret0001", 200), ("guess", 403)):
        basic = base64.b64encode(f"fakeKey0001:{secret}".encode()).decode()
        answer = renew(still, "/oauth2/token", fields, headers={"Authorization": f"Basic {basic}"})
        assert answer.status == status
    assert renew(still, "/oauth2/token", fields).status == 403


def test_endpoint_when_the_app_may_not_or_a_user_is_needed_then_403(still: FakeNet) -> None:
    still.facades["x"].gate.forbidden.add("search")
    search = x(still, "tweets/search/recent", {"query": "a"})
    assert refused(search) == (403, "Client Forbidden")
    assert search.body["reason"] == "client-not-enrolled"
    for path, token in (
        ("users/me", APP_TOKEN), ("tweets/1/liking_users", APP_TOKEN), ("usage/tweets", USER_TOKEN),
    ):  # fmt: skip
        assert refused(x(still, path, token=token)) == (403, "Unsupported Authentication")
    limits = x(still, "tweets/1/liking_users", token=USER_TOKEN).headers
    assert limits["x-rate-limit-limit"] == "75"
    still.facades["x"].gate.tokens.add("few", ["users.read"])
    assert refused(x(still, TWEETS, token="few")) == (403, "Forbidden")
    assert x(still, "lists/1").status == 404


@pytest.mark.parametrize(
    ("path", "app", "user"),
    [
        (TWEETS, 10_000, 900),
        (f"users/{BRAND}/mentions", 450, 300),
        (f"users/{BRAND}/followers", 300, 300),
        ("tweets/search/recent?query=a", 450, 300),
        ("tweets/1/retweeted_by", 75, 75),
        ("tweets/1/quote_tweets", 75, 75),
    ],
)
def test_window_when_opened_then_its_limit_is_that_of_the_token(
    still: FakeNet, path: str, app: int, user: int
) -> None:
    for token, limit in ((APP_TOKEN, app), (USER_TOKEN, user)):
        headers = x(still, path, token=token).headers
        assert headers["x-rate-limit-limit"] == str(limit)
        assert headers["x-rate-limit-remaining"] == str(limit - 1)


def test_window_when_used_up_then_429_until_the_reset_in_epoch_seconds(still: FakeNet) -> None:
    still.facades["x"].gate.limits["tweets"] = (2, 2)
    assert [x(still, TWEETS).status for _ in range(3)] == [200, 200, 429]
    answer = x(still, TWEETS)
    assert refused(answer) == (429, "Too Many Requests")
    # The world ends at 22:00 UTC, where a window of 15 minutes begins.
    reset = int(answer.headers["x-rate-limit-reset"])
    assert reset == int((still.clock.now() + timedelta(minutes=15)).timestamp())
    assert answer.headers["x-rate-limit-remaining"] == "0"
    assert x(still, f"users/{BRAND}/mentions").status == 200
    still.facades["x"].gate.is_legacy_throttle = True
    old = x(still, TWEETS)
    assert (old.status, old.body["errors"][0]["code"]) == (429, 88)
    still.clock.sleep(15 * 60)
    assert x(still, TWEETS).status == 200


def test_cap_when_the_months_posts_are_read_then_429_although_the_window_has_room(
    still: FakeNet,
) -> None:
    still.facades["x"].gate.monthly_cap = 10
    assert x(still, TWEETS, {"max_results": 10}).status == 200
    capped = x(still, TWEETS, {"max_results": 10})
    assert refused(capped) == (429, "UsageCapExceeded")
    assert capped.body["type"].endswith("/usage-capped")
    assert int(capped.headers["x-rate-limit-remaining"]) > 9_000
    assert x(still, f"users/{BRAND}").status == 200  # users are not posts
    still.clock.sleep(timedelta(days=3).total_seconds())  # into July
    assert x(still, TWEETS, {"max_results": 10}).status == 200


def test_usage_when_posts_are_read_twice_on_a_day_then_they_count_once(still: FakeNet) -> None:
    for _ in range(2):
        x(still, TWEETS, {"max_results": 10})
    still.clock.sleep(timedelta(hours=3).total_seconds())  # past midnight UTC
    x(still, TWEETS, {"max_results": 5})
    data = x(still, "usage/tweets", {"days": 2}).body["data"]

    assert data["project_usage"] == "15"
    assert data["project_cap"] == "3000000"
    assert [d["usage"] for d in data["daily_project_usage"]["usage"]] == ["10", "5"]
    assert "daily_client_app_usage" not in data
    only = x(still, "usage/tweets", {"usage.fields": "project_usage"}).body["data"]
    assert only == {"project_usage": "15"}


def young_and_old(world: World) -> tuple[Published, Published]:
    own = [p for p in network_life(world, "x").posts if p.appeal and p.deleted_at is None]
    end = world.parameters.as_of
    young = next(p for p in own if end - p.post.published_at < timedelta(days=20))
    old = next(p for p in own if end - p.post.published_at > timedelta(days=31))
    return young, old


def test_secret_figures_when_asked_for_then_only_the_author_and_for_thirty_days(
    still: FakeNet, small: World
) -> None:
    young, old = (x_post_id(p.post, p.edited_at) for p in young_and_old(small))
    params = {"ids": f"{young},{old}", "post.fields": "non_public_metrics,organic_metrics"}
    mine = x(still, "tweets", params, token=USER_TOKEN).body
    apps = x(still, "tweets", params).body

    shown = {post["id"]: set(post) & {"non_public_metrics", "organic_metrics"}
             for post in mine["data"]}  # fmt: skip
    assert shown == {young: {"non_public_metrics", "organic_metrics"}, old: set()}
    assert {(e["resource_id"], e["title"]) for e in mine["errors"]} == {
        (old, "Field Authorization Error")
    }
    assert len(apps["errors"]) == 4
    assert not any("non_public_metrics" in post for post in apps["data"])


def test_figures_when_they_grow_or_are_corrected_then_they_are_the_worlds(
    still: FakeNet, small: World
) -> None:
    item = next(
        p for p in network_life(small, "x").posts
        if p.correction < 1 and p.deleted_at is None and p.edited_at is None
    )  # fmt: skip

    def views(now: datetime) -> int:
        params = {"tweet.fields": "public_metrics"}
        found = x(still, f"tweets/{x_post_id(item.post)}", params, now=now).body["data"]
        return int(found["public_metrics"]["impression_count"])

    day = item.post.published_at + timedelta(days=1)
    assert item.corrected_at is not None
    assert [views(day), views(day + timedelta(hours=23))] == [
        item.figures(day)["impressions"]
    ] * 2  # fmt: skip
    late = item.post.published_at + timedelta(days=26)
    assert item.appeal is not None
    truth = item.appeal.figures("x", 26)["impressions"]
    assert truth is not None
    assert views(late) == int(truth * item.correction) < truth


def test_analytics_when_by_day_then_buckets_add_up_to_the_total(
    still: FakeNet, small: World
) -> None:
    item = young_and_old(small)[1]
    assert item.appeal is not None
    post_id, at = x_post_id(item.post), item.post.published_at
    params = {
        "ids": f"{post_id},1", "start_time": at.isoformat(),
        "end_time": (at + timedelta(days=3)).isoformat(), "analytics.fields": "impressions,likes",
    }  # fmt: skip
    days, total = (
        x(still, "tweets/analytics", params | {"granularity": g}, token=USER_TOKEN).body
        for g in ("daily", "total")
    )
    buckets = [b["metrics"]["impressions"] for b in days["data"][0]["timestamped_metrics"]]
    (whole,) = total["data"][0]["timestamped_metrics"]

    assert len(buckets) == 3
    assert sum(buckets) == whole["metrics"]["impressions"] == item.figures(
        at + timedelta(days=3)
    )["impressions"]  # fmt: skip
    assert set(whole["metrics"]) == {"impressions", "likes"}
    assert [e["resource_id"] for e in days["errors"]] == ["1"]
    assert x(still, "tweets/analytics", params).status == 403
    del params["start_time"]
    assert x(still, "tweets/analytics", params, token=USER_TOKEN).status == 400


def test_time_travel_when_earlier_then_the_timeline_is_that_of_then(
    still: FakeNet, small: World
) -> None:
    then = small.parameters.as_of - timedelta(days=30)
    life = network_life(small, "x")
    truth = {
        x_post_id(p.post, p.edited_at) for p in life.posts
        if p.appeal and p.post.published_at <= then and (not p.deleted_at or p.deleted_at > then)
    }  # fmt: skip
    params = {"max_results": 100, "exclude": "replies"}
    found = {p["id"] for p in flat(x_pages(still, TWEETS, params, now=then))}
    assert found == truth
    assert len(found) > 5
