from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.clock import ManualClock
from pipelines.world.fakenet.faults import Nth, Rule
from pipelines.world.fakenet.faults_pages import EmptyPage
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.fakenet.x import X
from pipelines.world.fakenet.x_names import snowflake, x_message_id, x_post_id
from pipelines.world.fakenet.x_store import x_store
from pipelines.world.networks import NetworkLife, network_life
from pipelines.world.world import World
from tests.support.fakenet import Answer, ask, flat, x, x_bodies, x_pages

BRAND, USER_TOKEN = "9100000000000000", "fakeUser0001"
TWEETS, MENTIONS = f"users/{BRAND}/tweets", f"users/{BRAND}/mentions"
POST = {"post.fields": "author_id,conversation_id,created_at,public_metrics,referenced_posts"}
TWEET = {"tweet.fields": "author_id,conversation_id,created_at,public_metrics,referenced_tweets"}


@pytest.fixture(scope="module")
def life(small: World) -> NetworkLife:
    return network_life(small, "x")


def oracle(net: FakeNet, now: datetime | None = None) -> dict[str, Any]:
    return ask(net, "/_fake/oracle", now=now).body["x"]


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


def alive(when: datetime, deleted_at: datetime | None) -> bool:
    return deleted_at is None or deleted_at > when


def test_id_when_made_then_it_tells_its_time_and_is_beyond_a_double() -> None:
    # 2026-01-01 is 1767225600000 ms; less 1288834974657 ms, times 2^22, plus 5.
    made = snowflake(datetime(2026, 1, 1, tzinfo=UTC), 5)
    assert made == str((1_767_225_600_000 - 1_288_834_974_657) * 4_194_304 + 5)
    assert float(made) != int(made)


@pytest.mark.parametrize("size", [5, None, 100], ids=["least", "default", "most"])
def test_timeline_when_paged_to_the_end_then_posts_and_answers_are_there_once(
    net: FakeNet, life: NetworkLife, small: World, size: int | None
) -> None:
    params = {"max_results": size} if size else {}
    found = flat(x_pages(net, TWEETS, POST | params))
    end = small.parameters.as_of
    truth = {
        x_post_id(p.post, p.edited_at) for p in life.posts if p.appeal and alive(end, p.deleted_at)
    } | {
        x_message_id(s.message) for s in life.messages
        if s.message.author is None and s.message.kind != "dm" and alive(end, s.deleted_at)
    }  # fmt: skip

    ids = [post["id"] for post in found]
    assert set(ids) == truth
    assert len(ids) == len(set(ids)) == oracle(net)["tweets"] > 25
    assert ids == sorted(ids, key=int, reverse=True)
    assert {post["author_id"] for post in found} == {BRAND}


def test_mentions_when_paged_then_replies_and_mentions_of_public_people_are_there(
    net: FakeNet, life: NetworkLife, small: World
) -> None:
    end = small.parameters.as_of
    public = {
        m.profile.profile_id for m in life.members
        if alive(end, m.protected_at) and alive(end, m.suspended_at)
    }  # fmt: skip
    truth = {
        x_message_id(s.message, s.message.edited_at) for s in life.messages
        if s.message.kind != "dm" and s.message.author and s.message.author.profile_id in public
        and alive(end, s.deleted_at)
    }  # fmt: skip
    found = flat(x_pages(net, MENTIONS, POST | {"max_results": 5}))

    assert {post["id"] for post in found} == truth
    assert len(found) == oracle(net)["mentions"] > 15
    assert all("@beanandbond" in post["text"] for post in found)


def test_conversation_when_read_then_every_reply_leads_to_its_root(
    net: FakeNet, life: NetworkLife
) -> None:
    found = {p["id"]: p for p in flat(x_pages(net, MENTIONS, POST | {"max_results": 100}))}
    posts = {p.post.post_id: p.post for p in life.posts}
    checked = 0
    for said in life.messages:
        shown = found.get(x_message_id(said.message))
        if shown and said.message.post_id:
            assert shown["conversation_id"] == x_post_id(posts[said.message.post_id])
            (reference,) = shown["referenced_posts"]
            assert reference["type"] == "replied_to"
            checked += 1
    assert checked > 10


def test_meta_when_pages_are_read_then_counts_and_ends_are_those_of_the_data(
    still: FakeNet,
) -> None:
    first = x(still, TWEETS, {"max_results": 5}).body
    ids = [post["id"] for post in first["data"]]
    meta = first["meta"]
    assert (meta["result_count"], meta["newest_id"], meta["oldest_id"]) == (
        len(ids), ids[0], ids[-1],
    )  # fmt: skip
    second = x(still, TWEETS, {"max_results": 5, "pagination_token": meta["next_token"]}).body
    back = {"max_results": 5, "pagination_token": second["meta"]["previous_token"]}
    assert x(still, TWEETS, back).body["data"] == first["data"]
    last = list(x_bodies(still, TWEETS, {"max_results": 100}))[-1]["meta"]
    assert "next_token" not in last


