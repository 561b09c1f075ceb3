"""How long to wait after a refusal: what the server demands, else our own backoff."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from pipelines.http.limits import Limits

LAST_INSTANT = datetime(9999, 12, 31, tzinfo=UTC)


class ResetForm(StrEnum):
    """How a source writes when its window ends."""

    EPOCH_SECONDS = "epoch_seconds"
    ISO_8601 = "iso_8601"
    MINUTES = "minutes"  # from now
    SECONDS = "seconds"  # from now


def retry_after(text: str | None, now: datetime) -> datetime | None:
    """The instant a Retry-After header names, as seconds or as an HTTP date.

    None when it is missing, unparsable, or not in the future: then our own backoff counts.
    """
    text = (text or "").strip()
    if re.fullmatch(r"[0-9]{1,18}(\.[0-9]+)?", text):
        return _later(now, float(text))
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    if instant.tzinfo is None:  # "-0000": UTC whose zone nobody vouches for
        instant = instant.replace(tzinfo=UTC)
    return instant if instant > now else None


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """The server's clock by its Date header (names in lower case); None without a readable one."""
    try:
        instant = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, IndexError, OverflowError):
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def reset_instant(text: str | None, form: ResetForm, now: datetime) -> datetime | None:
    """The instant (UTC) that a reset header names; None as in `retry_after`."""
    text = (text or "").strip()
    try:
        match form:
            case ResetForm.EPOCH_SECONDS:
                instant = datetime.fromtimestamp(float(text), UTC)
            case ResetForm.ISO_8601:
                instant = datetime.fromisoformat(text)
            case ResetForm.MINUTES:
                return _later(now, float(text) * 60)
            case ResetForm.SECONDS:
                return _later(now, float(text))
    except (ValueError, OverflowError, OSError):
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return instant if instant > now else None


def _later(now: datetime, seconds: float) -> datetime | None:
    if not seconds > 0:  # also not a number
        return None
    try:
        return now + timedelta(seconds=seconds)
    except OverflowError:
        return LAST_INSTANT


def demanded(
    headers: Mapping[str, str],
    now: datetime,
    *,
    is_throttle: bool,
    resets_at: datetime | None,
    period_seconds: float | None,
) -> datetime | None:
    """The instant (UTC) before which another try makes no sense, first signal first.

    Retry-After; then, for a throttle only (servers send them with every answer): the source's reset
    header `resets_at`, and its documented period. None: nobody says.
    """
    if instant := retry_after(headers.get("retry-after"), now):
        return instant
    if not is_throttle:
        return None
    return resets_at or (_later(now, period_seconds) if period_seconds else None)


def backoff_seconds(attempt: int, rng: random.Random, limits: Limits) -> float:
    """Full jitter: uniform between 0 and min(cap, 2^attempt); the first attempt is 1."""
    return rng.uniform(0, min(limits.backoff_cap_seconds, 2.0**attempt))


def next_day(now: datetime) -> datetime:
    """00:00 UTC of the next day: where daily quotas end."""
    return (now.astimezone(UTC) + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )


def next_month(now: datetime) -> datetime:
    """00:00 UTC of the first of the next month: where monthly quotas end."""
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)
