"""How the Graph API is read: accounts with a token each, pages by cursor, children of many objects.

A next link holds the token. It is never followed nor kept: of it only the cursor is taken, and
links inside objects are cut out before an object goes anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pipelines.http import (
    Answer,
    Fatal,
    Ok,
    Request,
    Secret,
    SkipItem,
    SourceFailed,
    at,
)
from pipelines.sources.meta import FIELDS, PERMISSION, USERS, VERSION
from pipelines.sources.reading import (
    Listing,
    Page,
    Reading,
    Scope,
    Window,
    denied,
    whole_since,
)
from pipelines.sources.spec import Row
from pipelines.sources.values import instant_of, objects

PAGE_SIZE = 100  # more is refused
REREAD = timedelta(days=90)  # how long people comment on a post
ALL_EVERY = timedelta(days=28)
CURSORS = ("after", "__paging_token", "until", "since", "offset")  # what a next link may page by
PRIVATE_KEYS = ("paging", "access_token")
PERSONS = "person_"  # stands for a person's id in the id of a post


@dataclass(frozen=True)
class Access:
    """One account of the brand, and the headers that read it: its own token, if it has one."""

    account_id: str
    headers: Mapping[str, Secret] = field(default_factory=dict)


@dataclass(frozen=True)
class Thing:
    """An object that others stand below: a post, review or medium that was read in this run.

    `kind`: list or product it is of. `counts`: what it says of its children; None: it does not say.
    `landed_as`: its id without a person's, where the vendor's has one in it.
    """

    access: Access
    object_id: str
    kind: str
    created_at: datetime | None
    counts: Mapping[str, int | None] = field(default_factory=dict)
    landed_as: str = ""

    @property
    def landed_id(self) -> str:
        """The id that stands in the raw tables."""
        return self.landed_as or self.object_id


@dataclass(frozen=True)
class GraphPages:
    """Pages by `paging.cursors.after`. End: there is no `paging.next`; an empty page is none.

    Where the answer has a next link but no cursor, its parameters are the cursor. Raises
    SourceFailed when they are not there either: the list is not at its end.
    """

    source: str

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        link = at(answer.payload, ("paging", "next"))
        if not isinstance(link, str) or not link:
            return None
        after = at(answer.payload, ("paging", "cursors", "after"))
        cursor = {"after": after} if isinstance(after, str) and after else _cursor_in(link)
        if not cursor:
            fault = Fatal("shape", "a next page without a cursor")
            raise SourceFailed(self.source, request.resource, fault)
        for name, value in cursor.items():
            request = request.with_param(name, value)
        return "&".join(f"{n}={v}" for n, v in cursor.items()), request


def _cursor_in(link: str) -> dict[str, str]:
    try:
        found = dict(parse_qsl(urlsplit(link).query))
    except ValueError:
        return {}
    return {name: found[name] for name in CURSORS if found.get(name)}


def graph(
    resource: str, path: str, access: Access, *, object_id: str = "", names: Sequence[str] = (),
    names_param: str = FIELDS, rows: tuple[str, ...] = ("data",),
    params: Mapping[str, str] | None = None,
) -> Request:  # fmt: skip
    """A request below the version; `path` with `{id}` for the object's id."""
    target = object_id or access.account_id
    return Request(
        resource, f"/{VERSION}/{path}", {"id": target}, params=tuple((params or {}).items()),
        headers=access.headers, rows_path=rows, object_id=target, names_param=names_param,
        names=tuple(names), group="" if access.headers else USERS,
    )  # fmt: skip


def edge(
    resource: str, name: str, access: Access, fields: Sequence[str], *, object_id: str = "",
    size: int | None = None, params: Mapping[str, str] | None = None,
) -> Request:  # fmt: skip
    """A request for the first page of a list below an object; `size`: rows at most."""
    limit = {"limit": str(min(size or PAGE_SIZE, PAGE_SIZE))}
    return graph(
        resource, f"{{id}}/{name}", access, object_id=object_id, names=fields,
        params=limit | dict(params or {}),
    )  # fmt: skip


def listing(reading: Reading, request: Request, first: Answer | None = None) -> Listing:
    """The pages of a list."""
    return reading.listing(request, GraphPages(reading.source), first)


def span(window: Window) -> dict[str, str]:
    """A window as query parameters, epoch seconds."""
    bounds = {"since": window.since, "until": window.until}
    return {name: str(int(at.timestamp())) for name, at in bounds.items() if at is not None}


