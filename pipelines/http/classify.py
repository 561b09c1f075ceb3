"""What an answer means: one function over status, body and failure, shared by all sources.

A source that knows more passes a function of its own, which asks `default_outcome` for the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from pipelines.http.records import Exchange, Reply, Request, at

RETRIED_STATUSES = frozenset({408, 425, 429})
THROTTLED = 429
ERROR_KEYS = ("error", "errors")
NOT_JSON_RETRIES = 3  # a maintenance page goes away soon, or it stays
FINAL_FAILURES = {
    "too_large": "the body is larger than the limit",
    "encoding": "the body's encoding is unknown",
    "certificate": "the server's certificate is not trusted",
    "private_address": "the host's name leads to a private address",
    "invalid": "the request cannot be sent as it is declared",
}


@dataclass(frozen=True)
class Ok:
    """A usable page. `errors`: what the server reported beside the data."""

    code: ClassVar[str] = "ok"

    errors: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Retry:
    """Transient. `not_before`: UTC; None: what the headers demand, else our own backoff.

    `is_throttle`: we were too fast, so that reset headers and documented periods count.
    `at_most`: retries for this reason, then `otherwise`.
    """

    code: ClassVar[str] = "retry"

    reason: str
    not_before: datetime | None = None
    is_throttle: bool = False
    at_most: int | None = None
    otherwise: Fatal | None = None


@dataclass(frozen=True)
class RefreshAuth:
    """The token expired."""

    code: ClassVar[str] = "refresh_auth"


@dataclass(frozen=True)
class SkipItem:
    """One object or resource cannot be read; the others go on."""

    code: ClassVar[str] = "skip_item"

    reason: str


@dataclass(frozen=True)
class Gone:
    """Objects are no longer visible: candidates for a tombstone, not yet deleted."""

    code: ClassVar[str] = "gone"

    ids: tuple[str, ...]


@dataclass(frozen=True)
class DropField:
    """One field or metric is invalid, and the server says which."""

    code: ClassVar[str] = "drop_field"

    name: str


@dataclass(frozen=True)
class Split:
    """One field or metric is invalid, and the server does not say which."""

    code: ClassVar[str] = "split"


@dataclass(frozen=True)
class QuotaStop:
    """A budget or period cap is reached; `until`: UTC."""

    code: ClassVar[str] = "quota_stop"

    reason: str
    until: datetime | None = None


@dataclass(frozen=True)
class Fatal:
    """A person is needed. `fault`: one word; `why`: one sentence without a value; `hint`: what to
    do, None: what is usual for this fault.
    """

    code: ClassVar[str] = "fatal"

    fault: str
    why: str
    hint: str | None = None


Outcome = Ok | Retry | RefreshAuth | SkipItem | Gone | DropField | Split | QuotaStop | Fatal
Classify = Callable[[Exchange], Outcome]


def default_outcome(exchange: Exchange) -> Outcome:
    """The common rules, in order: the failure, the status, the body."""
    request, reply, failure = exchange.request, exchange.reply, exchange.failure
    if failure is not None or reply is None:
        kind = failure.kind if failure else "network"
        if kind in FINAL_FAILURES:
            return Fatal(kind, FINAL_FAILURES[kind])
        return Retry(kind)
    return _by_status(request, reply) or _by_body(request, reply)


def _by_status(request: Request, reply: Reply) -> Outcome | None:
    match reply.status:
        case 401:
            return RefreshAuth()
        case 403:
            return SkipItem("forbidden")
        case 404 | 410 if request.object_id is not None:
            return Gone((request.object_id,))
        case status if status in RETRIED_STATUSES or status >= 500:
            return Retry(f"status {status}", is_throttle=status == THROTTLED)
        case 202 if not _has_rows(request, reply):
            return Retry("not_ready")
    return None


def _by_body(request: Request, reply: Reply) -> Outcome:
    is_success = 200 <= reply.status < 300
    is_raw = request.rows_path is None
    if not is_raw and not _looks_like_json(reply) and not _is_empty_by_declaration(request, reply):
        fault = Fatal("not_json", f"the answer (status {reply.status}) is no JSON")
        return Retry("not_json", at_most=NOT_JSON_RETRIES, otherwise=fault)
    if not is_success:
        return Fatal("refused", f"the request was refused (status {reply.status})")
    if is_raw:
        return Ok()
    errors = _errors(reply.payload)
    if _has_rows(request, reply):
        return Ok(errors)
    if request.may_lack_rows and not errors:
        return Ok()
    what = "an error object" if errors else f"no {'.'.join(request.rows_path or ('data',))}"
    return Fatal("shape", f"status {reply.status} with {what}")


def _looks_like_json(reply: Reply) -> bool:
    kind = (reply.header("content-type") or "").partition(";")[0].strip().lower()
    is_declared = kind in {"application/json", "text/json"} or kind.endswith("+json")
    return is_declared and reply.is_json


def _is_empty_by_declaration(request: Request, reply: Reply) -> bool:
    return request.may_lack_rows and not reply.body and 200 <= reply.status < 300


def _has_rows(request: Request, reply: Reply) -> bool:
    if request.rows_path is None:
        return bool(reply.body)
    if not reply.is_json:
        return False
    found = at(reply.payload, request.rows_path)
    is_error_object = not request.rows_path and bool(_errors(reply.payload))
    return isinstance(found, list | dict) and not is_error_object


def _errors(payload: Any) -> tuple[Any, ...]:
    """What stands under `error` or `errors` at the top; empty when there is nothing."""
    for key in ERROR_KEYS:
        found = at(payload, (key,))
        if found:
            return tuple(found) if isinstance(found, list) else (found,)
    return ()