def test_page_when_all_its_posts_are_gone_then_it_is_empty_with_a_token(
    still: FakeNet,
) -> None:
    store, now = still.facades["x"].store, still.clock.now()
    before = flat(x_pages(still, TWEETS, {"max_results": 100}))
    for post in before[:5]:
        store.delete("post", post["id"], now)
    first = x(still, TWEETS, {"max_results": 5}).body
    rest = flat(x_pages(still, TWEETS, {"max_results": 5}))

    assert first["meta"]["result_count"] == 0
    assert "data" not in first
    assert first["meta"]["next_token"]
    assert rest == before[5:]


def test_nothing_when_it_is_all_there_is_then_meta_stands_alone(still: FakeNet) -> None:
    params = {"start_time": "2026-06-28T21:59:59Z"}
    assert x(still, TWEETS, params).body == {"meta": {"result_count": 0}}


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


@pytest.fixture
def old_fashioned(small: World) -> Iterator[FakeNet]:
    facade = X(x_store(small), dialects=("tweet",))
    with FakeNet((facade,), ManualClock(small.parameters.as_of.astimezone(UTC))) as running:
        yield running


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


def test_since_id_when_given_then_only_later_posts(still: FakeNet) -> None:
    ids = [p["id"] for p in flat(x_pages(still, TWEETS, {"max_results": 100}))]
    found = flat(x_pages(still, TWEETS, {"max_results": 5, "since_id": ids[7], "until_id": ids[1]}))
    assert [p["id"] for p in found] == ids[2:7]


def test_exclude_when_replies_then_only_what_answers_nobody(still: FakeNet) -> None:
    params = POST | {"max_results": 100, "exclude": "replies,retweets"}
    found = flat(x_pages(still, TWEETS, params))
    assert 20 < len(found) < oracle(still)["tweets"]
    assert not any("referenced_posts" in post for post in found)


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


def test_people_when_lists_are_read_then_counts_are_never_below_them(net: FakeNet) -> None:
    totals = {"likes": 0, "reposts": 0, "quotes": 0}
    for post in flat(x_pages(net, TWEETS, POST | {"max_results": 100})):
        metrics = post["public_metrics"]
        for edge, size, count, total in (
            ("liking_users", 1, "like_count", "likes"),
            ("retweeted_by", 1, "repost_count", "reposts"),
            ("quote_tweets", 10, "quote_count", "quotes"),
        ):
            net.clock.sleep(15)  # within 75 in 15 minutes
            path, size_only = f"tweets/{post['id']}/{edge}", {"max_results": size}
            found = flat(x_pages(net, path, size_only, token=USER_TOKEN))
            assert len(found) <= metrics[count]
            totals[total] += len(found)
    expected = oracle(net)

    assert totals == {name: expected[name] for name in totals}
    assert min(totals["likes"], totals["reposts"]) > 3


def test_followers_when_paged_then_they_are_the_worlds_and_some_left(
    net: FakeNet, life: NetworkLife, small: World
) -> None:
    end = small.parameters.as_of
    users = {m.profile.profile_id for m in life.members if alive(end, m.suspended_at)}
    truth = {f.profile_id for f in life.follows if alive(end, f.until)} & users
    found = flat(x_pages(net, f"users/{BRAND}/followers", {"max_results": 3}))
    assert {user["id"] for user in found} == truth
    assert len(found) == oracle(net)["followers"] > 5


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


def test_search_when_it_runs_then_seven_days_without_reposts(still: FakeNet) -> None:
    params = {"query": "@beanandbond -from:beanandbond", "max_results": 10} | POST
    found, token = [], {}
    while True:
        body = x(still, "tweets/search/recent", params | token).body
        found += body.get("data", [])
        if "next_token" not in body["meta"]:
            break
        token = {"next_token": body["meta"]["next_token"]}
    week = still.clock.now() - timedelta(days=7)

    assert len(found) == oracle(still)["recent_mentions"] > 0
    assert all(datetime.fromisoformat(post["created_at"]) >= week for post in found)
    assert not any(post["text"].startswith("RT ") for post in found)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("from:beanandbond", "own"),
        ("from:beanandbond is:reply", "replies"),
        ("from:beanandbond -is:reply", "posts"),
        ("(from:beanandbond OR from:nobody) is:reply", "replies"),
        ("from:nobody OR from:beanandbond is:reply", "replies"),
        ("-(is:reply) from:beanandbond", "posts"),
    ],
)
def test_query_when_terms_are_combined_then_and_binds_tighter_than_or(
    still: FakeNet, query: str, expected: str
) -> None:
    params = {"query": query, "max_results": 100} | POST
    found = x(still, "tweets/search/recent", params).body.get("data", [])
    own = x(
        still, "tweets/search/recent", {"query": "from:beanandbond", **POST, "max_results": 100}
    )
    everything = own.body["data"]
    is_reply = {"replies": True, "posts": False}.get(expected)
    wanted = [p for p in everything if is_reply is None or ("referenced_posts" in p) is is_reply]
    assert found == wanted != []


def test_empty_page_when_injected_then_following_the_token_loses_nothing(net: FakeNet) -> None:
    plain = flat(x_pages(net, TWEETS, {"max_results": 10}))
    net.script.add(Rule("x", "GET */tweets", EmptyPage(), Nth(2)))
    pages = list(x_pages(net, TWEETS, {"max_results": 10}))
    assert pages[1] == []
    assert flat(iter(pages)) == plain
