"""X API v2: timelines, mentions, search, lookups and people, in either of its dialects."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.world.fakenet import x_errors as errors
from pipelines.world.fakenet.facade import PageShape, Refused, Reply, Request
from pipelines.world.fakenet.store import State, Store
from pipelines.world.fakenet.x_analytics import analytics
from pipelines.world.fakenet.x_ask import asked
from pipelines.world.fakenet.x_body import Body
from pipelines.world.fakenet.x_gate import Caller, XGate
from pipelines.world.fakenet.x_lists import LISTS, MENTIONS_KEPT, Lists
from pipelines.world.fakenet.x_lookups import PARAMETERS, Lookups
from pipelines.world.fakenet.x_names import BRAND, BRAND_ID, POST, TWEET
from pipelines.world.fakenet.x_usage import usage
from pipelines.world.fakenet.x_view import Json, XView

BOTH = (POST.kind, TWEET.kind)
DATA = ("data",)
# Patterns of paths; an empty endpoint is named by the path itself. Fixed words come first.
ROUTES = (
    (r"/2/users/me", "me"),
    (r"/2/users/by/username/(?P<name>[^/]+)", "users"),
    (r"/2/users(/by)?", "users"),
    (r"/2/users/(?P<subject>[^/]+)/(?P<edge>tweets|mentions|followers)", ""),
    (r"/2/users/(?P<subject>[^/]+)", "users"),
    (r"/2/tweets/search/recent", "search"),
    (r"/2/tweets/analytics", "analytics"),
    (r"/2/tweets", "posts"),
    (r"/2/tweets/(?P<subject>[^/]+)/(?P<edge>liking_users|retweeted_by|quote_tweets)", ""),
    (r"/2/tweets/(?P<subject>[^/]+)", "posts"),
    (r"/2/usage/tweets", "usage"),
)


class X:
    """The façade. `dialects`: the vocabularies it knows, the first is spoken unasked."""

    name = "x"

    def __init__(self, store: Store, *, dialects: tuple[str, ...] = BOTH) -> None:
        self.store, self.dialects = store, dialects
        self.gate = XGate()
        self._views: dict[State, XView] = {}  # of the last state only

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        try:
            if request.method == "POST" and request.path in ("/2/oauth2/token", "/oauth2/token"):
                return self.gate.token(request)
            endpoint, subject = route(request)
            caller, headers = self.gate.check(request, endpoint)
            body = self._body(request, caller, endpoint, subject)
            return Reply(200, body, headers, errors.JSON)
        except Refused as refusal:
            return refusal.reply

    def _body(self, request: Request, caller: Caller, endpoint: str, subject: str) -> Json:
        if endpoint == "usage":
            return usage(self.gate, request)
        view = self.view(request.now)
        if endpoint == "analytics":
            return analytics(view, request)
        known = (
            LISTS[endpoint].parameters if endpoint in LISTS else PARAMETERS.get(request.path, ())
        )
        body = Body(view, asked(request, self.dialects, known), caller.is_user)
        read = Lists(view, body, request) if endpoint in LISTS else Lookups(view, body, request)
        found: Json = getattr(read, endpoint)(subject)
        self.gate.pay(body.paid, request.arrived_at)
        return found

    def view(self, now: datetime) -> XView:
        """The index at `now`, made anew only when something has changed."""
        state = self.store.state(now)
        if state not in self._views:
            self._views = {state: XView(self.store, now)}
        self._views[state].now = now  # young posts are shown otherwise than old ones
        return self._views[state]

    def expected(self, now: datetime) -> dict[str, Any]:
        """What a complete read at `now` must find."""
        view = self.view(now)
        shown = [s for s in view.slots if view.is_seen(s)]
        own = [s for s in shown if s.fields["author"] == BRAND_ID]
        firsts = [s.fields["first"] for s in own]
        week = now.astimezone(UTC) - timedelta(days=7)
        mentions = [
            s for s in shown
            if BRAND.handle in view.mentioned(s) and not s.fields["reposted"]
            and s.fields["author"] != BRAND_ID
        ]  # fmt: skip
        return {
            "brand": BRAND_ID,
            "tweets": len(own),
            "mentions": min(MENTIONS_KEPT, len(mentions)),
            "recent_mentions": sum(s.created_at >= week for s in mentions),
            "followers": sum(s.fields["user"] in view.users for s in view.follows),
            "likes": sum(
                view.is_public(s.fields["user"]) for f in firsts for s in view.likes.get(f, ())
            ),
            "reposts": sum(view.is_seen(s) for f in firsts for s in view.reposts.get(f, ())),
            "quotes": sum(view.is_seen(s) for f in firsts for s in view.quotes.get(f, ())),
            "users": len(view.users),
            "suspended": len(view.suspended),
            "protected": sum(not view.is_public(user_id) for user_id in view.users),
        }  # fmt: skip

    def shape(self, request: Request) -> PageShape | None:
        """Lists have a token in `meta`; lookups of several are lists without pages."""
        try:
            endpoint, subject = route(request)
        except Refused:
            return None
        if endpoint in LISTS:
            return PageShape(DATA, ("meta", "next_token"), (), LISTS[endpoint].token)
        is_several = endpoint in ("posts", "users", "analytics") and not subject
        return PageShape(DATA, (), (), "") if is_several else None

    def throttled(self) -> Reply:
        """The refusal of a window."""
        return errors.rate_limited(is_legacy=self.gate.is_legacy_throttle)

    def expire_tokens(self, now: datetime) -> None:
        """All access tokens end; the refresh token stays good."""
        self.gate.tokens.end_all(now)


def route(request: Request) -> tuple[str, str]:
    """The endpoint and whom or what it is about, empty for several; 404 for others."""
    for pattern, endpoint in ROUTES:
        match = re.fullmatch(pattern, request.path)
        if match and request.method == "GET":
            found = match.groupdict()
            name = f"@{found['name']}" if found.get("name") else found.get("subject", "")
            return endpoint or found["edge"], name
    raise errors.not_found()