def count(value: Any) -> int | None:
    """A count as it is told; None when it is not."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def page(answer: Answer, access: Access, rows: Sequence[Any], **more: Any) -> Page:
    """Rows of an answer for landing; what was too complex goes along, for the quarantine."""
    too_complex = [without_links(row) for row in answer.too_complex]
    clean = [without_links(row) for row in rows]
    return Page(clean, access.account_id, too_complex=too_complex, **more)


def without_links(row: Any) -> Any:
    """The object without paging and tokens, at any depth; they are taken out in place."""
    waiting = [row]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for key in PRIVATE_KEYS:
                value.pop(key, None)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return row


def within(rows: Iterable[Any], path: tuple[str, ...], window: Window) -> list[Any]:
    """Rows of a window, for lists that cannot be asked for one; without a readable time they stay:
    they are to be refused, not overlooked.
    """
    kept = []
    for row in rows:
        found = instant_of(row, path)
        is_early = found is not None and window.since is not None and found < window.since
        is_late = found is not None and window.until is not None and found >= window.until
        if not is_early and not is_late:
            kept.append(row)
    return kept


def whole(reading: Reading, resource: str, window: Window, access: Access, **where: str) -> None:
    """A list of an account was read up to now: what is missing in it may have ended."""
    whole_since(reading, resource, window, "created_at", _account_id=access.account_id, **where)


def accounts_of(reading: Reading) -> list[Access]:
    """The accounts that were found in this run."""
    found: list[Access] = reading.memory.get("accounts", [])
    return found


def things_of(reading: Reading, *kinds: str) -> list[Thing]:
    """Objects of these kinds that were read in this run."""
    found: list[Thing] = reading.memory.get("things", [])
    return [thing for thing in found if thing.kind in kinds]


def remember(reading: Reading, things: Iterable[Thing]) -> None:
    """Keep objects whose children, or figures, are to be asked for."""
    known = reading.memory.setdefault("things", [])
    known += [thing for thing in things if thing.object_id]


def own(access: Access, rows: Iterable[Any], author: str = "from") -> list[Any]:
    """The rows with `is_own`: written by the account itself."""
    author_id = (author, "id")
    return [
        row | {"is_own": at(row, author_id) == access.account_id} if isinstance(row, dict) else row
        for row in rows
    ]


def people(access: Access, rows: Iterable[Any], author: str = "from") -> Page:
    """Whoever wrote something, but for the account itself."""
    theirs = [row for row in objects(rows) if not row["is_own"] and at(row, (author, "id"))]
    return Page([{**row[author]} for row in theirs], access.account_id, resource="profiles")


def children(
    reading: Reading, things: Sequence[Thing], ask: Callable[[Thing], Request]
) -> Iterator[tuple[Thing, Listing]]:
    """A list below each of some things, first pages side by side. The first permission that is
    missing ends it: it is missing for all.
    """
    requests = [ask(thing) for thing in things]
    for thing, request, first in zip(things, requests, reading.many(requests), strict=True):
        found = listing(reading, request, first)
        yield thing, found
        if isinstance(first.outcome, SkipItem) and first.outcome.reason == PERMISSION:
            return


def lost(resource: str, *below: str) -> Callable[[Reading, Sequence[Row]], Iterator[Row]]:
    """The lookup of a resource: of some objects, those that the API denies by id. `below`: the
    resources whose objects stand below them by `post_id` or `media_id`, and end with them. Of
    objects whose id is not ours to keep, that they are missing is all there is to know.
    """
    parent = "media_id" if resource == "media" else "post_id"

    def gone(reading: Reading, row: Row) -> Row:
        for name in below:
            reading.whole(Scope(name, {parent: row["id"]}))
        return row

    def lost_rows(reading: Reading, rows: Sequence[Row]) -> Iterator[Row]:
        by_account = {access.account_id: access for access in accounts_of(reading)}
        yield from (gone(reading, row) for row in rows if str(row["id"]).startswith(PERSONS))
        known = [
            row for row in rows
            if row["_account_id"] in by_account and not str(row["id"]).startswith(PERSONS)
        ]  # fmt: skip
        missing = denied(
            reading, known,
            lambda row: graph(
                resource, "{id}", by_account[row["_account_id"]], object_id=row["id"],
                names=("id",), rows=(),
            ),
        )  # fmt: skip
        yield from (gone(reading, row) for row in missing)

    return lost_rows


def finish(reading: Reading, *below: str) -> None:
    """Say that the postponed lists were read, with all that stands below their objects: not while
    that may not be read, so that it is when it may.
    """
    windows = reading.memory.pop("windows", [])
    if not {f"{name}: {PERMISSION}" for name in below} & set(reading.unavailable):
        for resource, account, window in windows:
            reading.done(resource, account, window)


def postpone(reading: Reading, resource: str, account: str, window: Window) -> None:
    """A list was read; it counts when what stands below its objects was read too: see `finish`."""
    reading.memory.setdefault("windows", []).append((resource, account, window))


def probe_list(reading: Reading, resource: str, name: str) -> None:
    """One row of the first account's list, to see whether it may be read."""
    for access in accounts_of(reading)[:1]:
        answer = reading.fetch(edge(resource, name, access, ("id",), size=1))
        if not isinstance(answer.outcome, Ok):
            reading.unavailable.append(f"{resource}: the token may not read them")
