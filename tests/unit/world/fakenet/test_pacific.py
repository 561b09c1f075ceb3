from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from pipelines.world.fakenet.pacific import day_end, day_of


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 1, 1), datetime(2026, 1, 2, 8, tzinfo=UTC)),  # winter: UTC−8
        (date(2026, 3, 8), datetime(2026, 3, 9, 7, tzinfo=UTC)),  # the day of 23 hours
        (date(2026, 6, 1), datetime(2026, 6, 2, 7, tzinfo=UTC)),  # summer: UTC−7
        (date(2026, 11, 1), datetime(2026, 11, 2, 8, tzinfo=UTC)),  # the day of 25 hours
    ],
)
def test_day_when_it_ends_then_it_is_midnight_pacific(day: date, end: datetime) -> None:
    assert day_end(day) == end
    assert day_of(end - timedelta(seconds=1)) == day
    assert day_of(end) == day + timedelta(days=1)
