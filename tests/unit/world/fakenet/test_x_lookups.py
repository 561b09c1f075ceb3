from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any

import pytest

from pipelines.clock import ManualClock
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.fakenet.x import X
from pipelines.world.fakenet.x_names import x_post_id
from pipelines.world.fakenet.x_store import x_store
from pipelines.world.networks import NetworkLife, network_life
from pipelines.world.world import World
from tests.support.fakenet import Answer, flat, x, x_pages

BRAND, USER_TOKEN = "9100000000000000", "fakeUser0001"
TWEETS, MENTIONS = f"users/{BRAND}/tweets", f"users/{BRAND}/mentions"
POST = {"post.fields": "author_id,conversation_id,created_at,public_metrics,referenced_posts"}
TWEET = {"tweet.fields": "author_id,conversation_id,created_at,public_metrics,referenced_tweets"}


@pytest.fixture(scope="module")
def life(small: World) -> NetworkLife:
    return network_life(small, "x")


def problem(answer: Answer) -> tuple[str, str]:
    """Title and type (its last part) of the only problem of a reply with status 200."""
    assert answer.status == 200, answer.content
    (only,) = answer.body["errors"]
    return only["title"], only["type"].rsplit("/", 1)[1]


def invalid(answer: Answer) -> str:
    """The name of the parameter at fault."""
    assert answer.status == 400, answer.content
    assert answer.body["type"].endswith("/invalid-request")
    (error,) = answer.body["errors"]
    (name,) = error["parameters"]
    return name


@pytest.fixture
def old_fashioned(small: World) -> Iterator[FakeNet]:
    facade = X(x_store(small), dialects=("tweet",))
    with FakeNet(
        {facade.name: facade}, ManualClock(small.parameters.as_of.astimezone(UTC))
    ) as running:
        yield running


def test_dialects_when_each_field_parameter_is_sent_then_the_answer_uses_its_words(
    still: FakeNet,
) -> None:
    new = x(still, MENTIONS, POST | {"max_results": 100}).body["data"]
    old = x(still, MENTIONS, TWEET | {"max_results": 100}).body["data"]
    unasked = x(still, MENTIONS, {"max_results": 100}).body["data"]

    for post, tweet in zip(new, old, strict=True):
        assert post["edit_history_post_ids"] == tweet["edit_history_tweet_ids"]
        assert post.get("referenced_posts") == tweet.get("referenced_tweets")
        metrics = dict(post["public_metrics"])
        metrics["retweet_count"] = metrics.pop("repost_count")
        assert metrics == tweet["public_metrics"]
    assert any("referenced_posts" in post for post in new)
    assert set(unasked[0]) == {"id", "text", "edit_history_post_ids"}


def test_dialect_when_it_is_not_known_then_its_parameter_is_refused(
    old_fashioned: FakeNet,
) -> None:
    assert invalid(x(old_fashioned, TWEETS, POST)) == "post.fields"
    assert x(old_fashioned, TWEETS, TWEET).status == 200
    user = x(old_fashioned, f"users/{BRAND}", {"user.fields": "public_metrics"}).body["data"]
    assert user["public_metrics"]["tweet_count"] > 25


@pytest.mark.parametrize(
    ("path", "params", "name"),
    [
        (TWEETS, {"limit": 5}, "limit"),
        (TWEETS, {"max_results": 4}, "max_results"),
        (TWEETS, {"max_results": 101}, "max_results"),
        (f"users/{BRAND}/followers", {"max_results": 1001}, "max_results"),
        ("tweets/search/recent", {"query": "a", "max_results": 9}, "max_results"),
        (TWEETS, {"post.fields": "likes"}, "post.fields"),
        (TWEETS, {"post.fields": "referenced_tweets"}, "post.fields"),
        (TWEETS, {"user.fields": "age"}, "user.fields"),
        (TWEETS, {"expansions": "author"}, "expansions"),
        (TWEETS, {"pagination_token": "xyz"}, "pagination_token"),
        (TWEETS, {"start_time": "yesterday"}, "start_time"),
        (TWEETS, {"since_id": "abc"}, "since_id"),
        ("users/abc/tweets", {}, "id"),
        ("tweets", {}, "ids"),
        ("tweets", {"ids": ",".join(map(str, range(1, 102)))}, "ids"),
        ("tweets/search/recent", {"query": "a" * 513}, "query"),
        ("tweets/search/recent", {"query": "(a OR b"}, "query"),
        ("tweets/search/recent", {"query": "mood:good"}, "query"),
        ("tweets/search/recent", {"query": "a", "start_time": "2026-06-20T00:00:00Z"}, "start_time"),
        ("usage/tweets", {"days": 91}, "days"),
    ],
)  # fmt: skip
def test_parameter_when_wrong_then_400_names_it(
    still: FakeNet, path: str, params: dict[str, Any], name: str
) -> None:
    assert invalid(x(still, path, params)) == name


