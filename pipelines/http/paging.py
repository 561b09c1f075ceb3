"""Pages of a listing: how the next one is asked for, when it ends, and what ends a loop.

An empty page with a cursor is not the end: each paginator says what is.
"""

from __future__ import annotations

import hashlib
import marshal
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from pipelines.http.classify import Fatal, Ok
from pipelines.http.failures import SourceFailed, SourceStopped
from pipelines.http.limits import Limits
from pipelines.http.records import Answer, Request, at

LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[^,;]+)*)")
DIGEST_CHARACTERS = 12  # of a cursor, in messages: cursors may hold personal data


class Paginator(Protocol):
    """How one API pages."""

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """The cursor of the next page and the request for it; None: this was the last page."""
        ...


@dataclass(frozen=True)
class BodyCursor:
    """A cursor in the body, sent back as a query parameter.

    `path`: where the cursor is; `param`: how it is sent. End: the cursor is missing, null or empty;
    with `more`, a path that says whether there is more: when that is missing, null or false.
    """

    path: tuple[str, ...]
    param: str
    more: tuple[str, ...] = ()

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        cursor = at(answer.payload, self.path)
        if not isinstance(cursor, str | int) or cursor == "":
            return None
        if self.more and not at(answer.payload, self.more):
            return None
        return str(cursor), request.with_param(self.param, str(cursor))


def next_token(param: str, path: tuple[str, ...] = ("meta", "next_token")) -> BodyCursor:
    """A token beside the data, gone on the last page."""
    return BodyCursor(path, param)


@dataclass(frozen=True)
class BodyLink:
    """An address in the body, followed as it is. End: it is missing, null or empty."""

    path: tuple[str, ...]

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        link = at(answer.payload, self.path)
        return (link, request.following(link)) if isinstance(link, str) and link else None


@dataclass(frozen=True)
class LinkHeader:
    """The Link header's `rel="next"`. End: there is none."""

    rel: str = "next"

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        for link, parameters in LINK.findall(answer.headers.get("link", "")):
            found = re.search(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;]+))', parameters, re.IGNORECASE)
            if found and self.rel in (found[1] or found[2]).lower().split():
                return link, request.following(link)
        return None


@dataclass(frozen=True)
class Offset:
    """Counts rows. `param`: where the offset is sent.

    End: with `total`, the path of the declared number of rows, when the offset reaches it; else a
    page with fewer rows than asked for.
    """

    param: str
    total: tuple[str, ...] = ()

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        size = answer.request.page_size  # of the page as it was sent: it may have shrunk
        if size is None:
            raise ValueError("an offset needs a page size")
        start = next((int(value) for name, value in request.params if name == self.param), 0)
        total = at(answer.payload, self.total) if self.total else None
        if isinstance(total, int):
            is_last = start + size >= total
        else:
            is_last = len(answer.rows) + len(answer.too_complex) < size
        following = str(start + size)
        return None if is_last else (following, request.with_param(self.param, following))


@dataclass(frozen=True)
class LastRow:
    """The id of the last row, sent back as a query parameter.

    End: with `more`, a path that says whether there is more: when that is missing, null or false;
    else an empty page. Raises SourceFailed where more is promised behind a page without an id.
    """

    source: str
    param: str
    rows: tuple[str, ...] = ("data",)
    key: str = "id"
    more: tuple[str, ...] = ()

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        rows = at(answer.payload, self.rows) or []
        if not (at(answer.payload, self.more) if self.more else rows):
            return None
        last = at(rows[-1], (self.key,)) if isinstance(rows, list) and rows else None
        if not isinstance(last, str | int) or last == "":
            fault = Fatal("shape", "more rows are promised, but there is no id to go on from")
            raise SourceFailed(self.source, request.resource, fault)
        return str(last), request.with_param(self.param, str(last))


@dataclass
class PageGuard:
    """Ends listings that would not end by themselves; one per source, resource and run.

    Raises SourceFailed for loops, SourceStopped for caps.
    """

    source: str
    resource: str
    limits: Limits = field(default_factory=Limits)
    pages: int = 0
    rows: int = 0
    empty_pages: int = 0
    _cursors: set[str] = field(default_factory=set)
    _digests: Counter[str] = field(default_factory=Counter)

    def page(self, answer: Answer) -> None:
        """Look at a page that came."""
        count = len(answer.rows) + len(answer.too_complex)
        self.pages, self.rows = self.pages + 1, self.rows + count
        self.empty_pages = 0 if count else self.empty_pages + 1
        if self.empty_pages > self.limits.empty_pages:
            raise self._loop("empty_pages", f"{self.empty_pages} empty pages in a row")
        if self.rows > self.limits.rows:
            raise self._cap(f"more than {self.limits.rows} rows")
        if count:
            digest = _digest([answer.rows, answer.too_complex])
            self._digests[digest] += 1
            if self._digests[digest] >= self.limits.same_page:
                seen = self._digests[digest]
                raise self._loop("cursor_loop", f"page {self.pages} came {seen} times ({digest})")

    def cursor(self, cursor: str) -> None:
        """Look at a cursor before it is followed."""
        digest = _digest(cursor)
        if digest in self._cursors:
            raise self._loop("cursor_loop", f"page {self.pages} leads back (cursor {digest})")
        self._cursors.add(digest)
        if self.pages >= self.limits.pages:
            raise self._cap(f"more than {self.limits.pages} pages")

    def _loop(self, fault: str, why: str) -> SourceFailed:
        return SourceFailed(self.source, self.resource, Fatal(fault, why))

    def _cap(self, why: str) -> SourceStopped:
        return SourceStopped(self.source, self.resource, why)


def _digest(value: Any) -> str:
    # Twenty times as quick as JSON on a page of rows; version 2 has no references between equals.
    return hashlib.sha256(marshal.dumps(value, 2)).hexdigest()[:DIGEST_CHARACTERS]


def pages(
    fetch: Callable[[Request], Answer], request: Request, paginator: Paginator, guard: PageGuard
) -> Iterator[Answer]:
    """The pages of a listing, to its end. A page that is no page (skipped, gone) ends it.

    A page is handed over before the next one is asked for: what was read is kept when that fails.
    """
    while True:
        answer = fetch(request)
        if isinstance(answer.outcome, Ok):
            guard.page(answer)
        yield answer
        step = paginator.following(request, answer) if isinstance(answer.outcome, Ok) else None
        if step is None:
            return
        cursor, request = step
        guard.cursor(cursor)
        # names that were refused once would be refused on every page
        request = replace(request, names=answer.request.names)
