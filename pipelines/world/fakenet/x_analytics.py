"""Figures of the brand's own posts in buckets of time."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipelines.world.fakenet.facade import Request, unknown_parameters, utc_text
from pipelines.world.fakenet.store import Seen
from pipelines.world.fakenet.x_ask import check, ids, moment
from pipelines.world.fakenet.x_errors import hidden, invalid, missing
from pipelines.world.fakenet.x_names import BRAND_ID, POST
from pipelines.world.fakenet.x_view import Json, XView

KNOWN = ("ids", "start_time", "end_time", "granularity", "analytics.fields")
# What each metric is made of; engagements are the sum of the acts.
SOURCES = {"impressions": "impressions", "likes": "likes", "retweets": "shares",
           "bookmarks": "saves", "engagements": ""}  # fmt: skip
STEPS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(days=7)}


def analytics(view: XView, request: Request) -> Json:
    """Per post and bucket what was gained in it; corrections can make that negative."""
    if unknown := unknown_parameters(request, KNOWN):
        message = f"The query parameter [{unknown[0]}] is not one of [{','.join(KNOWN)}]"
        raise invalid(message, {unknown[0]: [request.one(unknown[0])]})
    wanted = ids(request, "ids")
    start, end = moment(request, "start_time"), moment(request, "end_time")
    granularity = request.one("granularity", "total")
    check("granularity", [granularity], {*STEPS, "total"})
    fields = request.many("analytics.fields") or ["impressions"]
    check("analytics.fields", fields, {*SOURCES, "id", "timestamp", "timestamped_metrics"})
    if start is None or end is None or start >= end:
        name = "end_time" if start else "start_time"
        raise invalid(f"The `{name}` query parameter can not be empty", {name: []})
    data, problems = [], []
    for post_id in wanted:
        post = view.posts.get(post_id)
        if post is None:
            problems.append(missing(POST, POST.kind, "ids", post_id))
        elif post.fields["author"] != BRAND_ID:
            problems.append(hidden(POST, POST.kind, "ids", post_id))
        else:
            figures = view.figures.get(post.fields["first"])
            buckets = _buckets(figures, start, end, STEPS.get(granularity, end - start), fields)
            data.append({"id": post_id, "timestamped_metrics": buckets})
    body: Json = {"data": data} if data else {}
    return body | ({"errors": problems} if problems else {})


def _buckets(
    figures: Seen | None, start: datetime, end: datetime, step: timedelta, fields: list[str]
) -> list[Json]:
    found = []
    at = start
    while at < end:
        before, after = _at(figures, at), _at(figures, min(at + step, end))
        gained = {name: after[name] - before[name] for name in SOURCES if name in fields}
        found.append({"timestamp": utc_text(at), "metrics": gained})
        at += step
    return found


def _at(figures: Seen | None, instant: datetime) -> dict[str, int]:
    """The figures that stood at an instant."""
    seen = [v.fields for v in figures.history if v.since <= instant] if figures else []
    newest = seen[-1] if seen else {}
    found = {name: newest.get(source, 0) for name, source in SOURCES.items()}
    return found | {"engagements": sum(found[name] for name in ("likes", "retweets"))}
