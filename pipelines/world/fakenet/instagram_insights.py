"""Insights of an Instagram account and its media."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet import graph_errors as errors
from pipelines.world.fakenet.facade import Refused
from pipelines.world.fakenet.figures import share
from pipelines.world.fakenet.graph_insights import Metric, names, neighbours, row, window
from pipelines.world.fakenet.graph_nodes import Json, Moment, Options
from pipelines.world.fakenet.graph_tokens import BUSINESS_MANAGE, MANAGE
from pipelines.world.fakenet.instagram_store import ACCOUNT_ID, STORY_LIFE
from pipelines.world.fakenet.pacific import day_end, days_between, graph_time
from pipelines.world.fakenet.store import Seen

LEAST_VIEWERS, LEAST_FOLLOWERS, MOST_DAYS, MOST_COUNTRIES = 5, 100, 30, 45
KEPT_MEDIA, KEPT_ACCOUNT = timedelta(days=730), timedelta(days=90)
# Since 2025-04-21.
DEAD_MEDIA = ("impressions", "plays", "clips_replays_count", "video_views",
              "ig_reels_aggregated_all_plays_count")  # fmt: skip
PARAMETERS = ("metric", "period", "since", "until", "metric_type", "breakdown", "timeframe")
COMMON = ("views", "reach", "total_interactions")
FEED = (*COMMON, "likes", "comments", "shares", "saved", "follows", "profile_visits",
        "profile_activity")  # fmt: skip
REELS = (*COMMON, "likes", "comments", "shares", "saved", "reposts", "ig_reels_avg_watch_time",
         "ig_reels_video_view_total_time", "reels_skip_rate", "facebook_views",
         "crossposted_views")  # fmt: skip
STORY = (*COMMON, "shares", "replies", "follows", "profile_visits", "profile_activity",
         "navigation")  # fmt: skip
ALLOWED = {"post": FEED, "reel": REELS, "story": STORY}
MEDIA_METRICS = tuple(dict.fromkeys((*FEED, *REELS, *STORY)))
BREAKDOWNS = {
    "navigation": ("story_navigation_action_type",
                   {"tap_forward": 0.8, "tap_back": 0.06, "tap_exit": 0.1, "swipe_forward": 0.04}),
    "profile_activity": ("action_type", {"bio_link_clicked": 0.7, "call": 0.1, "email": 0.2}),
}  # fmt: skip
WATCH_MS = 5_200


def _catalogue(*metrics: Metric) -> dict[str, Metric]:
    return {metric.name: metric for metric in metrics}


# Series by day, and totals of a window which must be asked for as such.
SERIES = _catalogue(
    Metric("reach", "reach", is_unique=True), Metric("follower_count", "follows", periods=("day",))
)
TOTALS = _catalogue(
    Metric("reach", "reach", is_unique=True), Metric("views", "impressions"),
    Metric("profile_views", "profile_views"), Metric("likes", "likes"),
    Metric("comments", "comments"), Metric("shares", "shares"), Metric("saves", "saves"),
    Metric("replies", "replies"), Metric("total_interactions", "interactions"),
    Metric("accounts_engaged", "engaged", is_unique=True), Metric("profile_links_taps", "taps"),
    Metric("website_clicks", "taps"), Metric("follows_and_unfollows", "follows"),
)  # fmt: skip
DEMOGRAPHIC = ("follower_demographics", "engaged_audience_demographics")


class InstagramInsights:
    """Answers insights. `retired`: metrics that died in a test's hands, by instant."""

    def __init__(self) -> None:
        self.retired: dict[str, datetime] = {}

    def media(self, moment: Moment, seen: Seen, options: Options) -> Json:
        """Lifetime figures of a post, reel or story; an empty list where there are none yet."""
        _check_scope(moment)
        wanted = self._checked(moment, options, MEDIA_METRICS)
        kind = seen.fields["kind"]
        if not seen.fields["owner"]["id"] == ACCOUNT_ID or seen.fields["album"]:
            raise errors.parameter("The Media Insights API does not support this media")
        for name in wanted:
            if name not in ALLOWED[kind]:
                raise errors.parameter(
                    f"The Media Insights API does not support the {name} metric for this media "
                    "product type."
                )
        figures = moment.view.figures.get(seen.record_id)
        age = moment.now - seen.created_at
        if figures is None or age > (STORY_LIFE if kind == "story" else KEPT_MEDIA):
            return {"data": []}
        if kind == "story" and figures["reach"] < LEAST_VIEWERS:
            message = "(#10) Not enough viewers for the media to show insights"
            raise Refused(errors.graph_error(10, message))
        values = _media_values(seen.record_id, figures)
        breakdown = options.get("breakdown", "")
        return {"data": [_media_row(seen.record_id, n, values[n], breakdown) for n in wanted]}

    def account(self, moment: Moment, seen: Seen, options: Options) -> Json:
        """Figures of the account: a series by day, or totals with `metric_type=total_value`."""
        _check_scope(moment)
        wanted = self._checked(moment, options, (*SERIES, *TOTALS, *DEMOGRAPHIC))
        is_total = options.get("metric_type") == "total_value"
        needy = [name for name in wanted if name not in SERIES]
        if needy and not is_total:
            raise errors.parameter(
                f"The following metrics ({','.join(needy)}) should be specified with parameter "
                "metric_type=total_value"
            )
        if demographic := [name for name in wanted if name in DEMOGRAPHIC]:
            if seen.fields["followers"] < LEAST_FOLLOWERS:
                return {"data": []}
            return {"data": [_demographics(seen, name, options) for name in demographic]}
        if options.get("period", "day") != "day":
            raise errors.parameter(f"Incompatible metric ({wanted[0]}) with period")
        first, last = window(options, moment.now, MOST_DAYS)
        oldest = (moment.now - KEPT_ACCOUNT).date()
        days = {
            day: moment.view.days[day.isoformat()]
            for day in days_between(first, last)
            if day.isoformat() in moment.view.days and day >= oldest
        }
        rows = []
        for name in wanted:
            if name == "follower_count" and seen.fields["followers"] < LEAST_FOLLOWERS:
                continue
            if days and is_total and name in TOTALS:
                total = {"value": _total(TOTALS[name], list(days.values()))}
                rows.append(row(ACCOUNT_ID, name, "day", total=total))
            elif days and not is_total:
                values = [
                    {"value": figures[SERIES[name].figure], "end_time": graph_time(day_end(day))}
                    for day, figures in days.items()
                ]
                rows.append(row(ACCOUNT_ID, name, "day", values))
        return {"data": rows, "paging": neighbours(moment, ACCOUNT_ID, options, first, last)}

    def _checked(self, moment: Moment, options: Options, known: tuple[str, ...]) -> list[str]:
        """The metrics, all of which must live; one that does not refuses the whole request."""
        wanted = names(options.get("metric", ""))
        for place, name in enumerate(wanted):
            if name in DEAD_MEDIA:
                raise errors.parameter(
                    f"Starting from version v22.0 and above, the {name} metric is no longer "
                    "supported."
                )
            is_retired = name in self.retired and self.retired[name] <= moment.arrived_at
            if name not in known or is_retired:
                alive = ", ".join(n for n in known if n not in self.retired)
                raise errors.parameter(
                    f"metric[{place}] must be one of the following values: {alive}"
                )
        return wanted


