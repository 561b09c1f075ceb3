"""Bluesky at one instant: who exists, who said what below what, and how the AppView shows it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.bluesky_names import FOLLOW, LIKE, POST, REPOST
from pipelines.world.fakenet.bluesky_store import ACCOUNT
from pipelines.world.fakenet.facade import EPOCH, utc_text
from pipelines.world.fakenet.store import Fate, Seen, Store

DEFS = "app.bsky.feed.defs"
Json = dict[str, Any]


class View:
    """An index of everything that lives at `now`; what closed accounts did is not shown."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.accounts = {seen.record_id: seen for seen in store.live(ACCOUNT, now)}
        self.closed = {seen.record_id: seen for seen in store.ended(ACCOUNT, Fate.DELETED, now)}
        self.by_handle = {s.fields["handle"]: did for did, s in self.accounts.items()}
        self.posts = {seen.record_id: seen for seen in self._shown(store, POST, now)}
        self.posts_of = _grouped(self.posts.values(), lambda s: s.fields["did"])
        self.replies = _grouped(self.posts.values(), lambda s: _reply(s).get("parent"))
        self.quotes = _grouped(self.posts.values(), _quoted)
        likes, reposts = self._shown(store, LIKE, now), self._shown(store, REPOST, now)
        # A post that is gone takes what was done to it out of sight.
        self.likes = _grouped((s for s in likes if _subject(s) in self.posts), _subject)
        self.reposts = _grouped((s for s in reposts if _subject(s) in self.posts), _subject)
        self.reposts_of = _grouped(reposts, lambda s: s.fields["did"])
        follows = self._shown(store, FOLLOW, now)
        self.followers = _grouped(follows, _subject)
        self.follows = _grouped(follows, lambda s: s.fields["did"])

    def _shown(self, store: Store, collection: str, now: datetime) -> list[Seen]:
        return [s for s in store.live(collection, now) if s.fields["did"] in self.accounts]

    def did(self, actor: str) -> str:
        """The DID of a handle or DID; empty when there is nobody."""
        known = actor in self.accounts or actor in self.closed
        return actor if known else self.by_handle.get(actor, "")

    def basic(self, did: str) -> Json:
        """The short profile that stands beside posts."""
        seen = self.accounts[did]
        body: Json = {"did": did, "handle": seen.fields["handle"]}
        if seen.fields["displayName"]:
            body["displayName"] = seen.fields["displayName"]
        return body | {"labels": [], "createdAt": utc_text(seen.created_at)}

    def profile(self, did: str) -> Json:
        """The profile of lists of people."""
        seen = self.accounts[did]
        body = self.basic(did) | {"indexedAt": utc_text(seen.updated_at)}
        if seen.fields["description"]:
            body["description"] = seen.fields["description"]
        return body

    def detailed(self, did: str) -> Json:
        """The profile with its counts."""
        return self.profile(did) | {
            "followersCount": len(self.followers.get(did, ())),
            "followsCount": len(self.follows.get(did, ())),
            "postsCount": len(self.posts_of.get(did, ())),
        }

    def post(self, seen: Seen) -> Json:
        """A post with its counts as of this instant."""
        uri = seen.record_id
        body: Json = {
            "uri": uri,
            "cid": seen.fields["cid"],
            "author": self.basic(seen.fields["did"]),
            "record": seen.fields["value"],
        }
        if quoted := _quoted(seen):
            body["embed"] = self._embed(quoted)
        return body | {
            "bookmarkCount": 0,
            "replyCount": len(self.replies.get(uri, ())),
            "repostCount": len(self.reposts.get(uri, ())),
            "likeCount": len(self.likes.get(uri, ())),
            "quoteCount": len(self.quotes.get(uri, ())),
            "indexedAt": utc_text(seen.created_at),
            "labels": [],
        }

    def _embed(self, uri: str) -> Json:
        seen = self.posts.get(uri)
        record: Json = {"$type": "app.bsky.embed.record#viewNotFound", "uri": uri, "notFound": True}
        if seen:
            record = {
                "$type": "app.bsky.embed.record#viewRecord",
                "uri": uri,
                "cid": seen.fields["cid"],
                "author": self.basic(seen.fields["did"]),
                "value": seen.fields["value"],
                "labels": [],
                "indexedAt": utc_text(seen.created_at),
            }
        return {"$type": "app.bsky.embed.record#view", "record": record}

    def post_or_missing(self, uri: str) -> Json:
        """A post as a member of a union: with its type, or as not found."""
        if seen := self.posts.get(uri):
            return {"$type": f"{DEFS}#postView", **self.post(seen)}
        return {"$type": f"{DEFS}#notFoundPost", "uri": uri, "notFound": True}

    def thread(self, uri: str, depth: int, height: int) -> Json:
        """The post with `depth` levels of replies below and `height` of parents above."""
        seen = self.posts.get(uri)
        if seen is None:
            return self.post_or_missing(uri)
        body: Json = {"$type": f"{DEFS}#threadViewPost", "post": self.post(seen)}
        parent = _reply(seen).get("parent")
        if parent and height > 0:
            body["parent"] = self.thread(parent, 0, height - 1)
        if depth > 0:
            below = sorted(self.replies.get(uri, ()), key=lambda s: (s.created_at, s.record_id))
            body["replies"] = [self.thread(s.record_id, depth - 1, 0) for s in below]
        return body

    def feed_item(self, seen: Seen) -> Json:
        """An entry of a feed: a post, or a repost with who did it."""
        if _subject(seen):
            body: Json = {"post": self.post(self.posts[_subject(seen)])}
            reason = {"by": self.basic(seen.fields["did"]), "uri": seen.record_id}
            reason |= {"cid": seen.fields["cid"], "indexedAt": utc_text(seen.created_at)}
            return body | {"reason": {"$type": f"{DEFS}#reasonRepost", **reason}}
        body = {"post": self.post(seen)}
        if reply := _reply(seen):
            body["reply"] = {
                "root": self.post_or_missing(reply["root"]),
                "parent": self.post_or_missing(reply["parent"]),
            }
        return body

    def feed(self, did: str, filter_name: str) -> list[Seen]:
        """Posts and reposts of an author, unordered."""
        posts = self.posts_of.get(did, [])
        if filter_name == "posts_no_replies":
            posts = [s for s in posts if not _reply(s)]
        elif filter_name == "posts_and_author_threads":
            posts = [s for s in posts if self._is_own_thread(s)]
        elif filter_name in ("posts_with_media", "posts_with_video"):
            return []  # nobody in this world posts pictures
        reposts = [s for s in self.reposts_of.get(did, []) if _subject(s) in self.posts]
        return [*posts, *reposts]

    def _is_own_thread(self, seen: Seen) -> bool:
        reply = _reply(seen)
        own = f"at://{seen.fields['did']}/"
        return not reply or (reply["root"].startswith(own) and reply["parent"].startswith(own))


def sorted_at(seen: Seen) -> datetime:
    """What the AppView orders by: the client's time, but never later than it was indexed."""
    declared = datetime.fromisoformat(seen.fields["value"]["createdAt"])
    return min(declared, seen.created_at)


def milliseconds(instant: datetime) -> int:
    """Since the epoch."""
    return (instant - EPOCH) // timedelta(milliseconds=1)


def _reply(seen: Seen) -> dict[str, str]:
    """Root and parent uri of a reply; empty for other posts."""
    refs = seen.fields["value"].get("reply", {})
    return {name: ref["uri"] for name, ref in refs.items()}


def _quoted(seen: Seen) -> str:
    return str(seen.fields["value"].get("embed", {}).get("record", {}).get("uri", ""))


def _subject(seen: Seen) -> str:
    """Uri or DID that a like, repost or follow is about; empty for posts."""
    subject = seen.fields["value"].get("subject", "")
    return str(subject["uri"] if isinstance(subject, dict) else subject)


def _grouped(objects: Any, key: Any) -> dict[str, list[Seen]]:
    groups: dict[str, list[Seen]] = defaultdict(list)
    for seen in objects:
        if name := key(seen):
            groups[name].append(seen)
    return groups
