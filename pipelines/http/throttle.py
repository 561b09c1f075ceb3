"""Goes slower before a server has to refuse: one bucket per endpoint group of a source.

A bucket's calls come back when they leave the documented window, and it is corrected by the rate
headers of every answer. At 80 % use it hands calls out at half speed, at 100 % none.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipelines.http.waits import ResetForm, reset_instant

SLOW_FROM = 0.8  # share of the window's calls in use
HALF_SPEED = 2.0  # times the even distance between calls
UNKNOWN_DISTANCE_SECONDS = 1.0  # at half speed, where neither calls nor window are known


@dataclass(frozen=True)
class Rate:
    """A documented limit: `calls` in any window of `seconds`."""

    calls: int
    seconds: float


@dataclass(frozen=True)
class RateSignal:
    """What an answer says of our use. `used`: 0..1 and more; `remaining`: calls left, if known;
    `resets_at`: UTC, when the use falls back to nothing, if known.
    """

    used: float | None
    remaining: int | None = None
    resets_at: datetime | None = None


ReadRate = Callable[[Mapping[str, str], datetime], RateSignal | None]


@dataclass(frozen=True)
class RateHeaders:
    """Reads the usual three headers; a source with other ones passes a function of its own."""

    limit: str
    remaining: str
    reset: str
    form: ResetForm

    def __call__(self, headers: Mapping[str, str], now: datetime) -> RateSignal | None:
        """The signal in an answer's headers (names in lower case), None without any."""
        resets_at = reset_instant(headers.get(self.reset.lower()), self.form, now)
        limit = _count(headers.get(self.limit.lower()))
        remaining = _count(headers.get(self.remaining.lower()))
        if not limit or remaining is None:
            return RateSignal(None, resets_at=resets_at) if resets_at else None
        return RateSignal(1 - remaining / limit, remaining, resets_at)


def _count(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@dataclass
class Bucket:
    """The calls of one endpoint group. Not safe for threads by itself: see `Throttle`."""

    rate: Rate | None = None
    calls: deque[datetime] = field(default_factory=deque)
    last: datetime | None = None
    signal: RateSignal | None = None

    def take(self, now: datetime) -> datetime:
        """Reserve the next call and return when it may go out; UTC, `now` or later."""
        instant = max(now, self._window_allows(now), self._signal_allows(now))
        if self.last is not None:
            instant = max(instant, self.last + self._distance(instant))
        self.last = instant
        self.calls.append(instant)
        if self.signal is not None and self.signal.remaining:
            left = self.signal.remaining - 1  # until the answer says it better
            self.signal = RateSignal(self.signal.used, left, self.signal.resets_at)
        return instant

    def learn(self, signal: RateSignal) -> None:
        """Believe an answer's headers."""
        if signal.used is not None:
            self.signal = signal

    def _window_allows(self, now: datetime) -> datetime:
        if self.rate is None:
            self.calls.clear()
            return now
        window = timedelta(seconds=self.rate.seconds)
        while self.calls and self.calls[0] + window <= now:
            self.calls.popleft()
        if len(self.calls) < self.rate.calls:
            return now
        return self.calls[-self.rate.calls] + window

    def _signal_allows(self, now: datetime) -> datetime:
        if self.signal is None:
            return now
        if self.signal.resets_at is not None and self.signal.resets_at <= now:
            self.signal = None
            return now
        is_used_up = self.signal.remaining == 0 or (self.signal.used or 0) >= 1
        if not is_used_up:
            return now
        period = timedelta(seconds=self.rate.seconds if self.rate else UNKNOWN_DISTANCE_SECONDS)
        resets_at = self.signal.resets_at or now + period
        self.signal = RateSignal(self.signal.used, 0, resets_at)
        return resets_at

    def _distance(self, instant: datetime) -> timedelta:
        """Least time between this call and the one before it."""
        signal = self.signal
        if signal is not None and signal.resets_at is not None and signal.resets_at <= instant:
            signal = None  # the call goes out into a fresh window
        window_used = len(self.calls) / self.rate.calls if self.rate else 0.0
        header_used = (signal.used or 0.0) if signal else 0.0
        if max(window_used, header_used) < SLOW_FROM:
            return timedelta(0)
        if self.rate is not None:
            return timedelta(seconds=HALF_SPEED * self.rate.seconds / self.rate.calls)
        if signal is not None and signal.resets_at is not None and signal.remaining:
            return (signal.resets_at - instant) / signal.remaining
        return timedelta(seconds=UNKNOWN_DISTANCE_SECONDS)


class Throttle:
    """The buckets of one source, by endpoint group; shared by its workers."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        self._rates = rates
        self._buckets: dict[str, Bucket] = {}
        self._lock = threading.Lock()

    def take(self, group: str, now: datetime) -> float:
        """Seconds to wait before the next call of this group; it is reserved."""
        with self._lock:
            return (self._bucket(group).take(now) - now).total_seconds()

    def learn(self, group: str, signal: RateSignal) -> None:
        """Believe the headers of an answer in this group."""
        with self._lock:
            self._bucket(group).learn(signal)

    def hold(self, group: str, until: datetime) -> None:
        """No call of this group before `until`: the server refused one of them."""
        self.learn(group, RateSignal(1.0, 0, until))

    def period_seconds(self, group: str) -> float | None:
        """The documented window of this group, seconds."""
        rate = self._rates.get(group)
        return rate.seconds if rate else None

    def _bucket(self, group: str) -> Bucket:
        return self._buckets.setdefault(group, Bucket(self._rates.get(group)))
