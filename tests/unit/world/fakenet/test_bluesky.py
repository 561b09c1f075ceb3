from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipelines.world.bluesky import BRAND_KEY, BlueskyWorld, build_bluesky
from pipelines.world.fakenet.bluesky import Bluesky
from pipelines.world.fakenet.bluesky_gate import APP_PASSWORD, REQUESTS
from pipelines.world.fakenet.bluesky_names import POST, at_uri, did_of
from pipelines.world.fakenet.bluesky_store import bluesky_store, post_key
from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.world import World
from tests.support import fakenet
from tests.support.fakenet import Answer, ask, flat, xrpc, xrpc_pages

FEED, THREAD = "app.bsky.feed.getAuthorFeed", "app.bsky.feed.getPostThread"
RECORDS, STATUS = "com.atproto.repo.listRecords", "com.atproto.sync.getRepoStatus"
SIZES = pytest.mark.parametrize("size", [1, None, 100], ids=["one", "default", "most"])


@pytest.fixture(scope="module")
def life(small: World) -> BlueskyWorld:
    return build_bluesky(small)


@pytest.fixture
def brand(small: World) -> str:
    return did_of(small.parameters.seed, BRAND_KEY)


def oracle(net: FakeNet, now: datetime | None = None) -> dict[str, Any]:
    return fakenet.oracle(net, "bluesky", now)


def sized(size: int | None) -> dict[str, Any]:
    return {"limit": size} if size else {}


def error(answer: Answer) -> tuple[int, str]:
    assert set(answer.body) == {"error", "message"}
    return answer.status, answer.body["error"]


def alive(life: BlueskyWorld, now: datetime) -> set[str]:
    """Keys of accounts that are open at `now`."""
    return {a.key for a in life.accounts if a.closed_at is None or a.closed_at > now}


@SIZES
def test_author_feed_when_paged_to_the_end_then_it_holds_every_post_of_the_brand_once(
    still: FakeNet, life: BlueskyWorld, brand: str, small: World, size: int | None
) -> None:
    items = flat(xrpc_pages(still, FEED, "feed", {"actor": brand} | sized(size)))
    uris = [item["post"]["uri"] for item in items]
    end = small.parameters.as_of
    own = [p for p in life.posts if p.author == BRAND_KEY
           and (p.deleted_at is None or p.deleted_at > end)]  # fmt: skip

    assert len(set(uris)) == len(uris) == len(own) == oracle(still)["author_feed"] > 20
    assert {item["post"]["record"]["text"] for item in items} == {p.text for p in own}


@SIZES
def test_followers_when_paged_to_the_end_then_they_are_the_worlds(
    still: FakeNet, life: BlueskyWorld, brand: str, small: World, size: int | None
) -> None:
    end = small.parameters.as_of
    found = flat(
        xrpc_pages(
            still, "app.bsky.graph.getFollowers", "followers", {"actor": brand} | sized(size)
        )
    )
    expected = {
        did_of(small.parameters.seed, act.author)
        for act in life.acts
        if act.followed == BRAND_KEY and act.author in alive(life, end)
        and (act.undone_at is None or act.undone_at > end)
    }  # fmt: skip

    assert len(found) == oracle(still)["followers"] > 5
    assert {actor["did"] for actor in found} == expected


@SIZES
def test_records_when_paged_to_the_end_then_both_directions_give_all(
    still: FakeNet, brand: str, size: int | None
) -> None:
    params = {"repo": brand, "collection": POST} | sized(size)
    newest_first = flat(xrpc_pages(still, RECORDS, "records", params))
    oldest_first = flat(xrpc_pages(still, RECORDS, "records", params | {"reverse": "true"}))

    assert len(newest_first) == oracle(still)["records"] > 20
    assert newest_first == oldest_first[::-1]
    keys = [record["uri"].rsplit("/")[-1] for record in newest_first]
    assert keys == sorted(keys, reverse=True)


def test_counts_when_compared_with_the_lists_then_every_post_agrees(
    still: FakeNet, brand: str
) -> None:
    totals = {"likes": 0, "reposts": 0, "quotes": 0}
    for item in flat(xrpc_pages(still, FEED, "feed", {"actor": brand, "limit": 100})):
        post = item["post"]
        for nsid, items, count, total in (
            ("getLikes", "likes", "likeCount", "likes"),
            ("getRepostedBy", "repostedBy", "repostCount", "reposts"),
            ("getQuotes", "posts", "quoteCount", "quotes"),
        ):
            if post[count]:
                found = flat(
                    xrpc_pages(
                        still, f"app.bsky.feed.{nsid}", items, {"uri": post["uri"], "limit": 2}
                    )
                )
                assert len(found) == post[count]
                totals[total] += len(found)

    assert totals == {name: oracle(still)[name] for name in totals}
    assert totals["likes"] > 20


