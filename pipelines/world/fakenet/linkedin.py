"""LinkedIn's community management: one organisation's posts, what members did, and its sums.

Paths begin with `/rest`. Members are URNs; nothing else is said of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from pipelines.world.fakenet.facade import PageShape, Refused, Reply, Request, Tokens
from pipelines.world.fakenet.linkedin_gate import (
    ADMIN,
    COUNT_DEFAULT,
    COUNT_MOST,
    FOLLOWERS,
    REFRESH_PATH,
    SOCIAL,
    TOKEN,
    TOKEN_LIFETIME,
    Call,
    Gate,
    bad_parameter,
    not_found,
    refuse,
    throttled,
)
from pipelines.world.fakenet.linkedin_restli import MalformedError, parse
from pipelines.world.fakenet.linkedin_stats import Statistics, spans
from pipelines.world.fakenet.linkedin_store import ORGANIZATION, ORGANIZATION_ID
from pipelines.world.fakenet.linkedin_view import Json, View, organization
from pipelines.world.fakenet.store import State, Store

PAGE = ("start", "count")
# Scope and query parameters by resource.
RESOURCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "organizations": (ADMIN, ()),
    "posts": (SOCIAL, ("q", "author", "sortBy", "isDsc", "ids", *PAGE)),
    "socialMetadata": (SOCIAL, ("ids",)),
    "socialActions": (SOCIAL, PAGE),
    "reactions": (SOCIAL, ("q", "sort", *PAGE)),
    "organizationalEntityShareStatistics": (
        ADMIN, ("q", "organizationalEntity", "timeIntervals", "shares", "ugcPosts", *PAGE),
    ),
    "organizationalEntityFollowerStatistics": (
        ADMIN, ("q", "organizationalEntity", "timeIntervals", *PAGE),
    ),
    "organizationPageStatistics": (ADMIN, ("q", "organization", "timeIntervals", *PAGE)),
    "networkSizes": (FOLLOWERS, ("edgeType",)),
}  # fmt: skip
FOLLOWED_BY = "COMPANY_FOLLOWED_BY_MEMBER"
DAILY_REQUESTS = 10_000  # per resource
SORTS = {"LAST_MODIFIED": lambda s: s.updated_at, "CREATED": lambda s: s.created_at}


class LinkedIn:
    """The façade. `given_at`: when the token was given out; it lives 60 days."""

    name = "linkedin"

    def __init__(
        self, store: Store, given_at: datetime, *, daily_requests: int = DAILY_REQUESTS
    ) -> None:
        self.store, self.statistics = store, Statistics(store)
        self.tokens = Tokens()
        self.tokens.add(TOKEN, [SOCIAL, ADMIN, FOLLOWERS], given_at + TOKEN_LIFETIME)
        self.gate = Gate(self.tokens, daily_requests)
        self._views: dict[State, View] = {}  # of the last state only
        self._methods: dict[str, Callable[[Call, View], Json]] = {
            "organizations": self._organization,
            "posts": self._posts,
            "socialMetadata": self._metadata,
            "socialActions": self._comments,
            "reactions": self._reactions,
            "organizationalEntityShareStatistics": self._share_statistics,
            "organizationalEntityFollowerStatistics": self._follower_statistics,
            "organizationPageStatistics": self._page_statistics,
            "networkSizes": self._network_size,
        }

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        if request.path == REFRESH_PATH:
            return self.gate.refreshed(request)
        try:
            call = self.gate.call(request)
            if call.path[0] not in RESOURCES:
                message = f"No virtual resource found for /{call.path[0]}"
                raise refuse(404, "RESOURCE_NOT_FOUND", message)
            self.gate.permit(request, call, *RESOURCES[call.path[0]])
            return Reply(200, self._methods[call.path[0]](call, self.view(request.now)))
        except Refused as refusal:
            return refusal.reply

    def view(self, now: datetime) -> View:
        """The index at `now`, made anew only when something has changed."""
        state = self.store.state(now)
        if state not in self._views:
            self._views = {state: View(self.store, now)}
        return self._views[state]

    def _organization(self, call: Call, view: View) -> Json:
        del view
        if call.path[1:] != (str(ORGANIZATION_ID),):
            raise self._foreign("/".join(call.path[1:]))
        return organization()

    def _foreign(self, urn: str) -> Refused:
        """403: an organisation that the token's member does not manage."""
        return refuse(403, "ACCESS_DENIED", f"Viewer is not an admin of organization {urn}", 100)

    def _mine(self, call: Call, finder: str) -> None:
        """Raises Refused unless the finder asks for the page of this token."""
        if call.one("q") != finder:
            raise bad_parameter("q")
        if call.one(finder) != ORGANIZATION:
            raise self._foreign(call.one(finder))

    def _posts(self, call: Call, view: View) -> Json:
        if len(call.path) == 2:
            urn = view.entity(unquote(call.path[1]))
            if urn not in view.posts:
                raise not_found(unquote(call.path[1]))
            return view.post(view.posts[urn])
        if "ids" in call.query:
            return _batch(call, lambda urn: view.post(view.posts[urn]), view.posts)
        self._mine(call, "author")
        order = call.one("sortBy") or "LAST_MODIFIED"
        if order not in SORTS:
            raise bad_parameter("sortBy")
        found = sorted(view.recent(call.now), key=lambda s: s.record_id)
        found.sort(key=SORTS[order], reverse=True)
        return _page(call, found, view.post)

    def _metadata(self, call: Call, view: View) -> Json:
        if "ids" in call.query:
            return _batch(call, view.metadata, (*view.posts, *view.comments))
        if len(call.path) != 2:
            raise not_found("/".join(call.path))
        return view.metadata(self._entity(call.path[1], view))

    def _entity(self, raw: str, view: View) -> str:
        urn = view.entity(unquote(raw))
        if not urn:
            raise not_found(unquote(raw))
        return urn

    def _comments(self, call: Call, view: View) -> Json:
        if len(call.path) != 3 or call.path[2] != "comments":
            raise not_found("/".join(call.path))
        rows = view.below.get(self._entity(call.path[1], view), [])
        return _page(call, sorted(rows, key=lambda s: (s.created_at, s.record_id)), view.comment)

    def _reactions(self, call: Call, view: View) -> Json:
        """`/reactions/(entity:…)?q=entity`: the key is a record, its URN encoded."""
        try:
            key = parse(call.path[1])
            urn = self._entity(quote(key["entity"]), view)
        except (MalformedError, IndexError, KeyError, TypeError):
            raise refuse(400, "ILLEGAL_ARGUMENT", "Syntax exception in path variables") from None
        if call.one("q") != "entity":
            raise bad_parameter("q")
        order = (call.complex("sort") or {"value": "REVERSE_CHRONOLOGICAL"}).get("value")
        rows = sorted(view.reactions_of.get(urn, ()), key=lambda s: (s.created_at, s.record_id))
        return _page(call, rows if order == "CHRONOLOGICAL" else rows[::-1], view.reaction)

    def _share_statistics(self, call: Call, view: View) -> Json:
        self._mine(call, "organizationalEntity")
        asked = [urn for name in ("shares", "ugcPosts") if name in call.query
                 for urn in call.urns(name)]  # fmt: skip
        known = [urn for urn in asked if urn in view.posts]
        found = [
            self.statistics.shares(view, call.now, span, urn)
            for span in spans(call)
            for urn in (known if asked else [""])
        ]
        return _page(call, found, lambda body: body, len(found) or 1)

    def _follower_statistics(self, call: Call, view: View) -> Json:
        del view
        self._mine(call, "organizationalEntity")
        found = [
            self.statistics.gains(call.now, span) if span else self.statistics.facets(call.now)
            for span in spans(call)
        ]
        return _page(call, found, lambda body: body, len(found) or 1)

    def _page_statistics(self, call: Call, view: View) -> Json:
        del view
        self._mine(call, "organization")
        found = [self.statistics.visits(call.now, span) for span in spans(call)]
        return _page(call, found, lambda body: body, len(found) or 1)

    def _network_size(self, call: Call, view: View) -> Json:
        del view
        if unquote("/".join(call.path[1:])) != ORGANIZATION:
            raise self._foreign(unquote("/".join(call.path[1:])))
        if call.one("edgeType") != FOLLOWED_BY:
            raise bad_parameter("edgeType")
        return {"firstDegreeSize": self.statistics.follower_count(call.now)}

    def expected(self, now: datetime) -> dict[str, Any]:
        """What a complete read of the page must find; `totals`: of the last 365 days."""
        view = self.view(now)
        recent = {seen.record_id for seen in view.recent(now)}
        return {
            "organization": ORGANIZATION,
            "posts": len(recent),
            "comments": sum(len(view.comments_of.get(urn, ())) for urn in recent),
            "top_level_comments": sum(len(view.below.get(urn, ())) for urn in recent),
            "reactions": sum(len(view.reactions_of.get(urn, ())) for urn in recent),
            "followers": self.statistics.follower_count(now),
            "totals": self.statistics.shares(view, now, None)["totalShareStatistics"],
        }

    def shape(self, request: Request) -> PageShape | None:
        """Lists of elements; the client counts where the next page starts."""
        parts = request.path.split("/")
        is_list = "q" in dict(request.query) or parts[-1] == "comments"
        return PageShape(("elements",), (), (), "start") if is_list else None

    def throttled(self) -> Reply:
        """The day's quota is used up."""
        return throttled()

    def expire_tokens(self, now: datetime) -> None:
        """All access tokens end."""
        self.tokens.end_all(now)


def _page(
    call: Call, rows: Sequence[Any], show: Callable[[Any], Json], default: int = COUNT_DEFAULT
) -> Json:
    """From `start` on `count` of them; a link to the next page where there is one."""
    start = call.number("start", 0)
    count = call.number("count", default, max(default, COUNT_MOST))
    kept = "&".join(f"{k}={v}" for k, v in call.query.items() if k not in PAGE)
    links = []
    if 0 < count < len(rows) - start:
        path = f"/rest{call.address.partition('/rest')[2]}"
        more = f"start={start + count}&count={count}"
        links.append({"rel": "next", "type": "application/json",
                      "href": f"{path}?{f'{kept}&' if kept else ''}{more}"})  # fmt: skip
    return {
        "paging": {"start": start, "count": count, "links": links},
        "elements": [show(row) for row in rows[start : start + count]],
    }


def _batch(call: Call, show: Callable[[str], Json], known: Any) -> Json:
    """Several by URN: what was found, and an error for what was not."""
    urns = call.urns("ids")
    missing = {urn: {"status": 404, "message": "Not Found"} for urn in urns if urn not in known}
    results = {urn: show(urn) for urn in urns if urn in known}
    return {"results": results, "statuses": dict.fromkeys(results, 200), "errors": missing}
