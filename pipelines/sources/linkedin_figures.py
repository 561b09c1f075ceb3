"""Figures of LinkedIn: of posts over their life, of a page by day, of its followers by what they
are. All are organic, reach back 12 months, and are right two days after the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from pipelines.http import Answer, Ok, at
from pipelines.sources.linkedin_reads import REREAD, SHOWN, finish, organizations_of, posts_of
from pipelines.sources.linkedin_requests import batches, days, finder, instant, urn_list
from pipelines.sources.reading import Page, Reading, Window

Json = dict[str, Any]
SHARES = "/rest/organizationalEntityShareStatistics"
FOLLOWERS = "/rest/organizationalEntityFollowerStatistics"
VISITS = "/rest/organizationPageStatistics"
# Metric → where it stands in an element.
SHARE_METRICS = {
    name: ("totalShareStatistics", name)
    for name in (
        "impressionCount", "uniqueImpressionsCount", "clickCount", "likeCount", "commentCount",
        "shareCount", "engagement", "shareMentionsCount", "commentMentionsCount",
    )
}  # fmt: skip
GAIN_METRICS = {
    name: ("followerGains", name) for name in ("organicFollowerGain", "paidFollowerGain")
}
VISIT_METRICS = {
    "allPageViews": ("totalPageStatistics", "views", "allPageViews", "pageViews"),
    "uniquePageViews": ("totalPageStatistics", "views", "allPageViews", "uniquePageViews"),
    "allDesktopPageViews": ("totalPageStatistics", "views", "allDesktopPageViews", "pageViews"),
    "allMobilePageViews": ("totalPageStatistics", "views", "allMobilePageViews", "pageViews"),
}
FACET = "followerCountsBy"
FACET_COUNTS = ("organicFollowerCount", "paidFollowerCount")


def read_figures(reading: Reading) -> Iterator[Page]:
    """Of each organisation: its days, its followers, its posts of this run."""
    for organization in organizations_of(reading):
        window = reading.window("figures", organization, REREAD)
        is_complete = True
        for path, finds, metrics in (
            (SHARES, "organizationalEntity", SHARE_METRICS),
            (FOLLOWERS, "organizationalEntity", GAIN_METRICS),
            (VISITS, "organization", VISIT_METRICS),
        ):
            span = days(*_bounds(reading, window))
            answer = _ask(reading, path, finds, organization, span)
            is_complete = is_complete and isinstance(answer.outcome, Ok)
            yield Page(list(_by_day(reading, answer, organization, metrics)), organization)
        if reading.backfill is None:
            answer = _ask(reading, FOLLOWERS, "organizationalEntity", organization)
            yield Page(list(_facets(reading, answer, organization)), organization)
        if is_complete:
            reading.done("figures", organization, window)
        yield from _of_posts(reading, organization)
    finish(reading)


def _bounds(reading: Reading, window: Window) -> tuple[datetime, datetime]:
    """Whole days (UTC) of the window, within the last 12 months; today is not over."""
    oldest = reading.now - SHOWN + timedelta(days=1)
    since = max(window.since or oldest, oldest)
    until = min(window.until or reading.now, reading.now)
    start, end = (at.replace(hour=0, minute=0, second=0, microsecond=0) for at in (since, until))
    return min(start, end), end


def _ask(
    reading: Reading, path: str, finds: str, organization: str, raw: str = ""
) -> Answer:  # fmt: skip
    answer = reading.fetch(finder("metrics", path, raw, **{"q": finds, finds: organization}))
    if not isinstance(answer.outcome, Ok):
        reading.unavailable.append("metrics: statistics of an organisation may not be read")
    return answer


def _row(reading: Reading, kind: str, object_id: str, metric: str, value: Any, **more: Any) -> Json:
    reason = "not_reported" if value is None else None
    usual = {"breakdown": None, "period": "lifetime", "period_end_at": None}
    return {
        "object_kind": kind, "object_id": object_id, "metric": metric, "value": value,
        "reason": reason, "slot": reading.slot, **usual, **more,
    }  # fmt: skip


def _by_day(
    reading: Reading, answer: Answer, organization: str, metrics: Mapping[str, tuple[str, ...]]
) -> Iterator[Json]:
    for element in answer.rows:
        ended_at = instant(at(element, ("timeRange", "end")))
        if ended_at is None:
            continue  # a sum over everything is no day
        for metric, path in metrics.items():
            yield _row(
                reading, "accounts", organization, metric, at(element, path), period="day",
                period_end_at=ended_at.isoformat(),
            )  # fmt: skip


def _facets(reading: Reading, answer: Answer, organization: str) -> Iterator[Json]:
    """Followers by country, trade, rank ...; small pages have none."""
    for element in answer.rows:
        for facet, groups in element.items() if isinstance(element, dict) else ():
            if not facet.startswith(FACET) or not isinstance(groups, list):
                continue
            for group in groups:
                names = [str(v) for k, v in group.items() if k != "followerCounts"]
                for count in FACET_COUNTS:
                    yield _row(
                        reading, "accounts", organization, count,
                        at(group, ("followerCounts", count)),
                        breakdown=f"{facet.removeprefix(FACET)}={'|'.join(names)}",
                    )  # fmt: skip


def _of_posts(reading: Reading, organization: str) -> Iterator[Page]:
    """Life figures of the posts of this run; one that is not in the answer has no figures."""
    urns = [post.urn for post in posts_of(reading) if post.organization == organization]
    for name, kind in (("shares", "share"), ("ugcPosts", "ugcPost")):
        for some in batches(urn for urn in urns if f":{kind}:" in urn):
            raw = f"{name}={urn_list(some)}"
            answer = _ask(reading, SHARES, "organizationalEntity", organization, raw)
            if not isinstance(answer.outcome, Ok):
                return
            found = {str(at(element, (kind,))): element for element in answer.rows}
            rows = [
                _row(reading, "posts", urn, metric, at(found.get(urn), path))
                for urn in some
                for metric, path in SHARE_METRICS.items()
            ]
            yield Page(rows, organization)
