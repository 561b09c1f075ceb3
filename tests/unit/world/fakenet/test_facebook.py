from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.world.fakenet.facebook_store import facebook_comment_id, facebook_post_id
from pipelines.world.fakenet.faults import Nth, Rule
from pipelines.world.fakenet.faults_pages import (
    CursorLoop,
    DuplicateAcrossPages,
    EmptyPage,
    ForeignNext,
)
from pipelines.world.fakenet.graph_tokens import READ
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.networks import network_life
from pipelines.world.world import World
from tests.support import fakenet
from tests.support.fakenet import Answer, ask, flat, graph, graph_pages

PAGE = "9100000000000002"
POSTS = "facebook/me/published_posts"
SIZES = pytest.mark.parametrize("size", [1, None, 100], ids=["one", "default", "most"])


def oracle(net: FakeNet, now: datetime | None = None) -> dict[str, Any]:
    return fakenet.oracle(net, "facebook", now)


def sized(size: int | None) -> dict[str, Any]:
    return {"limit": size} if size else {}


def gone(answer: Answer) -> bool:
    error = answer.body.get("error", {})
    return answer.status == 400 and (error["code"], error["error_subcode"]) == (100, 33)


@SIZES
def test_posts_when_paged_to_the_end_then_every_live_post_is_there_once(
    still: FakeNet, small: World, size: int | None
) -> None:
    fields = {"fields": "id,message,created_time"}
    posts = flat(graph_pages(still, POSTS, fields | sized(size)))
    alive = [
        p for p in network_life(small, "facebook").posts
        if p.post.author is None and (p.deleted_at is None or p.deleted_at > small.parameters.as_of)
    ]  # fmt: skip

    ids = [post["id"] for post in posts]
    assert len(set(ids)) == len(ids) == oracle(still)["published_posts"] > 25
    assert set(ids) == {facebook_post_id(p.post) for p in alive}
    assert all(i.startswith(f"{PAGE}_") for i in ids)
    times = [post["created_time"] for post in posts]
    assert times == sorted(times, reverse=True)


@SIZES
def test_comments_when_read_as_a_stream_then_all_of_them_are_below_their_posts(
    net: FakeNet, small: World, size: int | None
) -> None:
    found = {}
    for post in flat(graph_pages(net, POSTS, {"fields": "id", "limit": 100})):
        params = {"filter": "stream", "fields": "id,from,created_time,parent"} | sized(size)
        for comment in flat(graph_pages(net, f"facebook/{post['id']}/comments", params)):
            found[comment["id"]] = comment
    posts = {p.post_id: p for p in small.posts}
    truth = {
        facebook_comment_id(m, posts[m.post_id]): m
        for m in small.said.messages
        if m.account.network == "facebook" and m.post_id
    }

    assert len(found) == oracle(net)["comments"] > 15
    assert found.keys() <= truth.keys()
    for comment_id, comment in found.items():
        message = truth[comment_id]
        assert datetime.fromisoformat(comment["created_time"]) == message.sent_at
        assert comment["from"]["id"] == (message.author.profile_id if message.author else PAGE)
        assert ("parent" in comment) is (message.kind == "reply")


def test_comments_when_read_level_by_level_then_they_are_those_of_the_stream(
    net: FakeNet,
) -> None:
    streamed, nested = set(), set()
    for post in flat(graph_pages(net, POSTS, {"fields": "id", "limit": 100})):
        path = f"facebook/{post['id']}/comments"
        streamed |= {c["id"] for c in flat(graph_pages(net, path, {"filter": "stream"}))}
        for top in flat(graph_pages(net, path, {"fields": "id,comment_count"})):
            below = flat(graph_pages(net, f"facebook/{top['id']}/comments", {"fields": "parent"}))
            assert len(below) == top["comment_count"]
            assert {c["parent"]["id"] for c in below} <= {top["id"]}
            nested |= {top["id"]} | {c["id"] for c in below}

    assert nested == streamed