def replies_in(thread: dict[str, Any]) -> int:
    below = thread.get("replies", [])
    return len(below) + sum(map(replies_in, below))


def test_threads_when_read_whole_then_all_replies_are_there(still: FakeNet, brand: str) -> None:
    roots = flat(
        xrpc_pages(
            still, FEED, "feed", {"actor": brand, "filter": "posts_no_replies", "limit": 100}
        )
    )
    threads = [
        xrpc(still, THREAD, {"uri": item["post"]["uri"], "depth": 1000}).body["thread"]
        for item in roots
    ]

    assert len(threads) == oracle(still)["threads"]
    # Replies below a post that was deleted hang in the air: no thread shows them.
    assert 10 < sum(map(replies_in, threads)) <= oracle(still)["replies"]
    busy = next(thread for thread in threads if replies_in(thread))
    flat_view = xrpc(still, THREAD, {"uri": busy["post"]["uri"], "depth": 0}).body["thread"]
    assert "replies" not in flat_view
    reply = xrpc(still, THREAD, {"uri": busy["replies"][0]["post"]["uri"], "depth": 0})
    assert reply.body["thread"]["parent"]["post"]["uri"] == busy["post"]["uri"]


def test_deletion_when_a_post_is_gone_then_no_list_shows_it_and_its_thread_is_not_found(
    still: FakeNet, brand: str, small: World
) -> None:
    now = small.parameters.as_of
    post = xrpc(still, FEED, {"actor": brand, "limit": 1}).body["feed"][0]["post"]
    before = oracle(still)
    still.facades["bluesky"].store.delete(POST, post["uri"], now - timedelta(minutes=1))

    assert error(xrpc(still, THREAD, {"uri": post["uri"]})) == (400, "NotFound")
    feed = flat(xrpc_pages(still, FEED, "feed", {"actor": brand}))
    assert post["uri"] not in {item["post"]["uri"] for item in feed}
    assert len(feed) == before["author_feed"] - 1
    then = xrpc(still, THREAD, {"uri": post["uri"]}, now=now - timedelta(minutes=2))
    assert then.status == 200


def test_edit_when_a_record_changes_then_its_cid_does_and_its_uri_does_not(
    still: FakeNet, brand: str, small: World
) -> None:
    post = xrpc(still, FEED, {"actor": brand, "limit": 1}).body["feed"][0]["post"]
    value = post["record"] | {"text": "corrected"}
    still.facades["bluesky"].store.change(
        POST, post["uri"], {"value": value, "cid": "bafyother"}, small.parameters.as_of
    )
    shown = xrpc(still, THREAD, {"uri": post["uri"]}).body["thread"]["post"]

    assert (shown["uri"], shown["indexedAt"]) == (post["uri"], post["indexedAt"])
    assert (shown["cid"], shown["record"]["text"]) == ("bafyother", "corrected")


def test_handle_when_it_changes_then_the_did_stays(small: World) -> None:
    life = build_bluesky(small)
    seed = small.parameters.seed
    store = bluesky_store(life, seed)
    account = next(a for a in life.accounts if a.closed_at is None and not a.renamed_to
                   and a.key != BRAND_KEY)  # fmt: skip
    did = did_of(seed, account.key)
    store.change("account", did, {"handle": "new.test"}, small.parameters.as_of)
    facade = Bluesky(store, seed)
    with fake_net(small) as net:
        net.facades["bluesky"] = facade
        assert xrpc(net, "app.bsky.actor.getProfile", {"actor": "new.test"}).body["did"] == did
        old = xrpc(net, "app.bsky.actor.getProfile", {"actor": account.handle})
        assert error(old) == (400, "InvalidRequest")
        then = small.parameters.as_of - timedelta(seconds=1)
        before = xrpc(net, "app.bsky.actor.getProfile", {"actor": account.handle}, now=then)
        assert before.body["did"] == did


