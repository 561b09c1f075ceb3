"""What a façade is, and what all of them need: requests, replies, tokens, pages, checks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol, runtime_checkable

from pipelines.world.fakenet.store import Store

Headers = tuple[tuple[str, str], ...]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Request:
    """A request as a façade sees it: path below its mount, decoded query.

    `now`: the instant whose state is asked for; `arrived_at`: the fake's clock, by which limits and
    tokens go. They differ only in time travel.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    now: datetime
    arrived_at: datetime
    base_url: str  # where the façade is mounted, without a slash at the end
    target_length: int = 0  # characters of path and query as sent
    target: str = ""  # path below its mount and query as sent, before decoding

    def one(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return next((v for k, v in reversed(self.query) if k == name), default)

    def many(self, name: str) -> list[str]:
        """All values of a query parameter, comma-separated ones taken apart."""
        return [part for k, v in self.query if k == name for part in v.split(",") if part]

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body or b"null")
        except ValueError:
            return None


@dataclass(frozen=True)
class Wire:
    """How the bytes of a reply leave. Seconds are given to the sleeper of the server."""

    delay_seconds: float = 0.0
    chunk_bytes: int = 0  # 0: all at once
    pause_seconds: float = 0.0  # between chunks
    cut_after: int | None = None  # bytes of the body that are sent before the connection ends
    is_dropped: bool = False  # the connection ends without a reply


@dataclass(frozen=True)
class Reply:
    """An answer: `body` is a JSON value, or bytes that are sent as they are."""

    status: int
    body: Any
    headers: Headers = ()
    content_type: str = "application/json;charset=utf-8"
    wire: Wire = field(default_factory=Wire)
    date_skew_seconds: float = 0.0

    def content(self) -> bytes:
        """The body's bytes; JSON without spaces, not escaped, keys in the order of the façade."""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()

    def with_headers(self, headers: Headers) -> Reply:
        """The same with more headers."""
        return replace(self, headers=(*self.headers, *headers))


class Refused(Exception):  # noqa: N818  a reply that travels as an exception, not a failure
    """Ends the handling of a request with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"status {reply.status}")
        self.reply = reply


@dataclass(frozen=True)
class PageShape:
    """Where a reply has its items and its cursor, and where a request carries the cursor.

    `parameter` empty: a list that is never paged, such as a batch. `cursor` empty: the client makes
    it from the items. `is_in_header`: the body is the list itself and the `Link` header has a next
    link with the cursor; `items`, `cursor` and `link` then are names of the fault's own.
    """

    items: tuple[str, ...]
    cursor: tuple[str, ...]
    link: tuple[str, ...]  # an absolute link to the next page; empty: the API gives none
    parameter: str
    is_in_body: bool = False
    is_in_header: bool = False


class Facade(Protocol):
    """One API: shows its part of the world in its own shape."""

    name: str
    store: Store

    def answer(self, request: Request) -> Reply:
        """The reply to a request, errors included."""
        ...

    def expected(self, now: datetime) -> dict[str, Any]:
        """What a complete read at `now` must find: resource → count, and more by name."""
        ...

    def shape(self, request: Request) -> PageShape | None:
        """Where lists of this endpoint have what; None for single objects."""
        ...

    def throttled(self) -> Reply:
        """The body and status this API refuses a throttled request with, without headers."""
        ...

    def expire_tokens(self, now: datetime) -> None:
        """From `now` on no access token given out so far is valid."""
        ...


@runtime_checkable
class NamesEndpoints(Protocol):
    """An API whose paths do not say what is read, for rules that are about one kind of object."""

    def endpoint(self, request: Request) -> str:
        """`METHOD /path`, and what is read."""
        ...


@dataclass
class Grant:
    """What a token may do; `expires_at` None: never ends."""

    scopes: frozenset[str]
    expires_at: datetime | None = None


@dataclass
class Tokens:
    """The access tokens an API has given out."""

    grants: dict[str, Grant] = field(default_factory=dict)

    def add(self, token: str, scopes: Iterable[str], expires_at: datetime | None = None) -> None:
        """Give out a token."""
        self.grants[token] = Grant(frozenset(scopes), expires_at)

    def end_all(self, now: datetime) -> None:
        """End all of them at `now`."""
        for grant in self.grants.values():
            if grant.expires_at is None or grant.expires_at > now:
                grant.expires_at = now


def bearer(request: Request) -> str | None:
    """The token of the Authorization header; None without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def unknown_parameters(request: Request, known: Iterable[str]) -> list[str]:
    """Query parameters that the endpoint does not have, in the order sent."""
    allowed = set(known)
    return list(dict.fromkeys(k for k, _ in request.query if k not in allowed))


def stable_hex(*parts: object) -> str:
    """64 hex digits that depend on the parts only."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def utc_text(instant: datetime, digits: int = 3) -> str:
    """`2026-01-06T18:40:40.120Z`; `digits` of the fraction: 0, 3 or 6."""
    text = instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{instant.microsecond:06d}"[: 20 + digits if digits else 19] + "Z"
