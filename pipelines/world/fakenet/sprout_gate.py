"""What Sprout Social checks first: token, rate, JSON; and how it reads a body with filters."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from pipelines.world.fakenet.facade import Refused, Reply, Request, Tokens, bearer, stable_hex
from pipelines.world.fakenet.rates import RollingWindow

TOKEN, CLIENT_ID, CLIENT_SECRET = "sprout-fake-0001", "sprout-client", "sprout-secret-0001"
ORGANIZATION, TOKEN_PATH, TOKEN_LIFETIME = "org-7041", "/oauth2/v1/token", timedelta(hours=1)
CUSTOMER_ID = 687_751
REQUESTS_PER_MINUTE, REQUESTS_PER_MONTH = 60, 250_000
_FILTER = re.compile(r"^([\w.]+)\.(eq|in|gt)\((.*)\)$", re.DOTALL)
_RANGE = re.compile(r"^\s*(\S+?)\s*(\.{2,3})\s*(\S+?)\s*$")
Json = dict[str, Any]


def refuse(status: int, text: str) -> Refused:
    """An error is a text beside no data."""
    return Refused(Reply(status, {"error": text}))


@dataclass(frozen=True)
class Span:
    """A span of time; `..` takes its end in, `...` does not."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        """Whether an instant is in it."""
        return self.start <= at < self.end


class Body:
    """A query taken apart; raises Refused where it is none."""

    def __init__(self, request: Request, known: Collection[str]) -> None:
        if request.method != "POST":
            raise refuse(405, "Method Not Allowed")
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise refuse(415, "Unsupported Media Type")
        found = request.json()
        if not isinstance(found, dict):
            raise refuse(400, "The body is no JSON object")
        if unknown := [name for name in found if name not in known]:
            raise refuse(400, f"Unrecognized field: {unknown[0]}")
        self.values: Json = found
        self.filters: dict[str, tuple[str, str]] = {}
        for text in found.get("filters") or []:
            part = _FILTER.match(str(text))
            if part is None:
                raise refuse(400, f"Invalid filter: {text}")
            self.filters[part[1]] = (part[2], part[3])

    def ids(self, name: str) -> list[str]:
        """The ids of `name.eq(1, 2)`."""
        operator, text = self.filters.get(name, ("", ""))
        if operator != "eq":
            raise refuse(400, f"Missing filter: {name}")
        return [one.strip() for one in text.split(",") if one.strip()]

    def span(self, name: str, most: timedelta | None = None) -> Span:
        """The span of `name.in(a...b)`; raises Refused for one that is longer than allowed."""
        operator, text = self.filters.get(name, ("", ""))
        found = _RANGE.match(text) if operator == "in" else None
        if found is None:
            raise refuse(400, f"Missing filter: {name}")
        start, end = _instant(found[1]), _instant(found[3])
        if found[2] == "..":
            end += timedelta(days=1) if len(found[3]) == len("2026-01-01") else timedelta(seconds=1)
        if most is not None and end - start > most:
            raise refuse(400, f"The range of {name} is too long")
        return Span(start, end)

    def whole(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`."""
        value = self.values.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise refuse(400, f"Invalid {name}: {value}")
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        found = self.values.get(name) or []
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise refuse(400, f"Invalid {name}")
        return found


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise refuse(400, f"Invalid time: {text}") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def cursor_of(place: int) -> str:
    """The opaque name of a page."""
    return base64.urlsafe_b64encode(f"page {place}".encode()).decode()


def place_of(cursor: Any) -> int:
    """Where a page begins; raises Refused for a cursor that is none."""
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(str(cursor)).decode().removeprefix("page "))
    except (ValueError, binascii.Error):
        raise refuse(400, "Invalid page_cursor") from None


class Gate:
    """Counts requests and knows tokens; a grant's scopes are the profiles it may see."""

    def __init__(self, tokens: Tokens, profiles: Collection[str]) -> None:
        self.tokens, self.profiles, self._given = tokens, profiles, 0
        self.minute = RollingWindow(REQUESTS_PER_MINUTE, timedelta(minutes=1))
        self.month = RollingWindow(REQUESTS_PER_MONTH, timedelta(days=30))

    def check(self, request: Request) -> None:
        """Raises Refused for a bad token, or too many requests."""
        grant = self.tokens.grants.get(bearer(request) or "")
        if grant is None or (grant.expires_at and grant.expires_at <= request.arrived_at):
            raise refuse(401, "Unauthorized")
        windows = (self.minute.take(request.arrived_at), self.month.take(request.arrived_at))
        if any(spent.is_refused for spent in windows):
            raise Refused(too_many())

    def permit(self, request: Request, profiles: Collection[str]) -> None:
        """Raises Refused when one of the profiles is not for this token."""
        if not set(profiles) <= self.tokens.grants[bearer(request) or ""].scopes:
            raise refuse(403, "Access to this profile is not allowed")

    def token(self, request: Request) -> Reply:
        """An access token for the client's credentials; the scope names the organization."""
        fields = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        wanted = {"grant_type": "client_credentials", "client_id": CLIENT_ID,
                  "client_secret": CLIENT_SECRET, "scope": ORGANIZATION}  # fmt: skip
        if request.method != "POST" or fields != wanted:
            return Reply(401, {"error": "invalid_client", "error_description": "no such client"})
        self._given += 1
        token = f"sprout-jwt-{stable_hex('sprout', self._given)[:16]}"
        self.tokens.add(token, self.profiles, request.arrived_at + TOKEN_LIFETIME)
        seconds = int(TOKEN_LIFETIME.total_seconds())
        return Reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": seconds})


def too_many() -> Reply:
    """429: nobody says when to come back."""
    return Reply(429, {"error": "Too Many Requests"})
