"""The period that a file's name states, e.g. `orders_2026-01.csv`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pipelines.files.feeds import Feed

_FORMATS_BY_LENGTH = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d"}


def period_at(feed: Feed, name: str) -> datetime | None:
    """Beginning of the period, UTC; the date is taken in the feed's zone. None when the name states
    none.

    The group of `feed.period` may hold a year, a month or a day, with any separators.
    """
    found = re.search(feed.period, name) if feed.period else None
    if found is None:
        return None
    digits = re.sub("[^0-9]", "", found.group(1) if found.groups() else found.group(0))
    try:
        local = datetime.strptime(digits, _FORMATS_BY_LENGTH[len(digits)])  # noqa: DTZ007 - zone below
    except (KeyError, ValueError):
        return None
    return local.replace(tzinfo=ZoneInfo(feed.time_zone)).astimezone(UTC)
