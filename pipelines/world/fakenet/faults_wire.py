"""Faults below the API: statuses, slow and broken bodies, things that are no JSON."""

from __future__ import annotations

import gzip
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from pipelines.world.fakenet.facade import Headers, Reply, Wire, utc_text
from pipelines.world.fakenet.faults import Call, Fault

PAGE = b"<!DOCTYPE html>\n<html><head><title>Down for maintenance</title></head></html>\n"
MEBIBYTE = 1024 * 1024
FAR_AHEAD_SECONDS = 10_000_000


@dataclass(frozen=True)
class Status(Fault):
    """Another status with its own body, in place of the answer."""

    status: int
    body: Any = field(default_factory=dict)
    headers: Headers = ()

    def instead(self, call: Call) -> Reply:
        """The façade is not asked."""
        del call
        return Reply(self.status, self.body, self.headers)


@dataclass(frozen=True)
class Empty(Fault):
    """No body at all; with 202 what some APIs say while a report is not ready."""

    status: int = 202

    def instead(self, call: Call) -> Reply:
        """The façade is not asked."""
        del call
        return Reply(self.status, b"")


@dataclass(frozen=True)
class Html(Fault):
    """A page for people; with status 200 it looks like success."""

    status: int = 200

    def instead(self, call: Call) -> Reply:
        """The façade is not asked."""
        del call
        return Reply(self.status, PAGE, content_type="text/html;charset=utf-8")


@dataclass(frozen=True)
class ForeignRedirect(Fault):
    """Sends the client to another origin."""

    status: int = 302

    def instead(self, call: Call) -> Reply:
        """The façade is not asked."""
        location = f"{call.foreign_url}{call.request.path}"
        return Reply(self.status, b"", (("Location", location),))


class WireFault(Fault, ABC):
    """The same answer, sent otherwise."""

    def after(self, call: Call, reply: Reply) -> Reply:
        """The façade has answered; its bytes leave in another way."""
        del call
        return replace(reply, wire=self.sent(reply.wire))

    @abstractmethod
    def sent(self, wire: Wire) -> Wire:
        """How the bytes leave instead."""


@dataclass(frozen=True)
class Drop(WireFault):
    """The connection ends before a byte of an answer: nobody hears it."""

    def sent(self, wire: Wire) -> Wire:
        """Not at all."""
        return replace(wire, is_dropped=True)


@dataclass(frozen=True)
class Delay(WireFault):
    """The answer begins late; the seconds go to the server's sleeper."""

    seconds: float

    def sent(self, wire: Wire) -> Wire:
        """Later."""
        return replace(wire, delay_seconds=self.seconds)


@dataclass(frozen=True)
class Trickle(WireFault):
    """The body comes in drops with a pause between them."""

    chunk_bytes: int
    pause_seconds: float

    def sent(self, wire: Wire) -> Wire:
        """Slowly."""
        return replace(wire, chunk_bytes=self.chunk_bytes, pause_seconds=self.pause_seconds)


@dataclass(frozen=True)
class Truncate(WireFault):
    """The connection ends in the middle of the body, after so many bytes of it."""

    after_bytes: int

    def sent(self, wire: Wire) -> Wire:
        """In part; the headers promise the whole body."""
        return replace(wire, cut_after=self.after_bytes)


@dataclass(frozen=True)
class Oversized(Fault):
    """Valid JSON, too long by blanks: the answer behind so many bytes of white space."""

    size_bytes: int

    def after(self, call: Call, reply: Reply) -> Reply:
        """The same answer behind the padding."""
        del call
        return replace(reply, body=b" " * self.size_bytes + reply.content())


@dataclass(frozen=True)
class GzipBomb(Fault):
    """A small compressed body that inflates to so many bytes of white space and the answer."""

    inflated_bytes: int

    def after(self, call: Call, reply: Reply) -> Reply:
        """Compressed in pieces: the server never holds the inflated body."""
        del call
        blank = gzip.compress(b" " * MEBIBYTE, mtime=0)
        whole, rest = divmod(self.inflated_bytes, MEBIBYTE)
        tail = gzip.compress(b" " * rest + reply.content(), mtime=0)
        headers = (*reply.headers, ("Content-Encoding", "gzip"))
        # Gzip members one after another inflate to their contents one after another.
        return replace(reply, body=blank * whole + tail, headers=headers)


@dataclass(frozen=True)
class ClockSkew(Fault):
    """The server's `Date` is off by so many seconds."""

    seconds: float

    def after(self, call: Call, reply: Reply) -> Reply:
        """The same answer under another date."""
        del call
        return replace(reply, date_skew_seconds=self.seconds)


# How APIs say when to come back; the last four are what a client must not fall for.
RESET_FORMS = (
    "retry_after_seconds", "retry_after_date", "epoch_seconds", "ratelimit_epoch", "iso_8601",
    "minutes", "none", "garbage", "negative", "far_ahead",
)  # fmt: skip


@dataclass(frozen=True)
class RateExhausted(Fault):
    """The API's own refusal, with one of the ways to say how long: `RESET_FORMS`."""

    form: str
    seconds: int = 30

    def __post_init__(self) -> None:
        if self.form not in RESET_FORMS:
            raise ValueError(f"form must be one of {', '.join(RESET_FORMS)}")

    def instead(self, call: Call) -> Reply:
        """The façade's refusal; the same form on every façade."""
        return call.facade.throttled().with_headers(self._headers(call))

    def _headers(self, call: Call) -> Headers:
        then = call.request.arrived_at + timedelta(seconds=self.seconds)
        epoch = str(int(then.timestamp()))
        forms: dict[str, Headers] = {
            "retry_after_seconds": (("Retry-After", str(self.seconds)),),
            "retry_after_date": (("Retry-After", format_datetime(then, usegmt=True)),),
            "epoch_seconds": (("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", epoch)),
            "ratelimit_epoch": (("RateLimit-Remaining", "0"), ("RateLimit-Reset", epoch)),
            "iso_8601": (("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", utc_text(then))),
            "minutes": (("X-Business-Use-Case-Usage", self._usage()),),
            "none": (),
            "garbage": (("Retry-After", "soon"),),
            "negative": (("Retry-After", f"-{self.seconds}"),),
            "far_ahead": (("Retry-After", str(FAR_AHEAD_SECONDS)),),
        }
        return forms[self.form]

    def _usage(self) -> str:
        """Meta's header: percentages, and minutes until there is access again."""
        minutes = -(-self.seconds // 60)
        return (
            '{"1":[{"type":"pages","call_count":100,"total_cputime":20,"total_time":20,'
            f'"estimated_time_to_regain_access":{minutes}}}]}}'
        )
