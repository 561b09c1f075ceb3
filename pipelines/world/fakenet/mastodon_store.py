"""Mastodon's rows over time as the brand's server keeps them.

Ids of accounts and statuses hold a time; those of follows, favourites and notifications count up.
What happens between two other servers never reaches this one and has no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.facade import EPOCH
from pipelines.world.fakenet.mastodon_html import acct, content, profile_url, tag_url
from pipelines.world.fakenet.store import Fate, Fields, Record, Store, Version
from pipelines.world.mastodon import (
    BRAND_KEY,
    HOME,
    MastodonAccount,
    MastodonAct,
    MastodonStatus,
    MastodonWorld,
)

ACCOUNT, STATUS, FAVOURITE, FOLLOW = "account", "status", "favourite", "follow"
NOTIFICATION = "notification"
SEQUENCE_BITS, FIRST_ROW, ROW_STEP = 16, 41_000, 7  # other accounts use the numbers in between


@dataclass(frozen=True)
class _Row:
    """A record that has no id yet, since ids count up by time over all kinds of makers."""

    kind: str
    at: datetime
    ended_at: datetime | None
    fields: Fields


def snowflake(instant: datetime, number: int) -> str:
    """An id that sorts by time: milliseconds since the epoch and a number of 16 bits."""
    milliseconds = (instant - EPOCH) // timedelta(milliseconds=1)
    return str(milliseconds << SEQUENCE_BITS | number % (1 << SEQUENCE_BITS))


def account_ids(life: MastodonWorld) -> dict[str, str]:
    """Account id by key: person id, or `brand`."""
    return {a.key: snowflake(a.joined_at, n) for n, a in enumerate(life.accounts, start=1)}


def status_id(status: MastodonStatus) -> str:
    """The id of a status."""
    return snowflake(status.posted_at, status.number)


def mastodon_store(life: MastodonWorld) -> Store:
    """All rows of the brand's server."""
    return _Builder(life).run()


class _Builder:
    def __init__(self, life: MastodonWorld) -> None:
        self.life, self.store = life, Store()
        self.accounts = {account.key: account for account in life.accounts}
        self.ids = account_ids(life)
        self.statuses = {status.number: status for status in life.statuses}

    def run(self) -> Store:
        for account in self.life.accounts:
            self.store.put(self._account(account))
        for status in self.life.statuses:
            self.store.put(self._status(status))
        known = [act for act in self.life.acts if self._is_known(act)]
        boosts = [act for act in known if act.kind == "boost"]
        for number, act in enumerate(boosts, start=len(self.statuses) + 1):
            self.store.put(self._boost(act, number))
        rows = [*self._rows(known), *self._notifications(known)]
        rows.sort(key=lambda row: (row.at, row.kind, str(row.fields)))
        for number, row in enumerate(rows):
            fate = Fate.DELETED if row.ended_at else None
            row_id = str(FIRST_ROW + ROW_STEP * number)
            versions = (Version(row.at, row.fields),)
            self.store.put(Record(row.kind, row_id, versions, fate, row.ended_at))
        return self.store

    def _is_known(self, act: MastodonAct) -> bool:
        """One of the two servers concerned is the brand's."""
        other = act.followed or self.statuses[act.status].author
        return not (self.accounts[act.author].host and self.accounts[other].host)

    def _account(self, account: MastodonAccount) -> Record:
        fields = {
            "key": account.key, "username": account.username, "acct": acct(account),
            "display_name": account.display_name, "bot": account.is_bot,
            "url": profile_url(account), "is_local": not account.host,
        }  # fmt: skip
        fate = Fate.DELETED if account.suspended_at else None
        versions = (Version(account.joined_at, fields),)
        return Record(ACCOUNT, self.ids[account.key], versions, fate, account.suspended_at)

    def _status(self, status: MastodonStatus) -> Record:
        author, native = self.accounts[status.author], status_id(status)
        parent = self.statuses.get(status.parent)
        mentioned = [self.accounts[key] for key in status.mentions]
        host = author.host or HOME
        fields = {
            "account_id": self.ids[status.author], "boost_of": "",
            "in_reply_to_id": status_id(parent) if parent else None,
            "in_reply_to_account_id": self.ids[parent.author] if parent else None,
            "visibility": status.visibility, "language": status.language,
            "spoiler_text": status.warning, "edited_at": None,
            "uri": f"https://{host}/users/{author.username}/statuses/{native}",
            "url": f"{profile_url(author)}/{native}", "text": status.text,
            "content": content(status, status.text, mentioned),
            "mentions": [
                {"id": self.ids[a.key], "username": a.username, "url": profile_url(a),
                 "acct": acct(a)} for a in mentioned
            ],
            "tags": [{"name": name, "url": tag_url(name)} for name in status.tags],
            "emoji": status.emoji,
        }  # fmt: skip
        versions = [Version(status.posted_at, fields)]
        if status.edited_at:
            text = f"{status.text}\n(edit)"
            after: dict[str, Any] = {"text": text, "content": content(status, text, mentioned)}
            after["edited_at"] = status.edited_at
            versions.append(Version(status.edited_at, fields | after))
        fate = Fate.DELETED if status.deleted_at else None
        return Record(STATUS, native, tuple(versions), fate, status.deleted_at)

    def _boost(self, act: MastodonAct, number: int) -> Record:
        """A boost is a status of its own that holds another one."""
        author, original = self.accounts[act.author], self.statuses[act.status]
        native = snowflake(act.at, number)
        uri = f"https://{author.host or HOME}/users/{author.username}/statuses/{native}/activity"
        fields: dict[str, Any] = {
            "account_id": self.ids[act.author], "boost_of": status_id(original),
            "in_reply_to_id": None, "in_reply_to_account_id": None,
            "visibility": original.visibility, "language": None, "spoiler_text": "",
            "edited_at": None, "uri": uri, "url": uri, "text": "", "content": "", "mentions": [],
            "tags": [], "emoji": "",
        }  # fmt: skip
        fate = Fate.DELETED if act.undone_at else None
        return Record(STATUS, native, (Version(act.at, fields),), fate, act.undone_at)

    def _rows(self, known: list[MastodonAct]) -> Iterator[_Row]:
        for act in known:
            by = {"account_id": self.ids[act.author]}
            if act.kind == "favourite":
                target = {"status_id": status_id(self.statuses[act.status])}
                yield _Row(FAVOURITE, act.at, act.undone_at, by | target)
            elif act.kind == "follow":
                target = {"target_id": self.ids[act.followed]}
                yield _Row(FOLLOW, act.at, act.undone_at, by | target)

    def _notifications(self, known: list[MastodonAct]) -> Iterator[_Row]:
        """What the brand is told about."""
        for status in self.life.statuses:
            if BRAND_KEY in status.mentions:
                yield self._told("mention", status.author, status.posted_at, None, status)
        for act in known:
            original = self.statuses.get(act.status)
            is_own = original.author == BRAND_KEY if original else act.followed == BRAND_KEY
            if is_own and act.author != BRAND_KEY:
                kind = "reblog" if act.kind == "boost" else act.kind
                yield self._told(kind, act.author, act.at, act.undone_at, original)

    def _told(
        self, kind: str, key: str, at: datetime, ended_at: datetime | None,
        status: MastodonStatus | None,
    ) -> _Row:  # fmt: skip
        fields = {
            "type": kind, "account_id": self.ids[key],
            "status_id": status_id(status) if status else "",
        }  # fmt: skip
        return _Row(NOTIFICATION, at, ended_at, fields)
