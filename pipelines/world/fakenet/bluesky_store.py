"""Bluesky's records over time: accounts, posts, likes, reposts and follows of a world."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipelines.world.bluesky import BlueskyAccount, BlueskyAct, BlueskyPost, BlueskyWorld
from pipelines.world.fakenet.bluesky_names import (
    FOLLOW,
    LIKE,
    POST,
    REPOST,
    at_uri,
    cid,
    did_of,
    tid,
)
from pipelines.world.fakenet.facade import utc_text
from pipelines.world.fakenet.store import Fate, Record, Store, Version

ACCOUNT = "account"
COLLECTIONS = {"like": LIKE, "repost": REPOST, "follow": FOLLOW}

Ref = dict[str, str]


def bluesky_store(life: BlueskyWorld, seed: int) -> Store:
    """All records; ids are at-uris, those of accounts DIDs."""
    return _Builder(life, seed).run()


def post_key(post: BlueskyPost) -> str:
    """The record key of a post."""
    return tid(post.posted_at, post.number)


class _Builder:
    def __init__(self, life: BlueskyWorld, seed: int) -> None:
        self.life, self.seed = life, seed
        self.store = Store()
        self.refs: dict[int, Ref] = {}

    def run(self) -> Store:
        for account in self.life.accounts:
            self.store.put(self._account(account))
        for post in self.life.posts:
            self.store.put(self._post(post))
        for number, act in enumerate(self.life.acts, start=1):
            self.store.put(self._act(act, number))
        return self.store

    def _did(self, key: str) -> str:
        return did_of(self.seed, key)

    def _account(self, account: BlueskyAccount) -> Record:
        fields = {
            "handle": account.handle,
            "displayName": account.display_name,
            "description": "",
            "status": "deactivated",  # shown once it is closed
        }
        versions = [Version(account.joined_at, fields)]
        if account.renamed_at:
            versions.append(Version(account.renamed_at, fields | {"handle": account.renamed_to}))
        fate = Fate.DELETED if account.closed_at else None
        did = self._did(account.key)
        return Record(ACCOUNT, did, tuple(versions), fate, account.closed_at)

    def _record(
        self, collection: str, author: str, rkey: str, values: list[tuple[datetime, Any]],
        ended_at: datetime | None,
    ) -> Record:  # fmt: skip
        did = self._did(author)
        versions = tuple(
            Version(at, {"did": did, "rkey": rkey, "value": value, "cid": cid(value)})
            for at, value in values
        )
        fate = Fate.DELETED if ended_at else None
        return Record(collection, at_uri(did, collection, rkey), versions, fate, ended_at)

    def _post(self, post: BlueskyPost) -> Record:
        value: dict[str, Any] = {
            "$type": POST,
            "createdAt": utc_text(post.declared_at),
            "langs": [post.language],
            "text": post.text,
        }
        if post.parent:
            value["reply"] = {"root": self.refs[post.root], "parent": self.refs[post.parent]}
        if post.quoted:
            value["embed"] = {"$type": "app.bsky.embed.record", "record": self.refs[post.quoted]}
        values = [(post.posted_at, value)]
        if post.edited_at:
            values.append((post.edited_at, value | {"text": f"{post.text} (edit)"}))
        record = self._record(POST, post.author, post_key(post), values, post.deleted_at)
        self.refs[post.number] = {"uri": record.record_id, "cid": cid(value)}
        return record

    def _act(self, act: BlueskyAct, number: int) -> Record:
        collection = COLLECTIONS[act.kind]
        subject = self._did(act.followed) if act.followed else self.refs[act.post]
        value = {"$type": collection, "createdAt": utc_text(act.at), "subject": subject}
        rkey = tid(act.at, number)
        return self._record(collection, act.author, rkey, [(act.at, value)], act.undone_at)