def _check_scope(moment: Moment) -> None:
    if not {MANAGE, BUSINESS_MANAGE} & moment.caller.scopes:
        raise errors.permission(10, MANAGE)


def _media_values(media_id: str, figures: Any) -> dict[str, int | float]:
    """All metrics of a medium from its figures; parts of them are shares."""
    views, taps = figures["impressions"], share(figures["impressions"], 0.9, media_id, "taps")
    # What people write below a story is a reply to it, not a comment on it.
    acts = {
        "likes": figures["likes"], "comments": figures["comments"], "saved": figures["saves"],
        "shares": figures["shares"],
    }  # fmt: skip
    return acts | {
        "views": views, "reach": figures["reach"], "total_interactions": sum(acts.values()),
        "replies": figures["comments"], "follows": share(views, 0.002, media_id, "follows"),
        "profile_visits": share(views, 0.01, media_id, "visits"), "navigation": taps,
        "profile_activity": share(views, 0.003, media_id, "activity"), "reposts": 0,
        "ig_reels_avg_watch_time": WATCH_MS, "ig_reels_video_view_total_time": WATCH_MS * views,
        "reels_skip_rate": 31.5, "facebook_views": share(views, 0.1, media_id, "facebook"),
        "crossposted_views": views + share(views, 0.1, media_id, "facebook"),
    }  # fmt: skip


def _media_row(media_id: str, name: str, value: float, breakdown: str) -> Json:
    if not breakdown or name not in BREAKDOWNS:
        return row(media_id, name, "lifetime", [{"value": value}])
    dimension, parts = BREAKDOWNS[name]
    if breakdown != dimension:
        raise errors.parameter(f"Incompatible breakdown ({breakdown}) for metric ({name})")
    results = [
        {"dimension_values": [part], "value": int(value * size)} for part, size in parts.items()
    ]
    total = {
        "value": value,
        "breakdowns": [{"dimension_keys": [dimension], "results": results}],
    }
    return row(media_id, name, "lifetime", total=total)


def _total(metric: Metric, days: list[Any]) -> int:
    """The sum over the window; people who came on several days are counted once."""
    acts = ("likes", "comments", "shares", "saves")
    if metric.figure in ("interactions", "engaged"):
        numbers = [sum(day[name] for name in acts) + day["replies"] for day in days]
    else:
        numbers = [day[metric.figure] for day in days]
    factor = 1.0 if not metric.is_unique or len(days) == 1 else 0.7
    return int(sum(numbers) * factor)


def _demographics(seen: Seen, name: str, options: Options) -> Json:
    """Followers by country, the largest 45; other breakdowns are not known here."""
    if options.get("breakdown") != "country" or options.get("period") != "lifetime":
        raise errors.parameter(f"Incompatible breakdown or period for metric ({name})")
    total = seen.fields["followers"]
    parts = {"IT": 0.5, "GB": 0.15, "US": 0.15, "RU": 0.1, "IE": 0.05, "CH": 0.05}
    results = [
        {"dimension_values": [country], "value": int(total * part)}
        for country, part in list(parts.items())[:MOST_COUNTRIES]
    ]
    breakdowns = [{"dimension_keys": ["country"], "results": results}]
    return row(ACCOUNT_ID, name, "lifetime", total={"breakdowns": breakdowns})
