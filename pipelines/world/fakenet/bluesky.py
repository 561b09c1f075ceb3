"""Bluesky: the AppView's reads and the few reads of a repository's host, over XRPC.

`GET /xrpc/<nsid>`; unknown parameters are ignored, as XRPC servers do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from pipelines.world.fakenet.bluesky_gate import (
    MOST_ACTORS,
    Gate,
    XrpcError,
    throttled,
)
from pipelines.world.fakenet.bluesky_names import POST, at_uri, did_of, split_uri, tid
from pipelines.world.fakenet.bluesky_view import Json, View, milliseconds, sorted_at
from pipelines.world.fakenet.facade import PageShape, Refused, Reply, Request, Tokens, utc_text
from pipelines.world.fakenet.store import Seen, State, Store

ITEMS = {
    "app.bsky.feed.getAuthorFeed": "feed",
    "app.bsky.feed.getLikes": "likes",
    "app.bsky.feed.getRepostedBy": "repostedBy",
    "app.bsky.feed.getQuotes": "posts",
    "app.bsky.graph.getFollowers": "followers",
    "com.atproto.repo.listRecords": "records",
}
FILTERS = (
    "posts_with_replies", "posts_no_replies", "posts_with_media", "posts_and_author_threads",
    "posts_with_video",
)  # fmt: skip


class Bluesky:
    """The façade. `is_public` False: a host that answers only with a session."""

    name = "bluesky"

    def __init__(self, store: Store, seed: int, *, is_public: bool = True) -> None:
        self.store = store
        self.brand = did_of(seed, "brand")
        self.tokens = Tokens()
        self.gate = Gate(self.tokens, is_public=is_public)
        self._views: dict[State, View] = {}  # of the last state only
        self._methods: dict[str, Callable[[Request, View], Json]] = {
            "app.bsky.actor.getProfile": self._profile,
            "app.bsky.actor.getProfiles": self._profiles,
            "app.bsky.feed.getAuthorFeed": self._author_feed,
            "app.bsky.feed.getPostThread": self._thread,
            "app.bsky.feed.getLikes": self._likes,
            "app.bsky.feed.getRepostedBy": self._reposted_by,
            "app.bsky.feed.getQuotes": self._quotes,
            "app.bsky.graph.getFollowers": self._followers,
            "com.atproto.repo.listRecords": self._records,
            "com.atproto.sync.getRepoStatus": self._repo_status,
        }

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        try:
            headers = self.gate.check(request)
            nsid = request.path.removeprefix("/xrpc/")
            if session := self.gate.session(nsid, request, self.brand):
                return session.with_headers(headers)
            if request.method != "GET" or nsid not in self._methods:
                raise XrpcError(501, "MethodNotImplemented", "Method Not Implemented")
            body = self._methods[nsid](request, self.view(request.now))
            return Reply(200, body, headers)
        except Refused as refusal:
            return refusal.reply

    def view(self, now: datetime) -> View:
        """The index at `now`, made anew only when something has changed."""
        state = self.store.state(now)
        if state not in self._views:
            self._views = {state: View(self.store, now)}
        return self._views[state]

    def _actor(self, request: Request, view: View, what: str = "Actor") -> str:
        """The DID the request names; 400 for nobody and for closed accounts."""
        actor = self.gate.required(request, "actor")
        did = view.did(actor)
        if did in view.closed:
            raise XrpcError(400, "AccountDeactivated", "Account is deactivated")
        if not did:
            raise XrpcError(400, "InvalidRequest", f"{what} not found")
        return did

    def _profile(self, request: Request, view: View) -> Json:
        return view.detailed(self._actor(request, view, "Profile"))

    def _profiles(self, request: Request, view: View) -> Json:
        actors = [v for k, v in request.query if k in ("actors", "actors[]")]
        if not actors:
            self.gate.required(request, "actors")
        if len(actors) > MOST_ACTORS:
            message = f"Error: actors must not have more than {MOST_ACTORS} elements"
            raise XrpcError(400, "InvalidRequest", message)
        found = [did for actor in actors if (did := view.did(actor)) in view.accounts]
        return {"profiles": [view.detailed(did) for did in found]}

    def _author_feed(self, request: Request, view: View) -> Json:
        did = self._actor(request, view, "Profile")
        feed = view.feed(did, request.one("filter", FILTERS[0]))
        page, cursor = self._page(request, feed)
        return cursor | {"feed": [view.feed_item(seen) for seen in page]}

    def _thread(self, request: Request, view: View) -> Json:
        uri = _resolved(self.gate.required(request, "uri"), view)
        depth = self.gate.number(request, "depth", 6, 0, 1000)
        height = self.gate.number(request, "parentHeight", 80, 0, 1000)
        if uri not in view.posts:
            raise XrpcError(400, "NotFound", f"Post not found: {uri}")
        return {"thread": view.thread(uri, depth, height)}

    def _subject(self, request: Request, view: View) -> tuple[str, Json]:
        """The post's uri, and the reply so far, which repeats it."""
        uri = _resolved(self.gate.required(request, "uri"), view)
        cid = request.one("cid")
        return uri, {"uri": uri} | ({"cid": cid} if cid else {})

    def _likes(self, request: Request, view: View) -> Json:
        uri, body = self._subject(request, view)
        page, cursor = self._page(request, view.likes.get(uri, ()))
        likes = [
            {
                "indexedAt": utc_text(seen.created_at),
                "createdAt": seen.fields["value"]["createdAt"],
                "actor": view.profile(seen.fields["did"]),
            }
            for seen in page
        ]
        return body | cursor | {"likes": likes}

    def _reposted_by(self, request: Request, view: View) -> Json:
        uri, body = self._subject(request, view)
        page, cursor = self._page(request, view.reposts.get(uri, ()))
        return body | cursor | {"repostedBy": [view.profile(s.fields["did"]) for s in page]}

    def _quotes(self, request: Request, view: View) -> Json:
        uri, body = self._subject(request, view)
        page, cursor = self._page(request, view.quotes.get(uri, ()))
        return body | cursor | {"posts": [view.post(seen) for seen in page]}

    def _followers(self, request: Request, view: View) -> Json:
        did = self._actor(request, view)
        page, cursor = self._page(request, view.followers.get(did, ()))
        followers = [view.profile(seen.fields["did"]) for seen in page]
        return cursor | {"subject": view.profile(did), "followers": followers}

    def _page(self, request: Request, objects: Iterable[Seen]) -> tuple[list[Seen], Json]:
        """Newest first, behind the cursor; a full page has a cursor even when it is the last."""
        limit = self.gate.limit(request)
        keyed = sorted(((_place(seen), seen) for seen in objects), key=lambda item: item[0])
        if cursor := request.one("cursor"):
            stamp, _, name = cursor.partition("::")
            if not stamp.lstrip("-").isdigit() or not name:
                raise XrpcError(400, "InvalidRequest", "Malformed cursor")
            keyed = [item for item in keyed if item[0] > (-int(stamp), name)]
        page = keyed[:limit]
        if len(page) < limit:
            return [seen for _, seen in page], {}
        place = page[-1][0]
        return [seen for _, seen in page], {"cursor": f"{-place[0]}::{place[1]}"}

    def _records(self, request: Request, view: View) -> Json:
        """The raw records of one repository, newest key first."""
        repo = self.gate.required(request, "repo")
        collection = self.gate.required(request, "collection")
        limit = self.gate.limit(request, is_host=True)
        did = view.did(repo)
        if not did or did in view.closed:
            raise XrpcError(400, "InvalidRequest", f"Could not find repo: {repo}")
        is_reverse = request.one("reverse") == "true"
        records = sorted(
            (s for s in self.store.live(collection, request.now) if s.fields["did"] == did),
            key=lambda s: str(s.fields["rkey"]),
            reverse=not is_reverse,
        )
        if cursor := request.one("cursor"):
            records = [s for s in records if (s.fields["rkey"] > cursor) is is_reverse
                       and s.fields["rkey"] != cursor]  # fmt: skip
        page = records[:limit]
        shown = [
            {"uri": s.record_id, "cid": s.fields["cid"], "value": s.fields["value"]} for s in page
        ]
        return ({"cursor": page[-1].fields["rkey"]} if page else {}) | {"records": shown}

    def _repo_status(self, request: Request, view: View) -> Json:
        did = self.gate.required(request, "did")
        if seen := view.closed.get(did):
            return {"did": did, "active": False, "status": seen.fields["status"]}
        if did not in view.accounts:
            raise XrpcError(400, "RepoNotFound", f"Could not find repo for DID: {did}")
        newest = [s.updated_at for s in view.posts_of.get(did, ())]
        rev = tid(max([view.accounts[did].updated_at, *newest]), 0)
        return {"did": did, "active": True, "rev": rev}

    def expected(self, now: datetime) -> dict[str, Any]:
        """What a complete read of the brand's account and of everything below it must find."""
        view = self.view(now)
        own = view.feed(self.brand, FILTERS[0])
        threads = [s for s in view.posts_of.get(self.brand, ()) if "reply" not in s.fields["value"]]
        uris = {s.record_id for s in view.posts_of.get(self.brand, ())}
        roots = {s.record_id for s in threads}
        below = [s for s in view.posts.values() if _root(s) in roots]
        return {
            "brand": self.brand,
            "accounts": len(view.accounts),
            "closed_accounts": len(view.closed),
            "author_feed": len(own),
            "threads": len(threads),
            "replies": len(below),
            "likes": sum(len(view.likes.get(uri, ())) for uri in uris),
            "reposts": sum(len(view.reposts.get(uri, ())) for uri in uris),
            "quotes": sum(len(view.quotes.get(uri, ())) for uri in uris),
            "followers": len(view.followers.get(self.brand, ())),
            "records": sum(
                s.fields["did"] == self.brand for s in self.store.live(POST, now)
            ),
        }  # fmt: skip

    def shape(self, request: Request) -> PageShape | None:
        """Lists have a cursor at the top and give no links."""
        nsid = request.path.removeprefix("/xrpc/")
        if nsid == "app.bsky.actor.getProfiles":
            return PageShape(("profiles",), (), (), "")
        items = ITEMS.get(nsid)
        return PageShape((items,), ("cursor",), (), "cursor") if items else None

    def throttled(self) -> Reply:
        """The refusal of the rate limiter."""
        return throttled()

    def expire_tokens(self, now: datetime) -> None:
        """All access tokens end."""
        self.tokens.end_all(now)


def _place(seen: Seen) -> tuple[int, str]:
    """The place in a list: newest first, then by content identifier."""
    return -milliseconds(sorted_at(seen)), str(seen.fields["cid"])


def _root(seen: Seen) -> str:
    return str(seen.fields["value"].get("reply", {}).get("root", {}).get("uri", ""))


def _resolved(uri: str, view: View) -> str:
    """The uri with the DID in place of a handle."""
    actor, collection, rkey = split_uri(uri)
    return at_uri(view.did(actor), collection, rkey) if actor and rkey else uri
