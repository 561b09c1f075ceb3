"""How Sprout Social is asked: filters as text in a JSON body, two ways of paging, cut lists."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pipelines.http import (
    Answer,
    Fatal,
    Ok,
    Paginator,
    Request,
    SourceFailed,
    Split,
    at,
    fetch_split,
)
from pipelines.sources.reading import Page, Reading, Window
from pipelines.sources.values import Json, objects

NAME, API = "sprout", "v1"
MOST_RESULTS = 10_000  # rows of one query: what is behind them is cut off without a word
POSTS_SIZE, MESSAGES_SIZE, DAYS_SIZE = 50, 100, 1_000
REREAD = timedelta(days=30)  # figures move as the networks' own do
Onward = Callable[[Request, Any], Request]  # the request that goes on behind a last row


@dataclass(frozen=True)
class Question(Request):
    """A request whose `names`, metrics that may be refused, stand in its body."""

    def target(self) -> str:
        """See `Request`."""
        return Request.target(replace(self, names=()))


@dataclass(frozen=True)
class PageNumbers:
    """Pages by number, in the body. End: the last of `total_pages`; behind it all is refused."""

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        page, total = (
            at(answer.payload, ("paging", name)) for name in ("current_page", "total_pages")
        )
        if not isinstance(page, int) or not isinstance(total, int):
            fault = Fatal("shape", "a page does not say which one it is")
            raise SourceFailed(NAME, request.resource, fault)
        if page >= total:
            return None
        return str(page + 1), _with(request, page=page + 1)


@dataclass(frozen=True)
class PageCursors:
    """Pages by a name in the body. End: there is none."""

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        cursor = at(answer.payload, ("paging", "next_cursor"))
        if not isinstance(cursor, str) or not cursor:
            return None
        return cursor, _with(request, page_cursor=cursor)


def _with(request: Request, **values: Any) -> Request:
    return replace(request, json={**request.json, **values})


def customer_of(reading: Reading) -> str:
    """The id of the customer that all paths name; raises SourceFailed when it is not clear."""
    if "customer" not in reading.memory:
        answer = reading.fetch(Request("accounts", f"/{API}/metadata/client"))
        found = [str(at(row, ("customer_id",))) for row in answer.rows]
        wanted = reading.config.customer_id
        if wanted and wanted not in found:
            fault = Fatal("settings", "the token does not read the customer_id that is set")
            raise SourceFailed(NAME, "accounts", fault)
        if not wanted and len(found) != 1:
            fault = Fatal("settings", f"the token reads {len(found)} customers: set customer_id")
            raise SourceFailed(NAME, "accounts", fault)
        reading.memory["customer"] = wanted or found[0]
    return str(reading.memory["customer"])


def question(
    reading: Reading, resource: str, path: str, filters: Sequence[str], size: int | None = None,
    metrics: Sequence[str] = (), **more: Any,
) -> Question:  # fmt: skip
    """A question of this customer. `path`: behind the customer, without a value."""
    body = {"filters": list(filters), "timezone": "UTC", **more}
    body |= {"limit": size} if size is not None else {}
    body |= {"metrics": list(metrics)} if metrics else {}
    values = {"customer": customer_of(reading)}
    return Question(
        resource, f"/{API}/{{customer}}/{path}", values, method="POST", json=body,
        names=tuple(metrics),
    )  # fmt: skip


def span(name: str, since: datetime, until: datetime) -> str:
    """A filter for a half-open span of time, UTC."""
    return f"{name}.in({since:%Y-%m-%dT%H:%M:%S}...{until:%Y-%m-%dT%H:%M:%S})"


def read_all(
    reading: Reading, request: Request, paginator: Paginator, onward: Onward,
    landed: Callable[[Answer], list[Page]], first: Answer | None = None,
) -> Generator[Page, None, bool]:  # fmt: skip
    """The pages of a question; returns whether it was read to its end, cut lists included.

    `first`: its first page, where it was fetched already.
    """
    while True:
        listing, count, last = reading.listing(request, paginator, first), 0, None
        first = None
        for answer in listing:
            yield from landed(answer)
            count += len(answer.rows) + len(answer.too_complex)
            last = answer.rows[-1] if answer.rows else last
        if not listing.is_complete:
            return False
        if count < MOST_RESULTS or last is None:
            return True
        further = onward(request, last)
        if further == request:
            reading.unavailable.append(f"{request.resource}: more at one instant than is shown")
            return False
        request = further


def without_refused(reading: Reading, request: Question) -> tuple[Question | None, Answer | None]:
    """The question without the metrics that are refused, None when all of them are; and its first
    page where that was fetched.

    A refusal names no metric that could be trusted, so the list is halved until it is found.
    """
    answer = reading.fetch(request)
    if not isinstance(answer.outcome, Split):
        is_refused = request.names and not answer.request.names  # the only one, by the kernel
        return (None, None) if is_refused else (request, answer)
    valid: set[str] = set()

    def fetch(part: Request) -> Answer:
        return reading.fetch(_with(part, metrics=list(part.names)))

    for part in fetch_split(fetch, request):
        if isinstance(part.outcome, Ok):
            valid.update(part.request.names)
    names = tuple(name for name in request.names if name in valid)
    body = {**request.json, "metrics": list(names)}
    return (replace(request, names=names, json=body), None) if names else (None, None)


def accounts_of(reading: Reading) -> list[Json]:
    """The brand's profiles, as they were read tonight."""
    return objects(reading.memory.get("accounts", []))


def bounds(reading: Reading, window: Window) -> tuple[datetime, datetime]:
    """A window with both ends: as far back as the settings say, and to now."""
    oldest = reading.now - timedelta(days=reading.config.history_days)
    return window.since or oldest, window.until or reading.now


def figure(
    reading: Reading, kind: str, object_id: Any, name: str, value: Any, ends_at: str | None = None
) -> Json:
    """An observation; what was asked for and not told has none."""
    return {
        "object_kind": kind, "object_id": object_id, "metric": name.removeprefix("lifetime."),
        "period": "lifetime" if ends_at is None else "day", "period_end_at": ends_at,
        "value": value, "reason": None if value is not None else "not_reported",
        "slot": reading.slot,
    }  # fmt: skip
