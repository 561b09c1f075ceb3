"""Days as Meta counts them: from midnight to midnight by Pacific time, also in summer."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


def day_start(day: date) -> datetime:
    """The midnight that begins a Pacific day, as UTC: hour 7 in summer, 8 in winter."""
    return datetime.combine(day, time(), PACIFIC).astimezone(UTC)


def day_end(day: date) -> datetime:
    """The midnight that ends it, as UTC: what insights call `end_time`."""
    return day_start(day + timedelta(days=1))


def day_of(instant: datetime) -> date:
    """The Pacific day an instant falls on."""
    return instant.astimezone(PACIFIC).date()


def days_between(first: date, last: date) -> list[date]:
    """All dates from the first to the last, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def graph_time(instant: datetime) -> str:
    """`2026-01-06T18:40:40+0000`: no colon in the offset."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
