"""The sums that LinkedIn gives of a page: shares, followers and visits, by day, month or in all.

Everything reaches back 365 days. The day that is not over is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pipelines.world.fakenet.facade import EPOCH
from pipelines.world.fakenet.linkedin_gate import Call, bad_parameter
from pipelines.world.fakenet.linkedin_store import (
    FOLLOW,
    ORGANIZATION,
    REACH,
    VISITS,
    midnight,
    milliseconds,
)
from pipelines.world.fakenet.linkedin_view import WINDOW, Json, View
from pipelines.world.fakenet.store import Fate, Seen, Store
from pipelines.world.linkedin import EARLIER_FOLLOWERS

Span = tuple[date, date]  # first day, day after the last
GEO = {"IT": "103350119", "CH": "106693272", "GB": "101165590", "IE": "104738515",
       "US": "103644278", "RU": "101728296", "KZ": "106049128"}  # fmt: skip
# Facet, where its value comes from, how it is named in the reply.
FACETS = (
    ("followerCountsByGeoCountry", "country", "geo"),
    ("followerCountsByIndustry", "industry", "industry"),
    ("followerCountsByStaffCountRange", "staff", "staffCountRange"),
    ("followerCountsBySeniority", "seniority", "seniority"),
    ("followerCountsByFunction", "function", "function"),
)
STAFF = {"1-9": "SIZE_2_TO_10", "10-49": "SIZE_11_TO_50", "50-249": "SIZE_51_TO_200"}
EARLIER = {"country": "IT", "industry": "hospitality", "staff": "10-49", "seniority": "senior",
           "function": "operations"}  # fmt: skip
DAY = timedelta(days=1)


def spans(call: Call) -> list[Span | None]:
    """The days or months asked for that are over and not too old; one None: everything at once."""
    asked = call.complex("timeIntervals")
    if asked is None:
        return [None]
    try:
        period, bounds = asked["timeGranularityType"], asked["timeRange"]
        start, end = (_day(bounds[name]) for name in ("start", "end"))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise bad_parameter("timeIntervals") from None
    if period not in ("DAY", "MONTH") or end < start:
        raise bad_parameter("timeIntervals")
    today = call.now.astimezone(UTC).date()
    first, last = max(start, (call.now - WINDOW).astimezone(UTC).date()), min(end, today)
    days = [first + n * DAY for n in range(max(0, (last - first).days))]
    if period == "DAY":
        return [(day, day + DAY) for day in days]
    months = {(day.year, day.month): day for day in reversed(days)}
    begins = sorted(months.values())
    return list(zip(begins, [*begins[1:], last], strict=True)) if days else []


def _day(text: str) -> date:
    return (EPOCH + timedelta(milliseconds=int(text))).date()


def _range(span: Span | None) -> Json:
    if span is None:
        return {}
    start, end = (milliseconds(midnight(day)) for day in span)
    return {"timeRange": {"start": start, "end": end}}


def _whole(now: datetime) -> Span:
    """All days that statistics reach."""
    return (now - WINDOW).astimezone(UTC).date(), now.astimezone(UTC).date()


def _is_in(instant: datetime, span: Span) -> bool:
    return span[0] <= instant.astimezone(UTC).date() < span[1]


class Statistics:
    """Reads sums from a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def shares(self, view: View, now: datetime, span: Span | None, urn: str = "") -> Json:
        """What was seen and done; `urn`: of one post only."""
        within = span or _whole(now)
        wanted = {urn} if urn else set(view.posts)
        counts = self._counts(REACH, now, within, wanted)
        likes = self._done(view.reactions_of, wanted, within)
        comments = self._done(view.comments_of, wanted, within)
        impressions, clicks, shared = counts["impressions"], counts["clicks"], counts["shares"]
        acts = clicks + likes + comments + shared
        unique = counts["unique"] if span else counts["unique"] * 7 // 10  # who comes again
        total = {
            "uniqueImpressionsCount": unique, "shareCount": shared, "shareMentionsCount": 0,
            "engagement": acts / impressions if impressions else 0.0, "clickCount": clicks,
            "likeCount": likes, "impressionCount": impressions, "commentMentionsCount": 0,
            "commentCount": comments,
        }  # fmt: skip
        which = {urn.split(":")[2]: urn} if urn else {}
        return {"organizationalEntity": ORGANIZATION, **which, **_range(span),
                "totalShareStatistics": total}  # fmt: skip

    def _counts(self, kind: str, now: datetime, span: Span, urns: Collection[str]) -> Counter[str]:
        total: Counter[str] = Counter()
        for seen in self.store.live(kind, now):
            if seen.fields["urn"] in urns and span[0] <= seen.fields["day"] < span[1]:
                total.update({k: v for k, v in seen.fields.items() if k not in ("day", "urn")})
        return total

    def _done(self, rows: dict[str, list[Seen]], urns: Collection[str], span: Span) -> int:
        return sum(_is_in(s.created_at, span) for urn in urns for s in rows.get(urn, ()))

    def follower_count(self, now: datetime) -> int:
        """All followers, those from before the history included."""
        return EARLIER_FOLLOWERS + len(self.store.live(FOLLOW, now))

    def gains(self, now: datetime, span: Span) -> Json:
        """Who began to follow, whether or not they still do."""
        everybody = [*self.store.live(FOLLOW, now), *self.store.ended(FOLLOW, Fate.DELETED, now)]
        gained = sum(_is_in(seen.created_at, span) for seen in everybody)
        gains = {"organicFollowerGain": gained, "paidFollowerGain": 0}
        return {"organizationalEntity": ORGANIZATION, **_range(span), "followerGains": gains}

    def facets(self, now: datetime) -> Json:
        """All followers by what they are and where."""
        follows = [seen.fields for seen in self.store.live(FOLLOW, now)]
        body: Json = {"organizationalEntity": ORGANIZATION, "followerCountsByAssociationType": [],
                      "followerCountsByGeo": []}  # fmt: skip
        for facet, name, shown in FACETS:
            counts = Counter(str(fields[name]) for fields in follows)
            counts[EARLIER[name]] += EARLIER_FOLLOWERS
            body[facet] = _facet(counts.most_common(), shown)
        return body

    def visits(self, now: datetime, span: Span | None) -> Json:
        """How often the page itself was looked at."""
        counts = self._counts(VISITS, now, span or _whole(now), {ORGANIZATION})
        desktop, mobile = counts["desktop"], counts["mobile"]
        views = {"allPageViews": desktop + mobile, "allDesktopPageViews": desktop,
                 "allMobilePageViews": mobile, "overviewPageViews": desktop + mobile}  # fmt: skip
        body: Json = {name: {"pageViews": number} for name, number in views.items()}
        if span:  # nobody is counted once over all times
            body["allPageViews"]["uniquePageViews"] = counts["unique"]
        buttons: Json = {"desktopCustomButtonClickCounts": [], "mobileCustomButtonClickCounts": []}
        clicks = {
            **buttons,
            "careersPageClicks": {},
            "allCustomButtonClicks": counts["button_clicks"],
        }
        total = {"views": body, "clicks": clicks}
        return {"organization": ORGANIZATION, **_range(span), "totalPageStatistics": total}


def _facet(counts: Iterable[tuple[str, int]], shown: str) -> list[Json]:
    """The numbers of a facet; no more than the hundred largest."""
    names = {"geo": lambda v: f"urn:li:geo:{GEO[v]}", "staffCountRange": lambda v: STAFF[v]}
    name_of: Any = names.get(shown, lambda v: f"urn:li:{shown}:{v}")
    return [
        {shown: name_of(value),
         "followerCounts": {"organicFollowerCount": count, "paidFollowerCount": 0}}
        for value, count in list(counts)[:100]
    ]  # fmt: skip
