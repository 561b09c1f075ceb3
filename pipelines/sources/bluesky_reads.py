"""How each list of Bluesky is read, and which scopes that completes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from pipelines.http import BodyCursor, Gone, Ok, Request
from pipelines.sources.reading import Page, Reading, Recent, Scope, Window, is_plausible, passes
from pipelines.sources.spec import Row

NAME = "bluesky"
PAGE_SIZE = 100  # more is refused by the AppView, and breaks a repository's host
THREAD_DEPTH = 1000
REREAD, ALL_EVERY = timedelta(days=14), timedelta(days=28)


def _request(resource: str, method: str, rows: tuple[str, ...], **params: str) -> Request:
    return Request(
        resource, f"/xrpc/{method}", params=tuple(params.items()), rows_path=rows,
        object_id=params.get("uri") or params.get("actor"),
    )  # fmt: skip


def _listing(resource: str, method: str, rows: str, **params: str) -> tuple[Request, BodyCursor]:
    request = _request(resource, method, (rows,), **params, limit=str(PAGE_SIZE))
    return request, BodyCursor(("cursor",), "cursor")


def read_accounts(reading: Reading) -> Iterator[Page]:
    """The brand's own profiles."""
    for account in reading.config.accounts:
        answer = reading.fetch(_request("accounts", "app.bsky.actor.getProfile", (), actor=account))
        if isinstance(answer.outcome, Ok):
            did = str(answer.rows[0].get("did", ""))
            reading.memory.setdefault("accounts", []).append(did)
            followers = answer.rows[0].get("followersCount")
            reading.memory.setdefault("followers", {})[did] = followers
            yield Page(answer.rows, did)
        else:
            reading.unavailable.append("accounts: an account is not there")


def read_posts(reading: Reading) -> Iterator[Page]:
    """The feed of each account, then the threads and quotes of what was in it."""
    for account in reading.memory.get("accounts", []):
        window = reading.window("posts", account, REREAD, ALL_EVERY)
        feed = reading.listing(
            *_listing(
                "posts", "app.bsky.feed.getAuthorFeed", "feed", actor=account,
                filter="posts_with_replies",
            )
        )  # fmt: skip
        listing = Recent(feed, passes(window.since, ("post", "indexedAt")))
        roots: dict[str, None] = {}
        for answer in listing:
            items = [row["post"] for row in answer.rows if "reason" not in row and "post" in row]
            own = [post for post in items if _author(post) == account]
            roots |= dict.fromkeys(_root(post) for post in own if _has_thread(post))
            _remember(reading, account, own)
            yield Page(own, account, {"is_own": True}, too_complex=answer.too_complex)
        if listing.is_complete:
            scope = {"_account_id": account, "is_own": "true"}
            reading.whole(Scope("posts", scope, window.since, "indexed_at"))
            reading.done("posts", account, window)
        yield from _read_threads(reading, account, list(roots))
        yield from _read_quotes(reading, account)


def _author(post: Any) -> str:
    return str(post.get("author", {}).get("did", ""))


def _root(post: Any) -> str:
    reply = post.get("record", {}).get("reply") or {}
    return str(reply.get("root", {}).get("uri") or post.get("uri", ""))


def _has_thread(post: Any) -> bool:
    return bool(post.get("replyCount")) or bool(post.get("record", {}).get("reply"))


def _remember(reading: Reading, account: str, own: Iterable[Any]) -> None:
    """What was done to each own post, to ask who did it."""
    for post in own:
        counts = {name: bool(post.get(f"{name}Count")) for name in ("like", "repost", "quote")}
        reading.memory.setdefault("own", {})[str(post.get("uri"))] = (account, counts)


def _read_threads(reading: Reading, account: str, roots: Sequence[str]) -> Iterator[Page]:
    requests = (
        _request(
            "posts", "app.bsky.feed.getPostThread", ("thread",), uri=root, depth=str(THREAD_DEPTH)
        )
        for root in roots
    )
    for root, answer in zip(roots, reading.many(requests), strict=True):
        if not isinstance(answer.outcome, Ok):
            continue
        posts = [post for post in _below(answer.rows[0]) if _author(post) != account]
        yield Page(posts, account, {"is_own": False})
        yield Page([post["author"] for post in posts], account, resource="profiles")
        reading.whole(Scope("posts", {"root_uri": root, "is_own": "false"}))


