"""Insights of the Graph API as observations: which metrics live, and what is missing, and why.

One invalid metric refuses a whole request: the list is halved until it is alone. A metric that was
refused is not asked for again for some days; its observations say `metric_unavailable` meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.http import Answer, Gone, Ok, Request, SkipItem, Split, fetch_split
from pipelines.sources.meta import METRIC, PERMISSION
from pipelines.sources.meta_reads import Access, Thing, graph
from pipelines.sources.reading import Page, Reading
from pipelines.sources.spec import METRICS
from pipelines.sources.values import Json, instant, objects

PACIFIC = ZoneInfo("America/Los_Angeles")  # whose midnights end the days of Meta's figures
NIGHTLY, WEEKLY = timedelta(days=15), timedelta(days=91)  # ages up to which figures still move
KEPT = timedelta(days=730)  # how far back figures of objects are told
LATE = timedelta(hours=48)  # a figure that is missing may still come
REFUSED = "name_refused"
UNAVAILABLE, NOT_YET, NOT_REPORTED = "metric_unavailable", "not_yet_available", "not_reported"
DAY, LIFETIME = "day", "lifetime"


@dataclass(frozen=True)
class Question:
    """Figures of one object. `label`: which catalogue, and what the ledger calls it.

    `ends_at`: end of the newest period that is asked for, or the birth of the object: figures are
    late, not missing, until `LATE` after it.
    """

    label: str
    kind: str
    object_id: str
    request: Request
    ends_at: datetime | None
    period: str = LIFETIME


@dataclass
class Told:
    """What came of a question. `reason`: why nothing came. `dead`: metrics that were refused."""

    question: Question
    rows: list[Json]
    dead: frozenset[str]
    reason: str = ""
    is_gone: bool = False


def question(
    label: str, kind: str, thing: Thing, metrics: Sequence[str], edge: str = "insights",
    params: Mapping[str, str] | None = None,
) -> Question:  # fmt: skip
    """The question for lifetime figures of an object."""
    request = graph(
        label, f"{{id}}/{edge}", thing.access, object_id=thing.object_id, names=metrics,
        names_param=METRIC, params=params,
    )  # fmt: skip
    return Question(label, kind, thing.landed_id, request, thing.created_at)


def of_days(
    label: str, access: Access, metrics: tuple[str, ...], days: tuple[date, date],
    more: Mapping[str, str] | None = None,
) -> Question:  # fmt: skip
    """The question for an account's figures of some days, half-open."""
    first, until = days
    bounds = {"period": DAY, "since": epoch(first), "until": epoch(until)}
    request = graph(
        label, "{id}/insights", access, names=metrics, names_param=METRIC,
        params=bounds | dict(more or {}),
    )  # fmt: skip
    return Question(label, "accounts", access.account_id, request, day_start(until), DAY)


def ask_all(reading: Reading, questions: Iterable[Question]) -> Iterator[Told]:
    """The answers to questions of one catalogue, in their order.

    The first one is asked alone: it shows which metrics are dead for all, and whether there is a
    permission at all.
    """
    waiting = iter(questions)
    first = next(waiting, None)
    if first is None:
        return
    told = _told(reading, first, reading.fetch(_alive(reading, first)))
    yield told
    rest = list(waiting)
    if told.reason == PERMISSION:
        reading.unavailable.append(f"{first.label}: {PERMISSION}")
        yield from (Told(q, [], told.dead, PERMISSION) for q in rest)
        return
    requests = [_alive(reading, q) for q in rest]
    for one, answer in zip(rest, reading.many(requests), strict=True):
        yield _told(reading, one, answer)


def _dead(reading: Reading, label: str) -> set[str]:
    """Metrics of a catalogue that are not asked for: refused in this run or a few nights ago."""
    known: dict[str, set[str]] = reading.memory.setdefault("dead", {})
    if label not in known:
        known[label] = set(reading.refused_names(label))
    return known[label]


def _alive(reading: Reading, asked: Question) -> Request:
    """The request without dead metrics; with all of them where nothing else is left to ask."""
    dead = _dead(reading, asked.label)
    names = tuple(name for name in asked.request.names if name not in dead)
    return replace(asked.request, names=names or asked.request.names)


def _told(reading: Reading, asked: Question, answer: Answer) -> Told:
    parts = [answer]
    if isinstance(answer.outcome, Split):
        parts = list(fetch_split(reading.fetch, answer.request))
    dead = _dead(reading, asked.label)
    rows: list[Json] = []
    reason = ""
    for part in parts:
        match part.outcome:
            case Ok():
                rows += objects(part.rows)
            case SkipItem(skipped) if skipped == REFUSED:
                dead.update(part.request.names)
            case SkipItem(skipped):
                reason = skipped
            case Gone():
                return Told(asked, [], frozenset(dead), is_gone=True)
    return Told(asked, rows, frozenset(dead), reason)


def observations(told: Told, slot: str, now: datetime) -> list[Json]:
    """Rows of `metrics`: every value, and one without a value for each metric that did not come."""
    if told.is_gone:
        return []
    asked = told.question
    found: list[Json] = []
    for metric in told.rows:
        found += [
            {"metric": metric.get("name"), "period": metric.get("period") or asked.period, **value}
            for value in _values(metric, asked)
        ]
    came = {row["metric"] for row in found}
    for name in (n for n in asked.request.names if n not in came):
        missing = {"metric": name, "period": asked.period, "value": None}
        reason = UNAVAILABLE if name in told.dead else told.reason or _silence(asked.ends_at, now)
        ends_at = asked.ends_at if asked.period == DAY else None
        found.append(missing | {"reason": reason, "period_end_at": _text(ends_at)})
    common = {"object_kind": asked.kind, "object_id": asked.object_id, "slot": slot}
    return [common | row for row in found]


