"""How many requests an API still allows, by the fake's clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipelines.world.fakenet.facade import EPOCH


@dataclass(frozen=True)
class Spent:
    """What a request left of a window. `resets_at`: when there is room again."""

    limit: int
    remaining: int
    resets_at: datetime
    is_refused: bool


@dataclass
class RollingWindow:
    """At most `limit` requests within any `length`; refused ones are not counted."""

    limit: int
    length: timedelta
    _taken: deque[datetime] = field(default_factory=deque)

    def take(self, now: datetime) -> Spent:
        """Count a request at `now`."""
        while self._taken and self._taken[0] <= now - self.length:
            self._taken.popleft()
        is_refused = len(self._taken) >= self.limit
        if not is_refused:
            self._taken.append(now)
        oldest = self._taken[0] if self._taken else now
        remaining = self.limit - len(self._taken)
        return Spent(self.limit, remaining, oldest + self.length, is_refused)


@dataclass
class FixedWindow:
    """At most `limit` requests in each span of `length`; spans begin at the epoch, UTC."""

    limit: int
    length: timedelta
    _span: int = -1
    _count: int = 0

    def take(self, now: datetime) -> Spent:
        """Count a request at `now`."""
        span = (now - EPOCH) // self.length
        if span != self._span:
            self._span, self._count = span, 0
        is_refused = self._count >= self.limit
        if not is_refused:
            self._count += 1
        resets_at = EPOCH + (span + 1) * self.length
        return Spent(self.limit, self.limit - self._count, resets_at, is_refused)
