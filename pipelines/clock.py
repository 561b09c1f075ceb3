"""Time as an injected effect: nothing in the product reads the wall clock but `SystemClock`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the product may ask of time."""

    def now(self) -> datetime:
        """Current instant, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow, for deadlines; their zero means nothing."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Current instant, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """The machine's monotonic clock: no daylight saving, no corrections."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass
class ManualClock:
    """A clock for tests and simulations: it moves only when told to, or when somebody sleeps."""

    instant: datetime

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.instant

    def monotonic(self) -> float:
        """The same instant as seconds."""
        return self.instant.timestamp()

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.instant += timedelta(seconds=seconds)


def throttled(action: Callable[[int], None], clock: Clock, seconds: float) -> Callable[[int], None]:
    """The same action, done at its first call and then at most once in so many seconds."""
    due = clock.monotonic()

    def now_and_then(progress: int) -> None:
        nonlocal due
        if clock.monotonic() >= due:
            due = clock.monotonic() + seconds
            action(progress)

    return now_and_then
