"""What the Graph API checks first: version, token, limits."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from pipelines.world.fakenet import graph_errors as errors
from pipelines.world.fakenet.facade import Headers, Refused, Request, Tokens, bearer
from pipelines.world.fakenet.rates import RollingWindow, Spent

CURRENT = "v26.0"
# The first day on which a version is no longer served; None: not announced.
LIFETIMES: dict[str, date | None] = {
    "v21.0": date(2027, 1, 21), "v22.0": date(2027, 5, 20), "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18), "v25.0": date(2028, 7, 29), CURRENT: None,
}  # fmt: skip
APP_SECRET = "app-secret-fake-0001"  # noqa: S105  opens nothing
PAGE_CALLS, USER_CALLS, APP_CALLS = 4_800, 200, 400
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
_VERSION = re.compile(r"^v(\d+)\.(\d+)$")


@dataclass(frozen=True)
class Caller:
    """Who asks. `is_page`: with the token of a page, else that of a user."""

    token: str
    scopes: frozenset[str]
    is_page: bool


class GraphGate:
    """Knows versions and tokens and counts calls.

    `use_case`: how the usage header calls the limits of pages or Instagram accounts, `code`: what
    refuses above them, `object_id`: whom they belong to. `ended_with`: subcode of ended tokens.
    """

    def __init__(self, use_case: str, code: int, object_id: str) -> None:
        self.use_case, self.code, self.object_id = use_case, code, object_id
        self.tokens = Tokens()
        self.page_tokens: set[str] = set()
        self.lifetimes = dict(LIFETIMES)
        self.ended_with = errors.EXPIRED
        self.business = RollingWindow(PAGE_CALLS, DAY)
        self.users: dict[str, RollingWindow] = {}
        self.user_calls = USER_CALLS
        self.app = RollingWindow(APP_CALLS, HOUR)

    def version(self, path: str, now: datetime) -> tuple[str, tuple[str, ...]]:
        """The version that serves, and the path below it.

        A version that has ended, or none at all, is silently served by the oldest that lives.
        """
        parts = tuple(part for part in path.split("/") if part)
        match = _VERSION.match(parts[0]) if parts else None
        alive = [name for name, end in self.lifetimes.items() if end is None or now < _start(end)]
        if match is None:
            return alive[0], parts
        if int(match[1]) > max(_number(name) for name in self.lifetimes):
            raise errors.bad_path(path)
        return (parts[0] if parts[0] in alive else alive[0]), parts[1:]

    def caller(self, request: Request) -> Caller:
        """Who asks, by `access_token` in the query or the Authorization header."""
        token = request.one("access_token") or bearer(request)
        if not token:
            raise errors.no_token()
        grant = self.tokens.grants.get(token)
        if grant is None:
            raise errors.bad_token("Invalid OAuth access token - Cannot parse access token")
        if grant.expires_at is not None and grant.expires_at <= request.arrived_at:
            raise errors.ended_token(self.ended_with, grant.expires_at, request.arrived_at)
        if (proof := request.one("appsecret_proof")) and proof != secret_proof(token):
            raise errors.parameter("Invalid appsecret_proof provided in the API argument")
        return Caller(token, grant.scopes, token in self.page_tokens)

    def count(self, caller: Caller, now: datetime) -> Headers:
        """The usage headers of an allowed call; else raises Refused with the throttle's code."""
        if caller.is_page:
            spent = self.business.take(now)
            headers = self._business_usage(spent, now)
            if spent.is_refused:
                raise Refused(errors.throttled(self.code).with_headers(headers))
            return headers
        window = self.users.setdefault(caller.token, RollingWindow(self.user_calls, HOUR))
        window.limit = self.user_calls
        app, user = self.app.take(now), window.take(now)
        headers = (("X-App-Usage", json.dumps(_usage(app), separators=(",", ":"))),)
        if app.is_refused or user.is_refused:
            refusal = errors.throttled(4 if app.is_refused else 17)
            raise Refused(refusal.with_headers(headers))
        return headers

    def _business_usage(self, spent: Spent, now: datetime) -> Headers:
        """Percentages, and minutes until there is access again: 0 while there is."""
        seconds = (spent.resets_at - now).total_seconds() if spent.is_refused else 0
        usage = {
            "type": self.use_case, **_usage(spent),
            "estimated_time_to_regain_access": math.ceil(seconds / 60),
        }  # fmt: skip
        text = json.dumps({self.object_id: [usage]}, separators=(",", ":"))
        return (("X-Business-Use-Case-Usage", text),)


def secret_proof(token: str) -> str:
    """What proves that a caller knows the app's secret."""
    return hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()


def _usage(spent: Spent) -> dict[str, int]:
    """Shares of the limit in whole percent, rounded up; times cost half of what calls do here."""
    calls = math.ceil(100 * (spent.limit - spent.remaining) / spent.limit)
    return {"call_count": calls, "total_cputime": calls // 2, "total_time": calls // 2}


def _number(version: str) -> int:
    return int(version[1:].split(".", 1)[0])


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