def test_account_when_closed_then_inactive_and_what_it_did_is_not_shown(
    still: FakeNet, brand: str, small: World
) -> None:
    params = {"actor": brand, "limit": 100}
    followers = xrpc(still, "app.bsky.graph.getFollowers", params).body["followers"]
    did = followers[0]["did"]
    still.facades["bluesky"].store.delete("account", did, small.parameters.as_of)

    status = xrpc(still, STATUS, {"did": did}).body
    assert status == {"did": did, "active": False, "status": "deactivated"}
    after = xrpc(still, "app.bsky.graph.getFollowers", params).body["followers"]
    assert len(after) == len(followers) - 1
    profile = xrpc(still, "app.bsky.actor.getProfile", {"actor": did})
    assert error(profile) == (400, "AccountDeactivated")
    assert error(xrpc(still, RECORDS, {"repo": did, "collection": POST}))[0] == 400


def test_created_at_when_the_client_lies_then_indexed_at_tells_the_truth(world: World) -> None:
    """In the larger world some clients do; their posts sort where they claim, but never ahead."""
    life, seed = build_bluesky(world), world.parameters.seed
    open_keys = alive(life, world.parameters.as_of)
    forged = [p for p in life.posts if p.declared_at != p.posted_at and p.deleted_at is None
              and p.author in open_keys]  # fmt: skip
    assert {post.declared_at > post.posted_at for post in forged} == {True, False}
    with fake_net(world) as net:
        for post in forged:
            uri = at_uri(did_of(seed, post.author), POST, post_key(post))
            shown = xrpc(net, THREAD, {"uri": uri}).body["thread"]["post"]
            assert datetime.fromisoformat(shown["indexedAt"]) == post.posted_at
            assert datetime.fromisoformat(shown["record"]["createdAt"]) == post.declared_at


def test_author_feed_when_a_client_claims_the_future_then_the_post_is_not_ahead_of_newer_ones(
    still: FakeNet, brand: str
) -> None:
    first, second = (
        i["post"] for i in xrpc(still, FEED, {"actor": brand, "limit": 2}).body["feed"]
    )
    store = still.facades["bluesky"].store
    for post, claimed in (
        (second, "2030-01-01T00:00:00.000Z"),
        (first, "2020-01-01T00:00:00.000Z"),
    ):
        value = post["record"] | {"createdAt": claimed}
        store.change(POST, post["uri"], {"value": value}, datetime.fromisoformat(post["indexedAt"]))
    uris = [i["post"]["uri"] for i in flat(xrpc_pages(still, FEED, "feed", {"actor": brand}))]

    assert uris[-1] == first["uri"]  # a claim of the past is believed
    newest = xrpc(still, THREAD, {"uri": uris[0]}).body["thread"]["post"]
    assert newest["uri"] == second["uri"]  # next newest by index once the first has sunk
    store.change(
        POST, first["uri"], {"value": first["record"]}, datetime.fromisoformat(first["indexedAt"])
    )
    uris = [i["post"]["uri"] for i in flat(xrpc_pages(still, FEED, "feed", {"actor": brand}))]
    assert uris[:2] == [first["uri"], second["uri"]]  # a claim of the future is not


@pytest.mark.parametrize(
    ("nsid", "params", "expected"),
    [
        (FEED, {}, (400, "InvalidRequest")),
        (FEED, {"actor": "nobody.test"}, (400, "InvalidRequest")),
        (FEED, {"actor": "beanandbond.test", "limit": 101}, (400, "InvalidRequest")),
        (FEED, {"actor": "beanandbond.test", "limit": 0}, (400, "InvalidRequest")),
        (FEED, {"actor": "beanandbond.test", "limit": "ten"}, (400, "InvalidRequest")),
        (FEED, {"actor": "beanandbond.test", "cursor": "x"}, (400, "InvalidRequest")),
        (RECORDS, {"repo": "beanandbond.test", "collection": POST, "limit": 101},
         (500, "InternalServerError")),
        (RECORDS, {"repo": "nobody.test", "collection": POST}, (400, "InvalidRequest")),
        (STATUS, {"did": "did:plc:nobody"}, (400, "RepoNotFound")),
        (THREAD, {"uri": "at://did:plc:nobody/app.bsky.feed.post/3k"}, (400, "NotFound")),
        ("app.bsky.feed.getNothing", {}, (501, "MethodNotImplemented")),
        ("app.bsky.actor.getProfiles", [("actors", f"a{n}.test") for n in range(26)],
         (400, "InvalidRequest")),
    ],
)  # fmt: skip
def test_request_when_wrong_then_the_error_is_the_sheets(
    still: FakeNet, nsid: str, params: Any, expected: tuple[int, str]
) -> None:
    assert error(xrpc(still, nsid, params)) == expected


