"""The fault script: what goes wrong, where, and when. Also the kinds that need no page.

A rule names a façade, a pattern of endpoints, a moment and a fault. Chance is drawn from a seed and
the number of the request, so that the same script breaks the same requests every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Protocol

from pipelines.world.fakenet.facade import Facade, NamesEndpoints, Reply, Request


@dataclass
class Call:
    """One request as a fault sees it. `memory`: what the rule keeps from request to request."""

    request: Request
    facade: Facade
    foreign_url: str
    memory: dict[str, Any] = field(default_factory=dict)


class Fault:
    """Does nothing; each kind overrides what it needs."""

    def incoming(self, call: Call) -> Request:
        """The request that the façade is to see."""
        return call.request

    def instead(self, call: Call) -> Reply | None:
        """A reply in place of the façade's; None: ask the façade."""
        del call
        return None

    def after(self, call: Call, reply: Reply) -> Reply:
        """The façade's reply, spoiled."""
        del call
        return reply


class When(Protocol):
    """The moment of a rule."""

    def holds(self, number: int, now: datetime) -> bool:
        """`number`: how many requests have matched the rule's pattern, this one included."""
        ...


@dataclass(frozen=True)
class Always:
    """Every time."""

    def holds(self, number: int, now: datetime) -> bool:
        """Always true."""
        del number, now
        return True


@dataclass(frozen=True)
class Nth:
    """The n-th matching request, or `count` of them from the n-th on."""

    n: int
    count: int = 1

    def holds(self, number: int, now: datetime) -> bool:
        """The number is n to n + count − 1."""
        del now
        return self.n <= number < self.n + self.count


@dataclass(frozen=True)
class Between:
    """While `now` is in [start, end)."""

    start: datetime
    end: datetime

    def holds(self, number: int, now: datetime) -> bool:
        """By the fake's clock, not by the number."""
        del number
        return self.start <= now < self.end


@dataclass(frozen=True)
class Chance:
    """With a probability, drawn anew for each request from the seed."""

    probability: float
    seed: int

    def holds(self, number: int, now: datetime) -> bool:
        """The same seed and number always give the same answer."""
        del now
        digest = hashlib.sha256(f"{self.seed}|{number}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64 < self.probability


@dataclass(frozen=True)
class Rule:
    """One line of the script. `endpoint`: a glob over `METHOD /path`, below the façade's mount;
    see `NamesEndpoints`.
    """

    facade: str
    endpoint: str
    fault: Fault
    when: When = field(default_factory=Always)


class FaultScript:
    """The rules with their counts; faults apply in the order of the rules."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = list(rules)
        self._counts: dict[int, int] = {}
        self._memories: dict[int, dict[str, Any]] = {}

    def add(self, *rules: Rule) -> None:
        """Append rules; counts of the others go on."""
        self.rules += rules

    def answer(self, facade: Facade, request: Request, foreign_url: str) -> Reply:
        """The façade's reply with everything that is due gone wrong."""
        due: list[tuple[Fault, Call]] = []
        for index, rule in enumerate(self.rules):
            is_meant = rule.facade in (facade.name, "*")
            if not is_meant or not fnmatchcase(_endpoint(facade, request), rule.endpoint):
                continue
            self._counts[index] = self._counts.get(index, 0) + 1
            memory = self._memories.setdefault(index, {})
            call = Call(request, facade, foreign_url, memory)
            # A fault may have renamed a cursor earlier: it reads requests even when not due.
            request = rule.fault.incoming(call)
            if rule.when.holds(self._counts[index], request.arrived_at):
                due.append((rule.fault, call))
        for fault, call in due:
            call.request = request
            if (reply := fault.instead(call)) is not None:
                break
        else:
            reply = facade.answer(request)
        for fault, call in due:
            reply = fault.after(call, reply)
        return reply


def _endpoint(facade: Facade, request: Request) -> str:
    if isinstance(facade, NamesEndpoints):
        return facade.endpoint(request)
    return f"{request.method} {request.path}"


@dataclass(frozen=True)
class Act(Fault):
    """Something happens just before the answer: a row changes, is deleted, merged, forgotten."""

    action: Callable[[], None]

    def instead(self, call: Call) -> Reply | None:
        """Run the action, then let the façade answer."""
        del call
        self.action()
        return None


@dataclass(frozen=True)
class ExpireTokens(Fault):
    """All access tokens end at this request, which is refused already; refreshed ones are good."""

    def instead(self, call: Call) -> Reply | None:
        """End the tokens, then let the façade refuse."""
        call.facade.expire_tokens(call.request.arrived_at)
        return None
