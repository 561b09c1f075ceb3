"""Figures of the brand's profiles per day, which grow for two days after the day's end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from pipelines.world.fakenet.sprout_store import NETWORK_TYPES
from pipelines.world.networks import NetworkLife, day_index, network_life
from pipelines.world.parameters import NETWORKS
from pipelines.world.world import World

SETTLED_AFTER, EARLY_PART = timedelta(hours=48), 0.8
DAY = timedelta(days=1)
Values = dict[str, int]


class Days:
    """The days of a world's three profiles, UTC; a day shows when it has ended."""

    names = (
        "lifetime_snapshot.followers_count", "net_follower_growth", "followers_gained",
        "followers_lost", "impressions", "likes", "comments_count", "posts_sent_count",
    )  # fmt: skip

    def __init__(self, world: World) -> None:
        self.world = world
        self.lives = {NETWORK_TYPES[n]: network_life(world, n) for n in NETWORKS}
        self._known: dict[tuple[str, date], Values] = {}

    def of(
        self, network_type: str, start: datetime, end: datetime, now: datetime
    ) -> Iterator[tuple[date, Values]]:
        """Days with their values, oldest first: of the history, within the span, ended."""
        first, last = self.world.parameters.start_date, self.world.parameters.end_date
        day = max(start.astimezone(UTC).date(), first)
        while day <= last and _begin(day) < end and _begin(day) + DAY <= now:
            yield day, self._values(network_type, day, now)
            day += DAY

    def _values(self, network_type: str, day: date, now: datetime) -> Values:
        place = (network_type, day)
        if place not in self._known:
            self._known[place] = self._final(self.lives[network_type], day)
        values = self._known[place]
        if _begin(day) + DAY + SETTLED_AFTER > now:
            return values | {"impressions": int(values["impressions"] * EARLY_PART)}
        return values

    def _final(self, life: NetworkLife, day: date) -> Values:
        start, end = _begin(day), _begin(day) + DAY
        came, left = life.crowd(day_index(self.world, day))
        came += sum(start <= follow.since < end for follow in life.follows)
        left += sum(f.until is not None and start <= f.until < end for f in life.follows)
        gained = life.gained(start, end)
        sent = sum(start <= p.post.published_at < end for p in life.posts if p.appeal)
        return {
            "lifetime_snapshot.followers_count": life.followers(
                end, day_index(self.world, day) + 1
            ),
            "net_follower_growth": came - left, "followers_gained": came, "followers_lost": left,
            "impressions": gained["impressions"], "likes": gained["likes"],
            "comments_count": gained["comments"], "posts_sent_count": sent,
        }  # fmt: skip


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