def test_parameter_when_unknown_then_it_is_ignored_as_xrpc_servers_do(still: FakeNet) -> None:
    plain = xrpc(still, FEED, {"actor": "beanandbond.test"})
    assert xrpc(still, FEED, {"actor": "beanandbond.test", "colour": "red"}).body == plain.body


def test_profiles_when_some_are_unknown_then_the_others_come(still: FakeNet, brand: str) -> None:
    params = [("actors", "nobody.test"), ("actors", brand)]
    answer = xrpc(still, "app.bsky.actor.getProfiles", params).body
    assert [profile["did"] for profile in answer["profiles"]] == [brand]


def test_rate_when_used_up_then_429_until_the_window_that_the_header_names(
    still: FakeNet,
) -> None:
    facade = still.facades["bluesky"]
    assert isinstance(facade, Bluesky)
    facade.gate.window.limit = 2
    answers = [xrpc(still, STATUS, {"did": facade.brand}) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert error(answers[2]) == (429, "RateLimitExceeded")
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    wait = int(answers[2].headers["RateLimit-Reset"]) - still.clock.now().timestamp()
    assert 0 < wait <= 300
    still.clock.sleep(wait)
    assert xrpc(still, STATUS, {"did": facade.brand}).status == 200
    assert REQUESTS == 3_000


@pytest.fixture
def closed(small: World) -> Iterator[FakeNet]:
    """A host that wants a session."""
    with fake_net(small) as net:
        old = net.facades["bluesky"]
        seed = small.parameters.seed
        net.facades["bluesky"] = Bluesky(old.store, seed, is_public=False)
        yield net


def test_session_when_missing_wrong_or_expired_then_each_has_its_error(
    closed: FakeNet, brand: str
) -> None:
    def log_in(password: str) -> Answer:
        body = {"identifier": "beanandbond.test", "password": password}
        nsid = "com.atproto.server.createSession"
        return xrpc(closed, nsid, method="POST", body=body)

    params = {"did": brand}
    assert error(xrpc(closed, STATUS, params)) == (401, "AuthMissing")
    assert error(xrpc(closed, STATUS, params, token="x")) == (400, "InvalidToken")
    assert error(log_in("guess")) == (401, "AuthenticationRequired")
    session = log_in(APP_PASSWORD).body
    assert xrpc(closed, STATUS, params, token=session["accessJwt"]).status == 200
    closed.advance(2)
    expired = xrpc(closed, STATUS, params, token=session["accessJwt"])
    assert error(expired) == (400, "ExpiredToken")
    nsid = "com.atproto.server.refreshSession"
    fresh = xrpc(closed, nsid, method="POST", token=session["refreshJwt"]).body
    assert xrpc(closed, STATUS, params, token=fresh["accessJwt"]).status == 200
    reused = xrpc(closed, nsid, method="POST", token=session["refreshJwt"])
    assert error(reused) == (400, "ExpiredToken")


def test_time_travel_when_now_is_earlier_then_only_what_was_posted_by_then_is_shown(
    still: FakeNet, brand: str, small: World, life: BlueskyWorld
) -> None:
    for weeks in (1, 3, 6):
        now = small.parameters.starts_at + timedelta(days=7 * weeks)
        feed = flat(xrpc_pages(still, FEED, "feed", {"actor": brand, "limit": 100}, now=now))
        expected = sum(
            p.author == BRAND_KEY and p.posted_at <= now
            and (p.deleted_at is None or p.deleted_at > now)
            for p in life.posts
        )  # fmt: skip

        assert len(feed) == expected > 0
        assert all(item["post"]["indexedAt"] <= f"{now:%Y-%m-%dT%H:%M:%S}.999Z" for item in feed)


def test_people_when_they_are_in_both_systems_then_the_oracle_joins_them(
    still: FakeNet, small: World
) -> None:
    people = {p["person_id"]: p for p in ask(still, "/_fake/oracle").body["people"]}
    both = [p for p in people.values() if p["hubspot"] and p["bluesky"]]
    assert len(both) >= 5
    named = {
        c["properties"]["bluesky_handle"]: c["id"]
        for c in ask(
            still, "/hubspot/crm/v3/objects/contacts?limit=100&properties=bluesky_handle"
        ).body["results"]
        if c["properties"]["bluesky_handle"]
    }
    assert named
    for handle, contact_id in named.items():
        profile = xrpc(still, "app.bsky.actor.getProfile", {"actor": handle})
        if profile.status == 200:
            (person,) = [p for p in people.values() if contact_id in p["hubspot"]]
            assert profile.body["did"] == person["bluesky"]
