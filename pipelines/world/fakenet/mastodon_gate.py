"""What a Mastodon server checks first: rate and token; and how it reads parameters."""

from __future__ import annotations

from datetime import timedelta

from pipelines.world.fakenet.facade import (
    Headers,
    Refused,
    Reply,
    Request,
    Tokens,
    bearer,
    utc_text,
)
from pipelines.world.fakenet.rates import FixedWindow

REQUESTS, WINDOW = 300, timedelta(minutes=5)  # per account; per address without a token
TOKEN, READ = "mastodon-fake-0001", "read"
FALSE_TEXTS = ("", "0", "f", "F", "false", "FALSE", "off", "OFF")


def refuse(status: int, error: str) -> Refused:
    """An error: one sentence for people."""
    return Refused(Reply(status, {"error": error}))


def not_found() -> Refused:
    """404: there is none, it was deleted, or the reader may not see it."""
    return refuse(404, "Record not found")


def throttled() -> Reply:
    """429, without headers."""
    return Reply(429, {"error": "Too many requests"})


class Gate:
    """Counts requests and knows tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.windows = {is_known: FixedWindow(REQUESTS, WINDOW) for is_known in (False, True)}

    def check(self, request: Request) -> Headers:
        """The rate headers of an allowed request; else raises Refused."""
        token = bearer(request)
        spent = self.windows[token in self.tokens.grants].take(request.arrived_at)
        headers = (
            ("X-RateLimit-Limit", str(spent.limit)),
            ("X-RateLimit-Remaining", str(spent.remaining)),
            ("X-RateLimit-Reset", utc_text(spent.resets_at, 6)),
        )
        if spent.is_refused:
            raise Refused(throttled().with_headers(headers))
        if token is not None:
            self._authorise(request, token)
        return headers

    def _authorise(self, request: Request, token: str) -> None:
        """A token that is sent must be good, even where none is needed."""
        grant = self.tokens.grants.get(token)
        if grant is None:
            raise refuse(401, "The access token is invalid")
        if grant.expires_at is not None and grant.expires_at <= request.arrived_at:
            raise refuse(401, "The access token expired")
        if READ not in grant.scopes:
            raise refuse(403, "This action is outside the authorized scopes")

    def require(self, request: Request) -> None:
        """Refuse those without a token."""
        if bearer(request) is None:
            raise refuse(401, "The access token is invalid")


def limit_of(request: Request, default: int) -> int:
    """The page size: never more than twice the default, and never an error."""
    text = request.one("limit").lstrip("-")
    if not text:
        return default
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    return min(int(digits or 0), 2 * default)


def is_set(request: Request, name: str) -> bool:
    """A flag as Rails reads it: anything that is not one of the texts for false."""
    return request.one(name) not in FALSE_TEXTS
