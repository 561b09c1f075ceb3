"""What a source's reader has at hand during one run: requests, its window, what it read before.

A reader yields pages and says which scopes it read completely; landing is not its business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipelines.http import (
    Answer,
    Gone,
    Kernel,
    Ok,
    PageGuard,
    Paginator,
    Request,
    SkipItem,
    fetch_many,
    pages,
)  # fmt: skip
from pipelines.sources.values import instant_of

Landed = Mapping[str, Any]  # columns of a landed row by name
LEAST_SHARE = 0.5  # of the members that a counter declares: a shorter list is not believed


@dataclass(frozen=True)
class Page:
    """Objects as the vendor sent them. `beside`: values by field name that all of them share.

    `resource`: whose objects they are; empty: of the resource that is being read. `too_complex`:
    objects beyond the kernel's limits, for the quarantine.
    """

    rows: Sequence[Any]
    account_id: str = ""
    beside: Mapping[str, Any] = field(default_factory=dict)
    resource: str = ""
    too_complex: Sequence[Any] = ()


@dataclass(frozen=True)
class Scope:
    """What was read to its end: the objects of `resource` whose landed columns equal `where`.

    `since`: only those whose `since_column` is not before it. Texts in `where` are personal
    identifiers when their column is a pseudonym: pass the landed value.
    """

    resource: str
    where: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    since_column: str = ""


@dataclass(frozen=True)
class Window:
    """Bounds of a read, half-open, UTC. `since` None: from the beginning; `until` None: to now."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_full(self) -> bool:
        """Everything there is."""
        return self.since is None and self.until is None


@dataclass(frozen=True)
class LastRead:
    """Starts of the last complete reads of a listing, UTC: any, and one without bounds."""

    at: datetime | None = None
    whole_at: datetime | None = None


class Listing:
    """The pages of a listing. `is_complete`: it was read to its end; `is_gone`: there is no such
    object. A resource that may not be read is noted as unavailable. `first`: the first page, where
    it was fetched already.
    """

    def __init__(
        self, reading: Reading, request: Request, paginator: Paginator, first: Answer | None = None
    ) -> None:
        self._reading, self._request, self._paginator = reading, request, paginator
        self._first = first
        self.is_complete = self.is_gone = False

    def __iter__(self) -> Iterator[Answer]:
        reading, resource = self._reading, self._request.resource
        guard = PageGuard(reading.source, resource, reading.kernel.limits)
        for answer in pages(self._fetch, self._request, self._paginator, guard):
            if isinstance(answer.outcome, Ok):
                yield answer
                continue
            self.is_gone = isinstance(answer.outcome, Gone)
            if isinstance(answer.outcome, SkipItem):
                reading.unavailable.append(f"{resource}: {answer.outcome.reason}")
            return
        self.is_complete = True

    @property
    def is_refused(self) -> bool:
        """It may not be read, nor the next one of its kind."""
        return not self.is_complete and not self.is_gone

    def _fetch(self, request: Request) -> Answer:
        first, self._first = self._first, None
        return first or self._reading.kernel.fetch(request)


@dataclass
class Recent:
    """The pages of a list, newest first, down to the start of a window.

    `is_past`: whether the rows of a page have passed that start. `is_complete`: the start, or the
    end of the list, was reached.
    """

    listing: Listing
    is_past: Callable[[Sequence[Any]], bool]
    is_complete: bool = False

    def __iter__(self) -> Iterator[Answer]:
        for answer in self.listing:
            yield answer
            if self.is_past(answer.rows):
                self.is_complete = True
                return
        self.is_complete = self.listing.is_complete


def passes(since: datetime | None, path: tuple[str, ...]) -> Callable[[Sequence[Any]], bool]:
    """Whether the last row of a page, newest first, is before an instant; `path`: its time."""

    def is_past(rows: Sequence[Any]) -> bool:
        oldest = instant_of(rows[-1], path) if rows else None
        return since is not None and oldest is not None and oldest < since

    return is_past


@dataclass
class Reading:
    """One source in one run.

    `config`: the source's settings. `now`: start of the run, UTC. `slot`: the night's date.
    `last_read`: start of the last complete read of (resource, account), and of the last one without
    bounds; None: never. `refused_names`: fields or metrics of a resource that the source refused
    lately. `memory`: what one reader of the source leaves for the next.
    """

    source: str
    config: Any
    kernel: Kernel
    now: datetime
    slot: str
    backfill: Window | None = None
    last_read: Callable[[str, str], LastRead] = lambda _resource, _account: LastRead()
    refused_names: Callable[[str], frozenset[str]] = lambda _resource: frozenset()
    complete: list[Scope] = field(default_factory=list)
    read: list[tuple[str, str, Window]] = field(default_factory=list)
    unavailable: list[str] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)

    def window(
        self, resource: str, account: str, reread: timedelta, all_every: timedelta | None = None
    ) -> Window:
        """What is to be read: the backfill asked for; else everything at first, later what is new
        and what moves still: from `reread` before the last complete read. `all_every`: everything
        again when that was so long ago.
        """
        if self.backfill is not None:
            return self.backfill
        last = self.last_read(resource, account)
        is_due = all_every is not None and (last.whole_at or self.now) <= self.now - all_every
        return Window(None if last.at is None or is_due else last.at - reread)

    def done(self, resource: str, account: str, window: Window) -> None:
        """Say that a listing was read to the end of its window; the next one starts from there."""
        self.read.append((resource, account, window))

    def whole(self, scope: Scope) -> None:
        """Say that a scope was read completely: what is missing in it may have ended."""
        self.complete.append(scope)

    def fetch(self, request: Request) -> Answer:
        """One answer."""
        return self.kernel.fetch(request)

    def listing(
        self, request: Request, paginator: Paginator, first: Answer | None = None
    ) -> Listing:
        """A listing under the caps of its resource."""
        return Listing(self, request, paginator, first)

    def many(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """The answers to independent requests, in their order, some under way side by side."""
        return fetch_many(self.kernel.fetch, requests, self.kernel.limits.workers)


def whole_since(
    reading: Reading, resource: str, window: Window, since_column: str, **where: str
) -> None:
    """A list was read from the start of a window to now: what is missing in it may have ended."""
    if window.until is None:
        reading.whole(Scope(resource, where, window.since, since_column))


def denied(
    reading: Reading, rows: Sequence[Landed], ask: Callable[[Landed], Request]
) -> Iterator[Landed]:
    """Of some landed objects, those that the source denies when each is asked for by its id."""
    for row, answer in zip(rows, reading.many(map(ask, rows)), strict=True):
        if isinstance(answer.outcome, Gone):
            yield row


def is_plausible(count: int, declared: Any) -> bool:
    """Whether a list is not much shorter than its counter says: else nobody has left."""
    return not isinstance(declared, int) or count >= LEAST_SHARE * declared
