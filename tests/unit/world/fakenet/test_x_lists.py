from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.world.fakenet.faults import Nth, Rule
from pipelines.world.fakenet.faults_pages import EmptyPage
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.fakenet.x_names import snowflake, x_message_id, x_post_id
from pipelines.world.networks import NetworkLife, network_life
from pipelines.world.world import World
from tests.support import fakenet
from tests.support.fakenet import flat, x, x_bodies, x_pages

BRAND, USER_TOKEN = "9100000000000000", "fakeUser0001"
TWEETS, MENTIONS = f"users/{BRAND}/tweets", f"users/{BRAND}/mentions"
POST = {"post.fields": "author_id,conversation_id,created_at,public_metrics,referenced_posts"}
TWEET = {"tweet.fields": "author_id,conversation_id,created_at,public_metrics,referenced_tweets"}


@pytest.fixture(scope="module")
def life(small: World) -> NetworkLife:
    return network_life(small, "x")


def oracle(net: FakeNet, now: datetime | None = None) -> dict[str, Any]:
    return fakenet.oracle(net, "x", now)


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


def test_since_id_when_given_then_only_later_posts(still: FakeNet) -> None:
    ids = [p["id"] for p in flat(x_pages(still, TWEETS, {"max_results": 100}))]
    found = flat(x_pages(still, TWEETS, {"max_results": 5, "since_id": ids[7], "until_id": ids[1]}))
    assert [p["id"] for p in found] == ids[2:7]


def test_exclude_when_replies_then_only_what_answers_nobody(still: FakeNet) -> None:
    params = POST | {"max_results": 100, "exclude": "replies,retweets"}
    found = flat(x_pages(still, TWEETS, params))
    assert 20 < len(found) < oracle(still)["tweets"]
    assert not any("referenced_posts" in post for post in found)


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