def test_edit_when_it_happens_then_a_new_id_and_the_old_one_knows_it(
    still: FakeNet, life: NetworkLife
) -> None:
    item = next(p for p in life.posts if p.appeal and p.edited_at and not p.deleted_at)
    assert item.edited_at is not None
    old, new = x_post_id(item.post), x_post_id(item.post, item.edited_at)
    before = x(still, f"tweets/{old}", now=item.edited_at - timedelta(seconds=1)).body["data"]
    assert before["edit_history_post_ids"] == [old]
    shown = x(still, "tweets", {"ids": f"{old},{new}", **POST}).body["data"]
    texts = {post["id"]: post["text"] for post in shown}

    assert texts == {old: item.post.text, new: f"{item.post.text} (edit)"}
    assert [post["edit_history_post_ids"] for post in shown] == [[old, new]] * 2
    assert {post["conversation_id"] for post in shown} == {old}
    timeline = {p["id"] for p in flat(x_pages(still, TWEETS, {"max_results": 100}))}
    assert new in timeline
    assert old not in timeline
    assert int(new) > int(old)


def test_lookup_when_some_are_gone_or_hidden_then_200_with_a_problem_for_each(
    still: FakeNet,
) -> None:
    facade, now = still.facades["x"], still.clock.now()
    first, second, third = x(still, MENTIONS, POST | {"max_results": 100}).body["data"][:3]
    facade.store.delete("post", first["id"], now)
    facade.store.change("user", second["author_id"], {"protected": True}, now)
    kept = [p for p in (third,) if p["author_id"] != second["author_id"]]
    ids = ",".join(p["id"] for p in (first, second, *kept))
    body = x(still, "tweets", {"ids": f"{ids},1"}).body

    assert [post["id"] for post in body.get("data", [])] == [p["id"] for p in kept]
    problems = {e["resource_id"]: (e["title"], e["resource_type"]) for e in body["errors"]}
    assert problems == {
        first["id"]: ("Not Found Error", "post"),
        second["id"]: ("Authorization Error", "post"),
        "1": ("Not Found Error", "post"),
    }
    assert problem(x(still, f"tweets/{first['id']}")) == ("Not Found Error", "resource-not-found")
    hidden = problem(x(still, f"tweets/{second['id']}", TWEET))
    assert hidden == ("Authorization Error", "not-authorized-for-resource")


def test_account_when_protected_or_suspended_then_its_posts_vanish_and_lookups_say_why(
    still: FakeNet,
) -> None:
    facade, now = still.facades["x"], still.clock.now()
    authors = {p["author_id"] for p in x(still, MENTIONS, POST | {"max_results": 100}).body["data"]}
    protected, suspended = sorted(authors)[:2]
    facade.store.change("user", protected, {"protected": True}, now)
    facade.store.delete("user", suspended, now)

    left = {p["author_id"] for p in flat(x_pages(still, MENTIONS, POST | {"max_results": 5}))}
    assert left == authors - {protected, suspended}
    user = x(still, f"users/{protected}", {"user.fields": "protected"}).body["data"]
    assert user["protected"] is True
    hidden = ("Authorization Error", "not-authorized-for-resource")
    assert problem(x(still, f"users/{protected}/tweets")) == hidden
    assert problem(x(still, f"users/{suspended}")) == ("Forbidden", "resource-not-found")
    assert problem(x(still, "users/1/tweets")) == ("Not Found Error", "resource-not-found")


def test_users_when_looked_up_by_id_or_name_then_they_are_the_same(still: FakeNet) -> None:
    fields = {"user.fields": "public_metrics,created_at"}
    by_id = x(still, "users", {"ids": BRAND} | fields).body["data"]
    by_name = x(still, "users/by", {"usernames": "BeanAndBond,nobody"} | fields).body
    one = x(still, "users/by/username/beanandbond", fields).body["data"]
    me = x(still, "users/me", fields, token=USER_TOKEN).body["data"]

    assert by_id == by_name["data"] == [one] == [me]
    assert [e["value"] for e in by_name["errors"]] == ["nobody"]
    assert (one["id"], one["username"]) == (BRAND, "beanandbond")
    assert set(one["public_metrics"]) == {
        "followers_count", "following_count", "post_count", "listed_count", "like_count",
        "media_count",
    }  # fmt: skip


def test_expansions_when_asked_for_then_includes_hold_each_once_and_lost_ones_are_problems(
    still: FakeNet,
) -> None:
    params = {"expansions": "author_id,referenced_posts", "max_results": 100}
    body = x(still, MENTIONS, params).body
    authors = {post["author_id"] for post in body["data"]}
    referenced = {r["id"] for post in body["data"] for r in post.get("referenced_posts", [])}
    users = [user["id"] for user in body["includes"]["users"]]
    posts = [post["id"] for post in body["includes"]["posts"]]

    assert sorted(users) == sorted(authors)
    still.facades["x"].store.delete("post", posts[0], still.clock.now())
    again = x(still, MENTIONS, params).body
    lost = {e["resource_id"] for e in again["errors"]}
    assert posts[0] in lost
    assert {e["section"] for e in again["errors"]} == {"includes"}
    assert lost | {post["id"] for post in again["includes"]["posts"]} == referenced