def _silence(ends_at: datetime | None, now: datetime) -> str:
    return NOT_YET if ends_at is not None and now - ends_at < LATE else NOT_REPORTED


def _values(metric: Json, asked: Question) -> Iterator[Json]:
    """The values of one metric: per day, of all time, or a total with its parts."""
    total = metric.get("total_value")
    if isinstance(total, dict):
        ends_at = _text(asked.ends_at) if asked.period == DAY else None
        if "value" in total:
            yield _value(total["value"]) | {"period_end_at": ends_at}
        for cut in objects(total.get("breakdowns") or []):
            for part in objects(cut.get("results") or []):
                name = "|".join(map(str, part.get("dimension_values") or []))
                yield _value(part.get("value")) | {"breakdown": name, "period_end_at": ends_at}
    for one in objects(metric.get("values") or []):
        ends_at = one.get("end_time")
        value = one.get("value")
        if isinstance(value, dict):  # counts by part; parts of no count are left out
            for name, number in value.items():
                yield _value(number) | {"breakdown": str(name), "period_end_at": ends_at}
        else:
            yield _value(value) | {"period_end_at": ends_at}


def _value(value: Any) -> Json:
    return {"value": value, "reason": NOT_REPORTED if value is None else None}


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def missing_days(told: Told, slot: str, now: datetime) -> list[Json]:
    """Observations without a value for the days behind a series' first one that it does not have.

    Of days before nothing is known: the account may be younger.
    """
    rows: list[Json] = []
    last = day_of(told.question.ends_at or now) - timedelta(days=1)
    for metric in told.rows:
        ends = [instant(v.get("end_time")) for v in objects(metric.get("values") or [])]
        days = {day_of(end) - timedelta(days=1) for end in ends if end is not None}
        day = min(days, default=last)
        while (day := day + timedelta(days=1)) <= last:
            if day not in days:
                end = day_start(day + timedelta(days=1))
                rows.append(
                    {
                        "object_kind": told.question.kind, "object_id": told.question.object_id,
                        "metric": metric.get("name"), "period": DAY, "period_end_at": _text(end),
                        "value": None, "reason": _silence(end, now), "slot": slot,
                    }
                )  # fmt: skip
    return rows


def figures_page(told: Told, access: Access, slot: str, now: datetime) -> Page:
    """The observations of an answer, for landing."""
    rows = observations(told, slot, now)
    if told.question.period == DAY:
        rows += missing_days(told, slot, now)
    return Page(rows, access.account_id, resource=METRICS)


def figures(reading: Reading, access: Access, asked: Sequence[Question]) -> Iterator[Page]:
    """The observations of all answers to questions of one catalogue."""
    for told in ask_all(reading, asked):
        yield figures_page(told, access, reading.slot, reading.now)


def finish_figures(
    reading: Reading, access: Access, reread: timedelta, labels: Iterable[str]
) -> None:
    """Say that the figures of an account were read; not while a permission is missing, so that
    the past is read when it is there.
    """
    if not {f"{label}: {PERMISSION}" for label in labels} & set(reading.unavailable):
        window = reading.window(METRICS, access.account_id, reread)
        reading.done(METRICS, access.account_id, window)


def is_due(reading: Reading, thing: Thing) -> bool:
    """Whether figures of an object are to be read tonight: while it is young each night, later
    weekly, then never; on the first night all that the API still tells.
    """
    if thing.created_at is None:
        return True
    age = reading.now - thing.created_at
    last = reading.last_read(METRICS, thing.access.account_id).at
    if reading.backfill is not None or last is None:
        return age < KEPT
    week = timedelta(days=7)
    is_week_over = age // week > (last - thing.created_at) // week
    return age < NIGHTLY or (age < WEEKLY and is_week_over)


def day_of(instant_at: datetime) -> date:
    """The Pacific day of an instant."""
    return instant_at.astimezone(PACIFIC).date()


def day_start(day: date) -> datetime:
    """The midnight that begins a Pacific day, UTC: at 7 in summer, at 8 in winter."""
    return datetime.combine(day, time(), PACIFIC).astimezone(UTC)


def epoch(day: date) -> str:
    """The midnight that begins a Pacific day, as a query parameter."""
    return str(int(day_start(day).timestamp()))


def last_days(
    reading: Reading, account: str, reread: timedelta, kept: timedelta
) -> tuple[date, date]:
    """First day, and the day behind the last, of an account's figures that are to be read."""
    window = reading.window(METRICS, account, reread)
    until = day_of(min(window.until, reading.now) if window.until else reading.now)
    oldest = day_of(reading.now - kept) + timedelta(days=1)
    since = day_of(window.since) if window.since else oldest
    return max(since, oldest), until


def chunks(first: date, until: date, most_days: int) -> Iterator[tuple[date, date]]:
    """Days taken apart into pieces of at most so many, oldest first, half-open."""
    while first < until:
        end = min(first + timedelta(days=most_days), until)
        yield first, end
        first = end