def test_summary_when_asked_for_then_totals_are_those_of_the_lists(still: FakeNet) -> None:
    fields = (
        "id,comments.filter(stream).limit(0).summary(total_count),"
        "reactions.limit(0).summary(total_count),"
        "reactions.type(LOVE).limit(0).summary(total_count).as(love)"
    )
    posts = flat(graph_pages(still, POSTS, {"fields": fields, "limit": 100}))
    comments = sum(post["comments"]["summary"]["total_count"] for post in posts)

    assert comments == oracle(still)["comments"]
    assert all(post["comments"]["data"] == [] for post in posts)
    for post in posts:
        params = {"metric": "post_reactions_by_type_total"}
        (row,) = graph(still, f"facebook/{post['id']}/insights", params).body["data"]
        by_type = row["values"][0]["value"]
        assert post["reactions"]["summary"]["total_count"] == sum(by_type.values())
        assert post["love"]["summary"]["total_count"] == by_type.get("love", 0)


def test_next_link_when_it_is_followed_then_it_carries_the_token_and_gives_the_next_page(
    still: FakeNet,
) -> None:
    first = graph(still, POSTS, {"limit": 2, "fields": "id"}).body
    link = first["paging"]["next"]
    assert "access_token=EAABfakePage0001" in link
    followed = ask(still, link.removeprefix(still.origin), token=None).body
    everything = [p["id"] for p in flat(graph_pages(still, POSTS, {"limit": 100}))]

    assert [p["id"] for p in (*first["data"], *followed["data"])] == everything[:4]
    back = ask(still, followed["paging"]["previous"].removeprefix(still.origin), token=None).body
    assert back["data"] == first["data"]


def test_last_page_when_reached_then_it_has_cursors_and_no_next(still: FakeNet) -> None:
    count = oracle(still)["published_posts"]
    paging = graph(still, POSTS, {"limit": count, "fields": "id"}).body["paging"]
    assert set(paging) == {"cursors"}
    assert set(paging["cursors"]) == {"before", "after"}


def test_since_and_until_when_given_then_they_go_by_creation(still: FakeNet, small: World) -> None:
    since, until = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 15, tzinfo=UTC)
    params = {"since": int(since.timestamp()), "until": until.isoformat(), "fields": "id"}
    found = {post["id"] for post in flat(graph_pages(still, POSTS, params))}
    expected = {
        facebook_post_id(p.post) for p in network_life(small, "facebook").posts
        if since <= p.post.published_at < until and p.deleted_at is None
    }  # fmt: skip
    assert found == expected
    assert len(found) > 3


def test_object_when_deleted_then_it_is_gone_with_all_that_stands_below_it(
    still: FakeNet,
) -> None:
    posts = flat(graph_pages(still, POSTS, {"fields": "id,comments{id}", "limit": 100}))
    post = next(p for p in posts if "comments" in p)
    comment_id = post["comments"]["data"][0]["id"]
    before = oracle(still)
    still.facades["facebook"].store.delete("post", post["id"], still.clock.now())

    assert gone(graph(still, f"facebook/{post['id']}"))
    assert gone(graph(still, f"facebook/{comment_id}"))
    after = oracle(still)
    assert after["published_posts"] == before["published_posts"] - 1
    assert after["comments"] < before["comments"]
    earlier = still.clock.now() - timedelta(seconds=1)
    assert graph(still, f"facebook/{comment_id}", now=earlier).body["id"] == comment_id


def test_post_when_it_is_edited_or_commented_then_its_update_time_moves(
    still: FakeNet, small: World
) -> None:
    edited = next(
        p for p in network_life(small, "facebook").posts
        if p.edited_at is not None and p.deleted_at is None
    )  # fmt: skip
    path = f"facebook/{facebook_post_id(edited.post)}"
    params = {"fields": "message,created_time,updated_time"}
    assert edited.edited_at is not None
    before = graph(still, path, params, now=edited.edited_at - timedelta(seconds=1)).body
    after = graph(still, path, params, now=edited.edited_at).body

    assert before["message"] == edited.post.text
    assert before["updated_time"] == before["created_time"]
    assert after["message"] == f"{edited.post.text} (edit)"
    assert datetime.fromisoformat(after["updated_time"]) == edited.edited_at


def test_author_when_the_permission_lacks_then_people_are_not_shown_but_the_page_is(
    net: FakeNet,
) -> None:
    gate = net.facades["facebook"].gate
    gate.tokens.add("few", [READ])
    gate.page_tokens.add("few")
    shown: Counter[str] = Counter()
    for post in flat(graph_pages(net, POSTS, {"fields": "id", "limit": 100})):
        params = {"filter": "stream", "fields": "id,from"}
        for comment in flat(
            graph_pages(net, f"facebook/{post['id']}/comments", params, token="few")
        ):
            shown[comment.get("from", {}).get("id", "nobody")] += 1

    assert set(shown) == {"nobody", PAGE}


