"""Figures of a Facebook page: of its days, its posts and its videos."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pipelines.sources.meta_figures import (
    Question,
    chunks,
    figures,
    finish_figures,
    is_due,
    last_days,
    of_days,
    question,
)
from pipelines.sources.meta_reads import (
    ALL_EVERY,
    REREAD,
    Thing,
    accounts_of,
    edge,
    listing,
    page,
    remember,
    span,
    things_of,
    whole,
)
from pipelines.sources.reading import Page, Reading
from pipelines.sources.values import instant, objects

VIDEO_FIELDS = ("id", "post_id", "created_time", "length")
# Those that live. Successors of the names that died: page_impressions and page_posts_impressions →
# page_media_view, their unique family → page_total_media_view_unique, page_fans → page_follows,
# page_fan_adds → page_daily_follows; post_impressions alike.
PAGE_METRICS = (
    "page_media_view", "page_total_media_view_unique", "page_follows", "page_daily_follows",
    "page_daily_follows_unique", "page_daily_unfollows_unique", "page_post_engagements",
    "page_views_total", "page_video_views", "page_total_actions",
)  # fmt: skip
POST_METRICS = (
    "post_media_view", "post_total_media_view_unique", "post_clicks", "post_reactions_like_total",
    "post_reactions_by_type_total",
)  # fmt: skip
VIDEO_METRICS = (
    "total_video_views", "total_video_views_unique", "total_video_view_total_time",
    "total_video_avg_time_watched",
)  # fmt: skip
PAGE_REREAD, PAGE_KEPT, MOST_DAYS = timedelta(days=28), timedelta(days=730), 90
PAGE_LABEL, POST_LABEL, VIDEO_LABEL = "page_insights", "post_insights", "video_insights"


def read_videos(reading: Reading) -> Iterator[Page]:
    """The page's videos, which have figures of their own."""
    for access in accounts_of(reading):
        window = reading.window("videos", access.account_id, REREAD, ALL_EVERY)
        found = listing(
            reading, edge("videos", "videos", access, VIDEO_FIELDS, params=span(window))
        )
        for answer in found:
            remember(
                reading,
                (
                    Thing(access, str(row.get("id", "")), "video", instant(row.get("created_time")))
                    for row in objects(answer.rows)
                ),
            )
            yield page(answer, access, answer.rows)
        if found.is_complete:
            reading.done("videos", access.account_id, window)
            whole(reading, "videos", window, access)


def read_figures(reading: Reading) -> Iterator[Page]:
    """Days of the page, and lifetime figures of its posts and videos."""
    for access in accounts_of(reading):
        first, until = last_days(reading, access.account_id, PAGE_REREAD, PAGE_KEPT)
        days = [
            of_days(PAGE_LABEL, access, PAGE_METRICS, some)
            for some in chunks(first, until, MOST_DAYS)
        ]
        due = [t for t in things_of(reading, "published", "video") if is_due(reading, t)]
        here = [thing for thing in due if thing.access == access]
        posts = [_of_post(thing) for thing in here if thing.kind == "published"]
        videos = [_of_video(thing) for thing in here if thing.kind == "video"]
        for asked in (days, posts, videos):
            yield from figures(reading, access, asked)
        finish_figures(reading, access, PAGE_REREAD, (PAGE_LABEL, POST_LABEL, VIDEO_LABEL))


def _of_post(thing: Thing) -> Question:
    return question(POST_LABEL, "posts", thing, POST_METRICS)


def _of_video(thing: Thing) -> Question:
    return question(VIDEO_LABEL, "videos", thing, VIDEO_METRICS, "video_insights")