def _below(thread: Any) -> list[Any]:
    """The posts of a thread; those that are blocked or gone have none."""
    found, waiting = [], [thread]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and isinstance(node.get("post"), dict):
            found.append(node["post"])
            waiting += node.get("replies") or []
    return found


def _read_quotes(reading: Reading, account: str) -> Iterator[Page]:
    for uri in _own_with(reading, account, "quote"):
        listing = reading.listing(*_listing("posts", "app.bsky.feed.getQuotes", "posts", uri=uri))
        for answer in listing:
            others = [post for post in answer.rows if _author(post) != account]
            yield Page(others, account, {"is_own": False, "quoted_uri": uri})
            yield Page([post["author"] for post in others], account, resource="profiles")
        if listing.is_complete:
            reading.whole(Scope("posts", {"quoted_uri": uri, "is_own": "false"}))


def _own_with(reading: Reading, account: str, act: str) -> list[str]:
    """Own posts of an account, read in this run, to which that was done."""
    own = reading.memory.get("own", {}).items()
    return [uri for uri, (of, counts) in own if of == account and counts[act]]


def _own_without(reading: Reading, account: str, act: str) -> list[str]:
    own = reading.memory.get("own", {}).items()
    return [uri for uri, (of, counts) in own if of == account and not counts[act]]


def read_likes(reading: Reading) -> Iterator[Page]:
    """Who likes each post that was read."""
    yield from _read_acts(reading, "likes", "app.bsky.feed.getLikes", "likes")


def read_reposts(reading: Reading) -> Iterator[Page]:
    """Who reposted each post that was read; the network does not say when."""
    yield from _read_acts(reading, "reposts", "app.bsky.feed.getRepostedBy", "repostedBy")


def _read_acts(reading: Reading, resource: str, method: str, rows: str) -> Iterator[Page]:
    act = resource.removesuffix("s")
    for account in reading.memory.get("accounts", []):
        for uri in _own_without(reading, account, act):
            reading.whole(Scope(resource, {"post_uri": uri}))
        for uri in _own_with(reading, account, act):
            listing = reading.listing(*_listing(resource, method, rows, uri=uri))
            count = 0
            for answer in listing:
                count += len(answer.rows)
                yield Page(answer.rows, account, {"post_uri": uri})
                people = [row.get("actor", row) for row in answer.rows]
                yield Page(people, account, resource="profiles")
            if listing.is_complete and count:  # its counter says that there are some
                reading.whole(Scope(resource, {"post_uri": uri}))


def read_followers(reading: Reading) -> Iterator[Page]:
    """Everybody who follows; the network does not say since when."""
    for account in reading.memory.get("accounts", []):
        listing = reading.listing(
            *_listing("followers", "app.bsky.graph.getFollowers", "followers", actor=account)
        )
        count = 0
        for answer in listing:
            count += len(answer.rows)
            yield Page(answer.rows, account, {"account_did": account})
            yield Page(answer.rows, account, resource="profiles")
        if listing.is_complete and is_plausible(count, reading.memory["followers"][account]):
            reading.whole(Scope("followers", {"_account_id": account}))
            reading.done("followers", account, Window())


def lost_posts(reading: Reading, rows: Sequence[Row]) -> Iterator[Row]:
    """Of some posts, those that the server denies."""
    requests = (
        _request(
            "posts", "app.bsky.feed.getPostThread", ("thread",), uri=row["uri"], depth="0"
        )
        for row in rows
    )  # fmt: skip
    for row, answer in zip(rows, reading.many(requests), strict=True):
        if isinstance(answer.outcome, Gone):
            yield row


def probe(reading: Reading) -> None:
    """The cheapest request that shows whether the settings work."""
    for _ in read_accounts(reading):
        pass
