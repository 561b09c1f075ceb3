"""Figures of an Instagram account: of its days, its media and its stories."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipelines.sources.meta_figures import (
    Question,
    ask_all,
    chunks,
    day_of,
    figures,
    figures_page,
    finish_figures,
    is_due,
    last_days,
    of_days,
    question,
)
from pipelines.sources.meta_reads import Access, Thing, accounts_of, things_of
from pipelines.sources.reading import Page, Reading

COMMON = ("views", "reach", "total_interactions")
SPREAD = ("likes", "comments", "shares", "saved")
STORY = "STORY"
# Those that live, by media_product_type. Dead since 2025-04-21: impressions, plays, video_views,
# clips_replays_count, ig_reels_aggregated_all_plays_count; views stands for all of them.
MEDIA_METRICS = {
    "FEED": (*COMMON, *SPREAD, "follows", "profile_visits", "profile_activity"),
    "REELS": (
        *COMMON, *SPREAD, "reposts", "ig_reels_avg_watch_time", "ig_reels_video_view_total_time",
        "reels_skip_rate", "facebook_views", "crossposted_views",
    ),
    STORY: (*COMMON, "shares", "replies", "follows", "profile_visits", "profile_activity"),
}  # fmt: skip
NAVIGATION = "story_navigation_action_type"  # how people went on: the parts of `navigation`
SERIES, FOLLOWERS = ("reach",), ("follower_count",)
TOTALS = (
    "views", "profile_views", "likes", "comments", "shares", "saves", "replies",
    "total_interactions", "accounts_engaged", "profile_links_taps",
)  # fmt: skip
ACCOUNT_REREAD, ACCOUNT_KEPT = timedelta(days=28), timedelta(days=90)
MOST_DAYS = 30  # of one request, and how far back followers are counted
SLOT_HOURS = 6  # stories live for a day: a figure per night would see one of them
SERIES_LABEL, TOTALS_LABEL = "days_insights", "totals_insights"
FOLLOWERS_LABEL, NAVIGATION_LABEL = "followers_insights", "navigation_insights"
LABELS = {kind: f"{kind.lower()}_insights" for kind in MEDIA_METRICS}


def read_figures(reading: Reading) -> Iterator[Page]:
    """Days of the account, lifetime figures of its media, and figures of stories by slot."""
    for access in accounts_of(reading):
        for asked in _of_account(reading, access):
            yield from figures(reading, access, asked)
        due = [t for t in things_of(reading, "FEED", "REELS") if is_due(reading, t)]
        for kind in ("FEED", "REELS"):
            here = [t for t in due if t.access == access and t.kind == kind]
            yield from figures(reading, access, [_of_medium(thing) for thing in here])
        yield from _of_stories(reading, access)
        labels = (SERIES_LABEL, FOLLOWERS_LABEL, TOTALS_LABEL, *LABELS.values())
        finish_figures(reading, access, ACCOUNT_REREAD, labels)


def _of_account(reading: Reading, access: Access) -> Iterator[list[Question]]:
    first, until = last_days(reading, access.account_id, ACCOUNT_REREAD, ACCOUNT_KEPT)
    yield [of_days(SERIES_LABEL, access, SERIES, some) for some in chunks(first, until, MOST_DAYS)]
    start = max(first, day_of(reading.now) - timedelta(days=MOST_DAYS - 1))
    if start < until:
        yield [of_days(FOLLOWERS_LABEL, access, FOLLOWERS, (start, until))]
    # A total is of the whole of what is asked for: each day for itself.
    yield [
        of_days(TOTALS_LABEL, access, TOTALS, some, {"metric_type": "total_value"})
        for some in chunks(first, until, 1)
    ]


def _of_medium(thing: Thing) -> Question:
    kind = "stories" if thing.kind == STORY else "media"
    return question(LABELS[thing.kind], kind, thing, MEDIA_METRICS[thing.kind])


def _of_stories(reading: Reading, access: Access) -> Iterator[Page]:
    stories = [thing for thing in things_of(reading, STORY) if thing.access == access]
    slot = slot_of(reading.now)
    whole = [_of_medium(thing) for thing in stories]
    parts = [
        question(NAVIGATION_LABEL, "stories", t, ("navigation",), params={"breakdown": NAVIGATION})
        for t in stories
    ]
    for asked in (whole, parts):
        for told in ask_all(reading, asked):
            yield figures_page(told, access, slot, reading.now)


def slot_of(now: datetime) -> str:
    """The quarter of a UTC day: `2026-11-20T06`."""
    return f"{now:%Y-%m-%d}T{now.hour // SLOT_HOURS * SLOT_HOURS:02}"
