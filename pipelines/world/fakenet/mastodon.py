"""Mastodon: the REST API of the server where the brand has its account.

Lists are bare JSON lists; where the next page is stands in the `Link` header only. Parameters the
API does not know are ignored, a limit that is too high is lowered, as Mastodon does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pipelines.world.fakenet.facade import (
    PageShape,
    Refused,
    Reply,
    Request,
    Tokens,
    bearer,
    utc_text,
)
from pipelines.world.fakenet.mastodon_gate import (
    READ,
    TOKEN,
    Gate,
    is_set,
    not_found,
    refuse,
    throttled,
)
from pipelines.world.fakenet.mastodon_pages import page_of
from pipelines.world.fakenet.mastodon_view import OPEN, View
from pipelines.world.fakenet.store import Seen, State, Store
from pipelines.world.mastodon import BRAND_USERNAME, TAG

API = "/api/v1/"
STATUSES, ACCOUNTS, NOTIFICATIONS = 20, 40, 40  # default page sizes; at most twice as many
QUASI_ALL = 4_096
# How much of a thread readers without a token get: ancestors, descendants, levels.
ANONYMOUS_THREAD = (40, 60, 20)


class Mastodon:
    """The façade. `shows_suspended`: 200 with a mark for suspended accounts, in place of 410."""

    name = "mastodon"

    def __init__(self, store: Store, brand: str, *, shows_suspended: bool = False) -> None:
        self.store, self.brand, self.shows_suspended = store, brand, shows_suspended
        self.tokens = Tokens()
        self.tokens.add(TOKEN, [READ])
        self.gate = Gate(self.tokens)
        self._views: dict[State, View] = {}  # of the last state only

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        try:
            headers = self.gate.check(request)
        except Refused as refusal:
            return refusal.reply
        try:
            reply = self._read(request, self.view(request.now))
        except Refused as refusal:
            reply = refusal.reply
        return reply.with_headers(headers)

    def view(self, now: datetime) -> View:
        """The index at `now`, made anew only when something has changed."""
        state = self.store.state(now)
        if state not in self._views:
            self._views = {state: View(self.store, now)}
        return self._views[state]

    def _read(self, request: Request, view: View) -> Reply:
        viewer = self._viewer(request)
        if request.method != "GET" or not request.path.startswith(API):
            raise refuse(404, "Not Found")
        match request.path.removeprefix(API).split("/"):
            case ["accounts", *rest]:
                return self._of_account(rest, request, view, viewer)
            case ["statuses", status_id, *rest]:
                return self._of_status(status_id, rest, request, view)
            case ["notifications"]:
                self.gate.require(request)
                return self._notifications(request, view)
            case ["timelines", "public"]:
                return self._timeline(request, view, viewer, "")
            case ["timelines", "tag", tag]:
                return self._timeline(request, view, viewer, tag.lower())
        raise refuse(404, "Not Found")

    def _viewer(self, request: Request) -> str:
        return self.brand if bearer(request) else ""

    def _of_account(self, rest: list[str], request: Request, view: View, viewer: str) -> Reply:
        match rest:
            case ["verify_credentials"]:
                self.gate.require(request)
                source = {"privacy": "public", "sensitive": False, "language": "it", "note": "",
                          "fields": [], "follow_requests_count": 0}  # fmt: skip
                return Reply(200, view.account(self.brand) | {"source": source})
            case ["lookup"]:
                name = request.one("acct").removeprefix("@")
                return self._account(view.by_acct.get(name, ""), view)
            case [account_id]:
                return self._account(account_id, view)
            case [account_id, "statuses"]:
                self._account(account_id, view)
                return self._statuses(request, view, account_id, viewer)
            case [account_id, "followers"]:
                self._account(account_id, view)
                return self._people(request, view.followers.get(account_id, ()), view)
        raise refuse(404, "Not Found")

    def _of_status(self, status_id: str, rest: list[str], request: Request, view: View) -> Reply:
        viewer = self._viewer(request)
        seen = self._status(status_id, view, viewer)
        match rest:
            case []:
                return Reply(200, view.status(seen, viewer))
            case ["context"]:
                return self._context(seen, view, viewer)
            case ["favourited_by"]:
                return self._people(request, view.favourites.get(status_id, ()), view)
            case ["reblogged_by"]:
                return self._people(request, view.boosts.get(status_id, ()), view)
        raise refuse(404, "Not Found")

    def _account(self, account_id: str, view: View) -> Reply:
        """The account; gone when suspended, unless this server shows suspended ones."""
        if account_id in view.accounts:
            return Reply(200, view.account(account_id))
        seen = view.suspended.get(account_id)
        if seen is None:
            raise not_found()
        if not self.shows_suspended:
            raise refuse(410, "Gone")
        shown = {"id": account_id, "username": seen.fields["username"], "suspended": True,
                 "acct": seen.fields["acct"], "display_name": "", "note": ""}  # fmt: skip
        return Reply(200, shown)

    def _status(self, status_id: str, view: View, viewer: str) -> Seen:
        """404 also for what the reader may not see."""
        seen = view.statuses.get(status_id)
        if seen is None or not view.may_see(seen, viewer):
            raise not_found()
        return seen

    def _statuses(self, request: Request, view: View, account_id: str, viewer: str) -> Reply:
        own = view.visible(view.by_account.get(account_id, ()), viewer)
        if is_set(request, "exclude_reblogs"):
            own = [s for s in own if not s.fields["boost_of"]]
        if is_set(request, "exclude_replies"):
            own = [s for s in own if s.fields["in_reply_to_account_id"] in (None, account_id)]
        if is_set(request, "only_media") or is_set(request, "pinned"):
            own = []  # nobody in this world posts pictures or pins
        if tag := request.one("tagged").lower():
            own = [s for s in own if _has_tag(s, tag)]
        return page_of(request, own, STATUSES, lambda s: view.status(s, viewer), "min_id")

    def _context(self, seen: Seen, view: View, viewer: str) -> Reply:
        above, below, depth = (QUASI_ALL,) * 3 if viewer else ANONYMOUS_THREAD
        parts = {
            "ancestors": view.ancestors(seen, viewer, above),
            "descendants": view.descendants(seen, viewer, below, depth),
        }
        return Reply(200, {k: [view.status(s, viewer) for s in v] for k, v in parts.items()})

    def _people(self, request: Request, rows: Iterable[Seen], view: View) -> Reply:
        """Accounts, paged by the ids of the rows that link them, which the body does not show."""
        return page_of(request, rows, ACCOUNTS, lambda s: view.account(s.fields["account_id"]))

    def _notifications(self, request: Request, view: View) -> Reply:
        rows = view.notifications
        if wanted := [v for k, v in request.query if k == "types[]"]:
            rows = [s for s in rows if s.fields["type"] in wanted]
        unwanted = [v for k, v in request.query if k == "exclude_types[]"]
        rows = [s for s in rows if s.fields["type"] not in unwanted]
        return page_of(request, rows, NOTIFICATIONS, lambda s: self._notified(s, view), "min_id")

    def _notified(self, seen: Seen, view: View) -> dict[str, Any]:
        fields = seen.fields
        body = {
            "id": seen.record_id, "type": fields["type"],
            "group_key": f"ungrouped-{seen.record_id}", "created_at": utc_text(seen.created_at),
            "account": view.account(fields["account_id"]),
        }  # fmt: skip
        status = view.statuses.get(fields["status_id"])
        return body | ({"status": view.status(status, self.brand)} if status else {})

    def _timeline(self, request: Request, view: View, viewer: str, tag: str) -> Reply:
        """What this server has seen of public statuses; of a tag also replies, never boosts."""
        found = [s for s in view.statuses.values()
                 if s.fields["visibility"] == "public" and not s.fields["boost_of"]]  # fmt: skip
        if tag:
            found = [s for s in found if _has_tag(s, tag)]
        else:
            found = [s for s in found if s.fields["in_reply_to_id"] is None]
        for name, wanted in (("local", True), ("remote", False)):
            if is_set(request, name):
                found = [s for s in found if _is_local(s, view) is wanted]
        return page_of(
            request, found, STATUSES, lambda s: view.status(s, viewer), "min_id", is_endless=True
        )

    def expected(self, now: datetime) -> dict[str, Any]:
        """What a complete read of the brand's account with its token must find.

        `open_…`: of these the public and unlisted ones, which a reader may keep.
        """
        view = self.view(now)
        mine = view.by_account.get(self.brand, [])
        own = [s for s in mine if not s.fields["boost_of"]]
        threads = [s for s in own if s.fields["in_reply_to_id"] is None]
        below = [r for s in threads for r in view.descendants(s, self.brand, QUASI_ALL, QUASI_ALL)]
        tagged = [s for s in view.statuses.values() if s.fields["visibility"] == "public"
                  and _has_tag(s, TAG)]  # fmt: skip
        return {
            "brand": self.brand, "acct": BRAND_USERNAME,
            "accounts": len(view.accounts), "suspended_accounts": len(view.suspended),
            "statuses": len(own), "open_statuses": sum(map(_is_open, own)),
            "reblogs": len(mine) - len(own), "threads": len(threads),
            "replies": len(below), "open_replies": sum(map(_is_open, below)),
            "favourites": sum(len(view.favourites.get(s.record_id, ())) for s in own),
            "boosts": sum(len(view.boosts.get(s.record_id, ())) for s in own),
            "followers": len(view.followers.get(self.brand, ())),
            "notifications": len(view.notifications), "tag_statuses": len(tagged),
        }  # fmt: skip

    def shape(self, request: Request) -> PageShape | None:
        """Lists are the body itself; the cursor is `max_id` of the next link in the header."""
        parts = request.path.removeprefix(API).split("/")
        if parts[-1] in ("followers", "favourited_by", "reblogged_by", "notifications") or (
            parts[0] == "timelines" or parts[2:] == ["statuses"]
        ):
            return PageShape(("items",), ("max_id",), ("next",), "max_id", is_in_header=True)
        return None

    def throttled(self) -> Reply:
        """The refusal of the rate limiter."""
        return throttled()

    def expire_tokens(self, now: datetime) -> None:
        """All access tokens end."""
        self.tokens.end_all(now)


def _has_tag(seen: Seen, tag: str) -> bool:
    return tag in {t["name"].lower() for t in seen.fields["tags"]}


def _is_local(seen: Seen, view: View) -> bool:
    return bool(view.accounts[seen.fields["account_id"]].fields["is_local"])


def _is_open(seen: Seen) -> bool:
    return seen.fields["visibility"] in OPEN
