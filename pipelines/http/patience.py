"""Waiting within limits: a source that would wait too long ends `partial` instead."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import datetime, timedelta

from pipelines.clock import Clock
from pipelines.http.limits import Limits

LONGEST_NAMED_WAIT_SECONDS = 366 * 86_400.0  # a server may ask for any number


class OutOfTime(Exception):  # noqa: N818 - it is a state, no error
    """A wait that breaks a cap. `until`: UTC, when going on makes sense; None: the next run."""

    def __init__(self, why: str, until: datetime | None = None) -> None:
        self.until = until
        super().__init__(why)


class Patience:
    """The waiting of one source in one run. Safe for several threads."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits, self._clock = limits, clock
        self._started = clock.monotonic()
        self._waited: defaultdict[str, float] = defaultdict(float)  # seconds, by resource
        self._lock = threading.Lock()

    def wait(self, resource: str, seconds: float) -> None:
        """Sleep. Raises OutOfTime before sleeping where a cap would be broken."""
        if seconds <= 0:
            return
        until = self._clock.now() + timedelta(seconds=min(seconds, LONGEST_NAMED_WAIT_SECONDS))
        if seconds > self._limits.single_wait_seconds:
            raise OutOfTime(f"a wait of {seconds:.0f} s is asked for", until)
        with self._lock:
            self._waited[resource] += seconds
            is_too_long = self._waited[resource] > self._limits.waiting_seconds
        if is_too_long:
            raise OutOfTime("its waiting time is used up", until)
        self._check(seconds)
        self._clock.sleep(seconds)

    def check(self) -> None:
        """Raises OutOfTime when the source's wall clock is used up."""
        self._check(0.0)

    def _check(self, more_seconds: float) -> None:
        spent = self._clock.monotonic() - self._started
        if spent + more_seconds > self._limits.source_seconds:
            raise OutOfTime("the source's time is used up")
