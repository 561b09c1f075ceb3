"""What one run carries through all of its phases."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines.clock import Clock, throttled
from pipelines.ledger import Ledger
from pipelines.settings import Settings

BEAT_SECONDS = 1.0  # a model may take a millisecond, its heartbeat five


@dataclass(frozen=True)
class RunContext:
    """One run: who it is, up to when it reports, and its effects.

    `as_of` is the same for all runs of one date, so that running a night twice changes nothing.
    `wire_clock`: what waiting for APIs goes by, where it is not `clock`: that of a simulated
    network, which nobody has to wait for.
    """

    run_id: str
    as_of: datetime
    started_at: datetime
    settings: Settings
    clock: Clock
    ledger: Ledger
    wire_clock: Clock | None = None

    def beating(self, phase: str) -> Callable[[int], None]:
        """Says that the phase got so far, in the ledger, at most once in a second."""
        return throttled(
            lambda progress: self.ledger.beat(self.run_id, phase, progress),
            self.clock,
            BEAT_SECONDS,
        )


def new_run_id(started_at: datetime) -> str:
    """`YYYYMMDDTHHMMSSZ-<4 hex>`; sorts by time."""
    return f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def reporting_instant(settings: Settings, now: datetime) -> datetime:
    """`settings.as_of`, else the last midnight in the reporting time zone."""
    if settings.as_of is not None:
        return settings.as_of
    zone = ZoneInfo(settings.time_zone)
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def reported_date(instant: datetime, time_zone: str) -> date:
    """The last date that is complete at `instant` in the zone: the partition of that night."""
    local = instant.astimezone(ZoneInfo(time_zone))
    return (local - timedelta(microseconds=1)).date()
