"""Mastodon at one instant: who exists, what hangs below what, and how it is shown to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from pipelines.world.fakenet.facade import utc_text
from pipelines.world.fakenet.mastodon_store import (
    ACCOUNT,
    FAVOURITE,
    FOLLOW,
    NOTIFICATION,
    STATUS,
)
from pipelines.world.fakenet.store import Fate, Seen, Store
from pipelines.world.mastodon import HOME

Json = dict[str, Any]
OPEN = ("public", "unlisted")
PICTURE = f"https://{HOME}/missing.png"


class View:
    """An index of everything that lives at `now`; suspended accounts take their deeds along.

    `viewer` in its methods: the account id of who reads, empty without a token.
    """

    def __init__(self, store: Store, now: datetime) -> None:
        self.accounts = {seen.record_id: seen for seen in store.live(ACCOUNT, now)}
        self.suspended = {s.record_id: s for s in store.ended(ACCOUNT, Fate.DELETED, now)}
        everybody = self.accounts | self.suspended
        self.by_acct = {seen.fields["acct"]: account_id for account_id, seen in everybody.items()}
        posted = {s.record_id: s for s in self._of_live(store.live(STATUS, now))}
        # A status that is gone takes its boosts, favourites and notifications out of sight.
        self.statuses = {i: s for i, s in posted.items() if _is_whole(s, "boost_of", posted)}
        self.by_account = _grouped(self.statuses.values(), "account_id")
        self.replies = _grouped(self.statuses.values(), "in_reply_to_id")
        self.boosts = _grouped(self.statuses.values(), "boost_of")
        favourites = self._of_live(store.live(FAVOURITE, now))
        self.favourites = _grouped(
            (s for s in favourites if _is_whole(s, "status_id", posted)), "status_id"
        )
        follows = [s for s in self._of_live(store.live(FOLLOW, now))
                   if s.fields["target_id"] in self.accounts]  # fmt: skip
        self.followers = _grouped(follows, "target_id")
        self.following = _grouped(follows, "account_id")
        told = self._of_live(store.live(NOTIFICATION, now))
        self.notifications = [s for s in told if _is_whole(s, "status_id", posted)]

    def _of_live(self, rows: Iterable[Seen]) -> Iterator[Seen]:
        return (row for row in rows if row.fields["account_id"] in self.accounts)

    def may_see(self, seen: Seen, viewer: str) -> bool:
        """Open statuses everybody; private ones followers, authors and who is mentioned."""
        fields = seen.fields
        if fields["boost_of"]:
            return self.may_see(self.statuses[fields["boost_of"]], viewer)
        if fields["visibility"] in OPEN or viewer == fields["account_id"]:
            return True
        if viewer and viewer in {mention["id"] for mention in fields["mentions"]}:
            return True
        followers = {f.fields["account_id"] for f in self.followers.get(fields["account_id"], ())}
        return fields["visibility"] == "private" and viewer in followers

    def visible(self, statuses: Iterable[Seen], viewer: str) -> list[Seen]:
        """Those that the reader may see."""
        return [seen for seen in statuses if self.may_see(seen, viewer)]

    def account(self, account_id: str) -> Json:
        """An account with its counts, as far as this server knows them."""
        seen = self.accounts[account_id]
        fields, own = seen.fields, self.by_account.get(account_id, [])
        newest = max((s.created_at for s in own), default=None)
        body: Json = {
            "id": account_id, "username": fields["username"], "acct": fields["acct"],
            "display_name": fields["display_name"], "locked": False, "bot": fields["bot"],
            "discoverable": True, "indexable": False, "group": False,
            "created_at": utc_text(seen.created_at.replace(hour=0, minute=0, second=0)),
            "note": "", "url": fields["url"], "uri": fields["url"],
            "avatar": PICTURE, "avatar_static": PICTURE, "header": PICTURE,
            "header_static": PICTURE,
            "followers_count": len(self.followers.get(account_id, ())),
            "following_count": len(self.following.get(account_id, ())),
            "statuses_count": len(own),
            "last_status_at": newest.date().isoformat() if newest else None,
            "hide_collections": False, "emojis": [], "fields": [],
        }  # fmt: skip
        return body | ({"noindex": False, "roles": []} if fields["is_local"] else {})

    def status(self, seen: Seen, viewer: str) -> Json:
        """A status with its counts; a boost holds the other status whole."""
        fields, native = seen.fields, seen.record_id
        boosted = self.statuses.get(fields["boost_of"])
        emoji, edited_at = fields["emoji"], fields["edited_at"]
        picture = f"https://{HOME}/emoji/{emoji}.png"
        body: Json = {
            "id": native, "created_at": utc_text(seen.created_at),
            "in_reply_to_id": fields["in_reply_to_id"],
            "in_reply_to_account_id": fields["in_reply_to_account_id"],
            "sensitive": bool(fields["spoiler_text"]), "spoiler_text": fields["spoiler_text"],
            "visibility": fields["visibility"], "language": fields["language"],
            "uri": fields["uri"], "url": fields["url"],
            "replies_count": len(self.replies.get(native, ())),
            "reblogs_count": len(self.boosts.get(native, ())),
            "favourites_count": len(self.favourites.get(native, ())), "quotes_count": 0,
            "edited_at": utc_text(edited_at) if edited_at else None,
            "content": fields["content"],
            "reblog": self.status(boosted, viewer) if boosted else None,
            "account": self.account(fields["account_id"]),
            "media_attachments": [], "mentions": fields["mentions"], "tags": fields["tags"],
            "emojis": [
                {"shortcode": emoji, "url": picture, "static_url": picture,
                 "visible_in_picker": True}
            ] if emoji else [],
            "quote": None, "card": None, "poll": None,
        }  # fmt: skip
        return body | (self._own_marks(seen, viewer) if viewer else {})

    def _own_marks(self, seen: Seen, viewer: str) -> Json:
        """What the reader has done to the status."""
        native = seen.fields["boost_of"] or seen.record_id
        marks = {"favourited": self.favourites, "reblogged": self.boosts}
        done = {
            name: viewer in {s.fields["account_id"] for s in rows.get(native, ())}
            for name, rows in marks.items()
        }
        return {**done, "muted": False, "bookmarked": False, "filtered": []}

    def ancestors(self, seen: Seen, viewer: str, most: int) -> list[Seen]:
        """What the status answers, oldest first."""
        found: list[Seen] = []
        parent = self.statuses.get(seen.fields["in_reply_to_id"] or "")
        while parent and len(found) < most:
            found.insert(0, parent)
            parent = self.statuses.get(parent.fields["in_reply_to_id"] or "")
        return self.visible(found, viewer)

    def descendants(self, seen: Seen, viewer: str, most: int, depth: int) -> list[Seen]:
        """What answers the status, each branch to its end before the next, oldest first."""
        found: list[Seen] = []
        if depth > 0:
            for reply in sorted(self.replies.get(seen.record_id, ()), key=number_of):
                found += [reply, *self.descendants(reply, viewer, most, depth - 1)]
        return self.visible(found, viewer)[:most]


def number_of(seen: Seen) -> int:
    """The id as the number it is ordered by."""
    return int(seen.record_id)


def _is_whole(seen: Seen, name: str, posted: dict[str, Seen]) -> bool:
    """What it is about, if anything, still exists."""
    return not seen.fields[name] or seen.fields[name] in posted


def _grouped(rows: Iterable[Seen], name: str) -> dict[str, list[Seen]]:
    groups: dict[str, list[Seen]] = defaultdict(list)
    for row in rows:
        if row.fields[name]:
            groups[row.fields[name]].append(row)
    return groups
