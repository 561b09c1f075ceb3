"""Day and lifetime figures as Meta publishes them: late, and restated up and down for weeks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from pipelines.world.fakenet.figures import Figures
from pipelines.world.fakenet.pacific import day_end, day_of, day_start, days_between
from pipelines.world.fakenet.store import Record, Version
from pipelines.world.networks import NetworkLife, Published
from pipelines.world.world import World

# A day's figures by age of the day's end: first too low, then too high, then as they stay.
RESTATEMENTS = ((timedelta(0), 0.94), (timedelta(days=2), 1.03), (timedelta(days=9), 1.0))
REFRESH = timedelta(hours=6)  # after Pacific midnight: when lifetime figures are made anew
DAILY_REFRESHES, WEEKLY_REFRESHES = 28, 12


def pacific_days(world: World) -> list[date]:
    """The Pacific days of the history that are over at its end."""
    first, last = day_of(world.parameters.starts_at), day_of(world.parameters.as_of)
    return days_between(first, last - timedelta(days=1))


def day_records(
    world: World, kind: str, life: NetworkLife, lag: Callable[[date], timedelta],
    more: Callable[[date, int], Figures],
) -> Iterator[Record]:  # fmt: skip
    """One record per day of the account; `lag`: how long after the day it is first shown.

    `more`: exact figures of a day of that index, which are not restated.
    """
    for index, day in enumerate(pacific_days(world)):
        start, end = day_start(day), day_end(day)
        grown = life.gained(start, end)
        exact = more(day, index) | audience(life, start, end, index)
        versions = []
        for age, factor in RESTATEMENTS:
            restated = {name: round(value * factor) for name, value in grown.items()}
            versions.append(Version(end + lag(day) + age, restated | exact))
        yield Record(kind, day.isoformat(), tuple(versions))


def audience(life: NetworkLife, start: datetime, end: datetime, index: int) -> Figures:
    """How many follow at the end of a day, began to, and ceased to, on that day."""
    came, left = life.crowd(index)
    came += sum(start <= follow.since < end for follow in life.follows)
    left += sum(f.until is not None and start <= f.until < end for f in life.follows)
    total = life.followers(end - timedelta(microseconds=1), index + 1)
    return {"followers": total, "follows": came, "unfollows": left}


def refreshes(published: Published, end: datetime) -> list[datetime]:
    """When the lifetime figures of a post are made anew, until the end of the history."""
    first = day_start(day_of(published.post.published_at)) + REFRESH + timedelta(days=1)
    days = [*range(DAILY_REFRESHES), *(DAILY_REFRESHES + 7 * n for n in range(WEEKLY_REFRESHES))]
    moments = [first + timedelta(days=number) for number in days]
    return [moment for moment in moments if moment < end]