def test_conversations_when_read_then_all_messages_are_there_newest_talk_first(
    still: FakeNet, small: World
) -> None:
    talks = flat(
        graph_pages(still, "facebook/me/conversations", {"fields": "id,updated_time", "limit": 3})
    )
    stamps = [talk["updated_time"] for talk in talks]
    messages = [
        message
        for talk in talks
        for message in flat(
            graph_pages(
                still, f"facebook/{talk['id']}/messages", {"fields": "message,from", "limit": 2}
            )
        )
    ]
    truth = [
        m.text for m in small.said.messages if m.account.network == "facebook" and m.kind == "dm"
    ]

    assert stamps == sorted(stamps, reverse=True)
    assert sorted(m["message"] for m in messages) == sorted(truth)
    assert (len(talks), len(messages)) == (
        oracle(still)["conversations"], oracle(still)["messages"],
    )  # fmt: skip


def test_videos_when_listed_then_their_posts_point_at_them(still: FakeNet) -> None:
    videos = flat(graph_pages(still, "facebook/me/videos", {"fields": "id,post_id"}))
    posts = flat(graph_pages(still, POSTS, {"fields": "id,status_type,attachments", "limit": 100}))
    by_post = {
        p["id"]: p["attachments"]["data"][0]["target"]["id"] for p in posts if "attachments" in p
    }

    assert {v["post_id"]: v["id"] for v in videos} == by_post
    assert len(videos) == oracle(still)["videos"] > 5
    assert {p["status_type"] for p in posts if p["id"] in by_post} == {"added_video"}


def test_page_when_its_fields_are_asked_for_then_they_have_the_vendors_types(
    still: FakeNet,
) -> None:
    fields = "id,name,username,fan_count,followers_count,category,link,verification_status"
    page = graph(still, f"facebook/{PAGE}", {"fields": fields}).body
    assert list(page) == fields.split(",")
    assert (page["id"], page["username"], type(page["fan_count"])) == (PAGE, "beanandbond", int)
    assert page["fan_count"] >= 100


@pytest.mark.parametrize("first_empty", [1, 3])
def test_empty_page_when_its_link_is_followed_then_nothing_is_lost(
    net: FakeNet, first_empty: int
) -> None:
    plain = flat(graph_pages(net, POSTS, {"limit": 9}))
    net.script.add(Rule("facebook", "GET */published_posts", EmptyPage(), Nth(first_empty)))
    pages = list(graph_pages(net, POSTS, {"limit": 9}))

    assert [n for n, page in enumerate(pages, start=1) if not page] == [first_empty]
    assert flat(iter(pages)) == plain


def test_page_faults_when_due_then_link_and_cursor_lie_alike(net: FakeNet) -> None:
    net.script.add(Rule("facebook", "GET */published_posts", CursorLoop()))
    pages = [graph(net, POSTS, {"limit": 3}).body["paging"]]
    for _ in range(3):
        pages.append(
            graph(net, POSTS, {"limit": 3, "after": pages[-1]["cursors"]["after"]}).body["paging"]
        )
    assert len({page["cursors"]["after"] for page in pages}) == 1
    assert all(f"after={page['cursors']['after']}" in page["next"] for page in pages)
    net.script.rules = [Rule("facebook", "GET */published_posts", ForeignNext())]
    last = graph(net, POSTS, {"limit": 100}).body["paging"]
    assert last["next"].startswith(f"{net.foreign_origin}/")


def test_duplicate_when_the_last_page_has_a_cursor_then_it_does_not_leak_into_the_next_read(
    net: FakeNet,
) -> None:
    plain = flat(graph_pages(net, POSTS, {"limit": 9}))
    net.script.add(Rule("facebook", "GET */published_posts", DuplicateAcrossPages()))
    twice = [flat(graph_pages(net, POSTS, {"limit": 9})) for _ in range(2)]
    assert twice[0] == twice[1]
    assert len(twice[0]) == len(plain) + (len(plain) - 1) // 9
