"""How Sprout Social's figures per day are read: of each profile, and of each topic.

The last month again each night: a figure grows for days, and each night's value is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pipelines.http import Answer, Ok, Request, at
from pipelines.sources.reading import Page, Reading
from pipelines.sources.spec import METRICS
from pipelines.sources.sprout_metrics import DAY_METRICS
from pipelines.sources.sprout_requests import (
    API,
    DAYS_SIZE,
    REREAD,
    PageNumbers,
    accounts_of,
    bounds,
    customer_of,
    figure,
    question,
    read_all,
    span,
    without_refused,
)
from pipelines.sources.values import Json, objects

DAYS_SPAN = timedelta(days=365)  # a longer one is refused
DAY = timedelta(days=1)


def read_days(reading: Reading) -> Iterator[Page]:
    """Figures per day: of each profile, and of each topic that is listened to."""
    for account in accounts_of(reading):
        yield from _days_of(reading, account)
    for topic in objects(reading.memory.get("topics", [])):
        yield from _topic_days(reading, str(topic.get("id")))


def _first_day(since: datetime) -> datetime:
    return datetime.combine(since.astimezone(UTC).date(), time(), UTC)


def _days_of(reading: Reading, account: Json) -> Iterator[Page]:
    one, native = str(account.get("customer_profile_id")), str(account.get("native_id"))
    window = reading.window(METRICS, one, REREAD)
    since, until = map(_first_day, bounds(reading, window))
    label = f"days.{account['network']}"
    names = [name for name in DAY_METRICS if name not in reading.refused_names(label)]
    is_whole = bool(names)
    while since < until and is_whole:
        end = min(since + DAYS_SPAN, until)
        # Without a time: whole days, the last one not included.
        period = (
            f"reporting_period.in({since:%Y-%m-%d}...{end + DAY - timedelta(seconds=1):%Y-%m-%d})"
        )
        asked = question(
            reading, label, "analytics/profiles", [f"customer_profile_id.eq({one})", period],
            DAYS_SIZE, names,
        )  # fmt: skip
        usable, first = without_refused(reading, asked)
        if usable is None:
            break
        names = list(usable.names)
        landed = _days_landed(reading, "accounts", one, names, native)
        is_whole = yield from read_all(reading, usable, PageNumbers(), _never, landed, first)
        since = end
    if is_whole:
        reading.done(METRICS, one, window)


def _never(request: Request, last: Any) -> Request:
    """Of a year of days nothing is ever cut off."""
    del last
    return request


def _days_landed(
    reading: Reading, kind: str, object_id: str, names: Sequence[str], account: str = "",
    by_day: str = "reporting_period.by(day)",
) -> Callable[[Answer], list[Page]]:  # fmt: skip
    def landed(answer: Answer) -> list[Page]:
        rows = [
            figure(reading, kind, object_id, name, at(row, ("metrics", name)), _end_of(day))
            for row in answer.rows
            if (day := at(row, ("dimensions", by_day)))
            for name in names
        ]
        return [Page(rows, account, resource=METRICS)]

    return landed


def _end_of(day: Any) -> str:
    """The end of a day as Sprout writes it, UTC."""
    try:
        begin = datetime.combine(date.fromisoformat(str(day)[:10]), time(), UTC)
    except ValueError:
        return str(day)  # to be refused
    return (begin + DAY).isoformat()


def _topic_days(reading: Reading, topic: str) -> Iterator[Page]:
    window = reading.window("topics", topic, REREAD)
    since, until = bounds(reading, window)
    names = ["messages_count"]
    values = {"customer": customer_of(reading), "topic": topic}
    body = {
        "filters": [span("created_time", _first_day(since), until)], "metrics": names,
        "dimensions": ["created_time.by(day)"], "timezone": "UTC",
    }  # fmt: skip
    path = f"/{API}/{{customer}}/listening/topics/{{topic}}/metrics"
    answer = reading.fetch(Request("topics", path, values, method="POST", json=body))
    if not isinstance(answer.outcome, Ok):
        reading.unavailable.append("topics: their figures are not readable")
        return
    yield from _days_landed(reading, "topics", topic, names, by_day="created_time.by(day)")(answer)
    reading.done("topics", topic, window)
