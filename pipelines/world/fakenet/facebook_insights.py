"""Insights of a page, its posts and its videos: the metrics that live, and those that have died."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from pipelines.world.fakenet import graph_errors as errors
from pipelines.world.fakenet.facebook_store import PAGE_ID
from pipelines.world.fakenet.figures import share
from pipelines.world.fakenet.graph_insights import (
    PERIOD_DAYS,
    Metric,
    names,
    neighbours,
    row,
    window,
)
from pipelines.world.fakenet.graph_nodes import Json, Moment, Options
from pipelines.world.fakenet.graph_tokens import INSIGHTS
from pipelines.world.fakenet.pacific import day_end, days_between, graph_time
from pipelines.world.fakenet.store import Seen

LEAST_FANS, MOST_DAYS, KEPT = 100, 90, timedelta(days=730)
UNIQUE_SHARES = {"week": 0.7, "days_28": 0.45}  # people come again: less than the sum of days
NOVEMBER, JUNE = date(2025, 11, 15), date(2026, 6, 15)
DAY, LIFETIME = ("day",), ("lifetime",)
REACTED = ("like", "love", "haha", "wow")


def _catalogue(*metrics: Metric) -> dict[str, Metric]:
    return {metric.name: metric for metric in metrics}


PAGE_METRICS = _catalogue(
    Metric("page_media_view", "impressions"),
    Metric("page_total_media_view_unique", "reach", is_unique=True),
    Metric("page_follows", "followers", periods=DAY),
    Metric("page_daily_follows", "follows", periods=DAY),
    Metric("page_daily_follows_unique", "follows", periods=tuple(PERIOD_DAYS), is_unique=True),
    Metric("page_daily_unfollows_unique", "unfollows", periods=tuple(PERIOD_DAYS), is_unique=True),
    Metric("page_post_engagements", "engagements"),
    Metric("page_views_total", "page_views"),
    Metric("page_video_views", "impressions", 0.3),
    Metric("page_total_actions", "actions"),
    Metric("page_actions_post_reactions_total", "reacted", periods=DAY),
    Metric("page_impressions", "impressions", dead_from=NOVEMBER, successor="page_media_view"),
    Metric("page_impressions_unique", "reach", is_unique=True, dead_from=JUNE,
           successor="page_total_media_view_unique"),
    Metric("page_posts_impressions", "impressions", dead_from=NOVEMBER,
           successor="page_media_view"),
    Metric("page_posts_impressions_unique", "reach", is_unique=True, dead_from=JUNE,
           successor="page_total_media_view_unique"),
    Metric("page_fans", "followers", periods=DAY, dead_from=NOVEMBER, successor="page_follows"),
    Metric("page_fan_adds", "follows", periods=DAY, dead_from=NOVEMBER,
           successor="page_daily_follows"),
    Metric("page_fan_adds_unique", "follows", is_unique=True, dead_from=NOVEMBER,
           successor="page_daily_follows_unique"),
)  # fmt: skip
POST_METRICS = _catalogue(
    Metric("post_media_view", "impressions", periods=LIFETIME),
    Metric("post_total_media_view_unique", "reach", periods=LIFETIME, is_unique=True),
    Metric("post_clicks", "impressions", 0.02, LIFETIME),
    Metric("post_reactions_like_total", "LIKE", periods=LIFETIME),
    Metric("post_reactions_love_total", "LOVE", periods=LIFETIME),
    Metric("post_reactions_haha_total", "HAHA", periods=LIFETIME),
    Metric("post_reactions_wow_total", "WOW", periods=LIFETIME),
    Metric("post_reactions_by_type_total", "by_type", periods=LIFETIME),
    Metric("post_video_views", "impressions", 0.3, LIFETIME),
    Metric("post_impressions", "impressions", periods=LIFETIME, dead_from=NOVEMBER,
           successor="post_media_view"),
    Metric("post_impressions_unique", "reach", periods=LIFETIME, is_unique=True, dead_from=JUNE,
           successor="post_total_media_view_unique"),
)  # fmt: skip
VIDEO_METRICS = _catalogue(
    Metric("total_video_views", "impressions", 0.3, LIFETIME),
    Metric("total_video_views_unique", "reach", 0.3, LIFETIME, is_unique=True),
    Metric("total_video_view_total_time", "watched_ms", periods=LIFETIME),
    Metric("total_video_avg_time_watched", "average_ms", periods=LIFETIME),
    Metric("total_video_reactions_by_type_total", "by_type", periods=LIFETIME),
)
AVERAGE_MS = 6_400


class FacebookInsights:
    """Answers insights. `retired`: metrics that died in a test's hands, by instant."""

    def __init__(self) -> None:
        self.retired: dict[str, datetime] = {}

    def page(self, moment: Moment, seen: Seen, options: Options) -> Json:
        """Day by day, with links to the windows before and after; also where there is nothing."""
        if not moment.caller.is_page:
            raise errors.bad_token("(#190) This method must be called with a Page Access Token")
        metrics = self._checked(moment, options, PAGE_METRICS)
        first, last = window(options, moment.now, MOST_DAYS)
        oldest = (moment.now - KEPT).date()
        days = [day for day in days_between(first, last) if day >= oldest]
        rows = []
        if seen.fields["followers"] >= LEAST_FANS:
            for metric in metrics:
                for period in self._periods(metric, options):
                    values = _series(moment.view.days, metric, period, days)
                    rows += [row(PAGE_ID, metric.name, period, values)] if values else []
        return {"data": rows, "paging": neighbours(moment, PAGE_ID, options, first, last)}

    def post(self, moment: Moment, seen: Seen, options: Options) -> Json:
        """Lifetime figures of a post."""
        return self._lifetime(moment, seen.record_id, seen.record_id, options, POST_METRICS)

    def video(self, moment: Moment, seen: Seen, options: Options) -> Json:
        """Lifetime figures of a video."""
        post_id = seen.fields["post"]
        return self._lifetime(moment, seen.record_id, post_id, options, VIDEO_METRICS)

    def _lifetime(
        self, moment: Moment, object_id: str, post_id: str, options: Options,
        catalogue: Mapping[str, Metric],
    ) -> Json:  # fmt: skip
        metrics = self._checked(moment, options, catalogue)
        figures = moment.view.figures.get(post_id)
        if figures is None:  # by a person: nobody reports figures of it
            return {"data": []}
        reactions = moment.view.reactions(post_id)
        by_type = {name.lower(): count for name, count in reactions.items()}
        everything: dict[str, Any] = {
            **{name.upper(): 0 for name in REACTED}, **figures, **reactions, "by_type": by_type,
            "average_ms": AVERAGE_MS, "watched_ms": AVERAGE_MS * int(0.3 * figures["impressions"]),
        }  # fmt: skip
        rows = []
        for metric in metrics:
            value = everything[metric.figure]
            shown = value if isinstance(value, dict) else int(value * metric.share)
            rows += [
                row(object_id, metric.name, period, [{"value": shown}])
                for period in self._periods(metric, options)
            ]
        return {"data": rows}

    def _checked(
        self, moment: Moment, options: Options, catalogue: Mapping[str, Metric]
    ) -> list[Metric]:
        """The metrics, all of which must live; one that does not refuses the whole request."""
        if INSIGHTS not in moment.caller.scopes:
            raise errors.permission(200, INSIGHTS)
        now = moment.arrived_at
        wanted = names(options.get("metric", ""))
        for name in wanted:
            is_retired = name in self.retired and self.retired[name] <= now
            if name not in catalogue or is_retired or not catalogue[name].is_alive(now):
                raise errors.invalid_metric()
        return [catalogue[name] for name in wanted]

    def _periods(self, metric: Metric, options: Options) -> tuple[str, ...]:
        """The period asked for, or all that the metric has."""
        wanted = options.get("period", "")
        known = (*PERIOD_DAYS, "lifetime", "month", "total_over_range")
        if wanted and wanted not in known:
            raise errors.parameter(f"period must be one of the following values: {known}")
        return tuple(p for p in metric.periods if not wanted or p == wanted)


def _series(
    days: Mapping[str, Mapping[str, int]], metric: Metric, period: str, wanted: list[date]
) -> list[Json]:
    """A value per day that is published; a longer period ends with that day."""
    values = []
    for day in wanted:
        length = PERIOD_DAYS[period]
        span = days_between(day - timedelta(days=length - 1), day)
        known = [days[d.isoformat()] for d in span if d.isoformat() in days]
        if day.isoformat() in days:
            value = _value(known, metric, period)
            values.append({"value": value, "end_time": graph_time(day_end(day))})
    return values


def _value(known: list[Mapping[str, int]], metric: Metric, period: str) -> Any:
    """One number, or an object of counts in which zeros are left out."""
    if metric.figure == "reacted":
        total = {act: sum(day[f"reacted_{act}"] for day in known) for act in REACTED}
        return {act: count for act, count in total.items() if count}
    if metric.figure == "engagements":
        numbers = [
            day["likes"] + day["comments"] + day["shares"] + share(day["impressions"], 0.02)
            for day in known
        ]
    else:
        numbers = [int(day[metric.figure] * metric.share) for day in known]
    factor = UNIQUE_SHARES.get(period, 1.0) if metric.is_unique else 1.0
    return int(sum(numbers) * factor)
