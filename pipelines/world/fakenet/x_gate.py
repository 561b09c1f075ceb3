"""What X checks first: token, access, the window of 15 minutes, the cap of the month."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl

from pipelines.world.fakenet import x_errors as errors
from pipelines.world.fakenet.facade import (
    EPOCH,
    Headers,
    Refused,
    Reply,
    Request,
    Tokens,
    bearer,
    stable_hex,
)
from pipelines.world.fakenet.rates import FixedWindow, Spent

APP_TOKEN, USER_TOKEN = "AAAAfakeApp0001", "fakeUser0001"
REFRESH_TOKEN = "fakeRefresh0001"  # noqa: S105
CONSUMER_KEY, CONSUMER_SECRET = "fakeKey0001", "fakeSecret0001"
APP, READ, OFFLINE = "app", "tweet.read", "offline.access"
USER_SCOPES = (READ, "users.read", "follows.read", "like.read", OFFLINE)
USER_LIFETIME, WINDOW = timedelta(seconds=7_200), timedelta(minutes=15)
MONTHLY_CAP = 3_000_000  # posts read
# Requests per window with an app's and with a user's token.
LIMITS = {
    "tweets": (10_000, 900), "mentions": (450, 300), "search": (450, 300), "followers": (300, 300),
    "liking_users": (0, 75), "retweeted_by": (75, 75), "quote_tweets": (75, 75),
    "analytics": (0, 300), "posts": (3_500, 5_000), "users": (300, 900), "me": (0, 75),
    "usage": (50, 0),
}  # fmt: skip

USER_ONLY, APP_ONLY = ("me", "analytics", "liking_users"), ("usage",)


@dataclass(frozen=True)
class Caller:
    """Who asks. `is_user`: with the brand's own token, else with the app's."""

    token: str
    is_user: bool


class XGate:
    """Knows tokens and counts. `forbidden`: endpoints that the app is not enrolled for."""

    def __init__(self) -> None:
        self.tokens = Tokens()
        self.tokens.add(APP_TOKEN, [APP])
        self.tokens.add(USER_TOKEN, USER_SCOPES)
        self.forbidden: set[str] = set()
        self.limits = dict(LIMITS)
        self.is_legacy_throttle = False
        self.monthly_cap = MONTHLY_CAP
        self.refresh_token = REFRESH_TOKEN
        self.read: dict[date, set[str]] = {}  # ids of posts, per day of UTC
        self._windows: dict[tuple[str, str], FixedWindow] = {}
        self._given = 0

    def check(self, request: Request, endpoint: str) -> tuple[Caller, Headers]:
        """Who asks, and the rate headers of an allowed request; else raises Refused."""
        token = bearer(request) or ""
        grant = self.tokens.grants.get(token)
        if grant is None or (grant.expires_at and grant.expires_at <= request.arrived_at):
            raise errors.unauthorized()
        caller = Caller(token, APP not in grant.scopes)
        if caller.is_user and READ not in grant.scopes:
            raise errors.forbidden()
        if endpoint in self.forbidden:
            raise errors.client_forbidden()
        if endpoint in (APP_ONLY if caller.is_user else USER_ONLY):
            raise errors.unsupported(is_user=caller.is_user)
        limit = self.limits[endpoint][caller.is_user]
        window = self._windows.setdefault((token, endpoint), FixedWindow(limit, WINDOW))
        window.limit = limit
        spent = window.take(request.arrived_at)
        headers = _headers(spent)
        if spent.is_refused:
            refusal = errors.rate_limited(is_legacy=self.is_legacy_throttle)
            raise Refused(refusal.with_headers(headers))
        is_free = endpoint in ("users", "me", "usage", "followers")
        if not is_free and self.used(request.arrived_at) >= self.monthly_cap:
            raise Refused(errors.usage_capped().with_headers(headers))
        return caller, headers

    def pay(self, post_ids: list[str], now: datetime) -> None:
        """Count posts that an answer brings; the same post once a day."""
        self.read.setdefault(now.date(), set()).update(post_ids)

    def used(self, now: datetime) -> int:
        """Posts read so far in the month of UTC."""
        month = (now.year, now.month)
        return sum(len(ids) for day, ids in self.read.items() if (day.year, day.month) == month)

    def token(self, request: Request) -> Reply:
        """OAuth 2.0: an app's token for its key, or a new user's token for the refresh token."""
        fields = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        grant = fields.get("grant_type")
        if request.path == "/oauth2/token" and grant == "client_credentials":
            if _basic(request) != f"{CONSUMER_KEY}:{CONSUMER_SECRET}":
                problem = {"code": 99, "message": "Unable to verify your credentials"}
                return Reply(403, {"errors": [{**problem, "label": "authenticity_token_error"}]})
            return Reply(200, {"token_type": "bearer", "access_token": APP_TOKEN})
        is_right = fields.get("refresh_token") == self.refresh_token
        if grant != "refresh_token" or not is_right:
            text = "Value passed for the token was invalid."
            return Reply(400, {"error": "invalid_request", "error_description": text})
        self._given += 1
        access, self.refresh_token = (
            f"fake{kind}{stable_hex('x', kind, self._given)[:12]}" for kind in ("User", "Refresh")
        )
        self.tokens.add(access, USER_SCOPES, request.arrived_at + USER_LIFETIME)
        return Reply(200, {
            "token_type": "bearer", "expires_in": int(USER_LIFETIME.total_seconds()),
            "access_token": access, "scope": " ".join(USER_SCOPES),
            "refresh_token": self.refresh_token,
        })  # fmt: skip


def _basic(request: Request) -> str:
    """User and password of the Authorization header, empty without them."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        return base64.b64decode(value).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _headers(spent: Spent) -> Headers:
    resets_at = int((spent.resets_at - EPOCH).total_seconds())
    return (
        ("x-rate-limit-limit", str(spent.limit)),
        ("x-rate-limit-remaining", str(spent.remaining)),
        ("x-rate-limit-reset", str(resets_at)),
    )
