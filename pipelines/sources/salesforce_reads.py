"""How objects of Salesforce are read: by queries that show the bin too, page by page.

A record that went out of the bin between two nights shows in no query; the list of deleted ids
still names it, and it is asked for once more before it has ended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from pipelines.http import Answer, Fatal, Ok, Request, SourceFailed, at
from pipelines.sources.reading import Page, Reading, Scope, Window
from pipelines.sources.salesforce_fields import CONTACTS, OF_SOME_ORGS, SObject
from pipelines.sources.spec import Row
from pipelines.sources.values import Json, batches

NAME, VERSION = "salesforce", "v67.0"
DATA = f"/services/data/{VERSION}"
LAG = timedelta(hours=1)  # a stamp may be older than the moment from which others see the record
ALL_EVERY = timedelta(days=7)  # computed fields change without a stamp
IDS_KEPT = timedelta(days=14)  # of deleted records; 15 by the book, less a night
LOOKUP_SIZE = 200  # ids in one query
LOCATOR = re.compile(r"/services/data/v[\d.]+/(query(?:All)?)/([\w-]+)")


@dataclass(frozen=True)
class Query(Request):
    """A query for records of one object, or a further page of it.

    `names`: fields that may be refused one by one; `always`: those that may not. `locator`: the
    page, as the server named it.
    """

    sobject: str = ""
    always: tuple[str, ...] = ()
    condition: str = ""
    order: str = ""
    limit: int | None = None
    locator: str = ""

    def target(self) -> str:
        """See `Request`."""
        if self.locator:
            return f"{self.path}/{quote(self.locator, safe='')}"
        parts = [f"SELECT {', '.join((*self.always, *self.names))} FROM {self.sobject}"]
        parts += [f"WHERE {self.condition}"] if self.condition else []
        parts += [f"ORDER BY {self.order}"] if self.order else []
        parts += [f"LIMIT {self.limit}"] if self.limit is not None else []
        return f"{self.path}?q={quote(' '.join(parts), safe='')}"


@dataclass(frozen=True)
class RecordPages:
    """Pages of a query: the next one is named by a locator. End: `done`."""

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        if at(answer.payload, ("done",)) is True:
            return None
        link = at(answer.payload, ("nextRecordsUrl",))
        if not isinstance(link, str) or not link:
            fault = Fatal("shape", "more records are promised, but there is no way to them")
            raise SourceFailed(NAME, request.resource, fault)
        found = LOCATOR.fullmatch(link)
        if found is None or not isinstance(request, Query):
            return link, request.following(link)  # another address: the kernel judges it
        return found[2], replace(request, path=f"{DATA}/{found[1]}", locator=found[2])


def _path(sobject: SObject) -> str:
    return f"{DATA}/{'queryAll' if sobject.has_bin else 'query'}"


def _wanted(reading: Reading, sobject: SObject) -> tuple[str, ...]:
    own = tuple(reading.config.social_fields.values()) if sobject is CONTACTS else ()
    return tuple(dict.fromkeys((*sobject.names, *own)))


def query_of(reading: Reading, sobject: SObject, window: Window) -> Query:
    """The query for the records of a window, oldest change first."""
    bounds = ((">=", window.since), ("<", window.until))
    condition = " AND ".join(f"SystemModstamp {sign} {_literal(at)}" for sign, at in bounds if at)
    refused = reading.refused_names(sobject.table) - sobject.essential
    names = tuple(name for name in _wanted(reading, sobject) if name not in refused)
    return Query(
        sobject.table, _path(sobject), rows_path=("records",), names=names, sobject=sobject.name,
        always=sobject.always, condition=condition, order="SystemModstamp, Id",
    )  # fmt: skip


def _literal(instant: datetime) -> str:
    """An instant as SOQL writes it: UTC, no quotes."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _window(reading: Reading, sobject: SObject) -> Window:
    """What is to be read: everything, too, when the deleted ids no longer reach back."""
    last = reading.last_read(sobject.table, "").at
    if reading.backfill is None and (last is None or last <= reading.now - IDS_KEPT):
        return Window()
    return reading.window(sobject.table, "", LAG, ALL_EVERY)


def reader_of(sobject: SObject) -> Callable[[Reading], Iterator[Page]]:
    """The reader of an object."""

    def read(reading: Reading) -> Iterator[Page]:
        window = _window(reading, sobject)
        query = query_of(reading, sobject, window)
        had, listing = query.names, reading.listing(query, RecordPages())
        for answer in listing:
            had = answer.request.names
            rows = [_shaped(reading, sobject, row) for row in answer.rows]
            yield Page(rows, too_complex=answer.too_complex)
        _note_missing(reading, sobject, had)
        is_certain = window.is_full or reading.backfill is not None or not sobject.has_bin
        if listing.is_complete and (is_certain or _are_ends_known(reading, sobject, window)):
            reading.done(sobject.table, "", window)
            if window.is_full:
                reading.whole(Scope(sobject.table))

    return read


def _note_missing(reading: Reading, sobject: SObject, had: Sequence[str]) -> None:
    """Say which fields are missing that every org has, or that the settings name."""
    missing = set(_wanted(reading, sobject)) - set(had) - OF_SOME_ORGS
    if missing:
        reading.unavailable.append(f"{sobject.table}: without {', '.join(sorted(missing))}")


def _shaped(reading: Reading, sobject: SObject, row: Any) -> Any:
    """The record with the org's currency and declared profiles; a person's name is no firm's."""
    if not isinstance(row, dict):
        return row
    more: Json = {}
    if any(field.name == "currency" for field in sobject.own) and not row.get("CurrencyIsoCode"):
        more["CurrencyIsoCode"] = reading.config.currency or None
    if row.get("IsPersonAccount") is True:
        more["Name"] = None
    if sobject is CONTACTS:
        handles = reading.config.social_fields.items()
        found = [f"{network}|{row[name]}" for network, name in handles if row.get(name)]
        more["social_profiles"] = ";".join(found) or None
    return {**row, **more} if more else row


def _are_ends_known(reading: Reading, sobject: SObject, window: Window) -> bool:
    """Read which records were deleted since the last night; each is asked for before it ends."""
    start, end = (f"{at:%Y-%m-%dT%H:%M:%S}+00:00" for at in (window.since, reading.now))
    path = f"{DATA}/sobjects/{{name}}/deleted/"
    answer = reading.fetch(
        Request(
            sobject.table, path, {"name": sobject.name}, params=(("start", start), ("end", end)),
            rows_path=("deletedRecords",),
        )
    )  # fmt: skip
    if not isinstance(answer.outcome, Ok):
        reading.unavailable.append(f"{sobject.table}: its deleted records are not readable")
        return False
    for row in answer.rows:
        reading.whole(Scope(sobject.table, {"id": str(at(row, ("id",)))}))
    return True


def lost_of(sobject: SObject) -> Callable[[Reading, Sequence[Row]], Iterator[Row]]:
    """The lookup of an object: of some records those that are in the bin, or denied."""

    def lost(reading: Reading, rows: Sequence[Row]) -> Iterator[Row]:
        for batch in batches(rows, LOOKUP_SIZE):
            ids = ", ".join(f"'{row['id']}'" for row in batch)
            query = Query(
                sobject.table, _path(sobject), rows_path=("records",), sobject=sobject.name,
                always=("Id", "IsDeleted"), condition=f"Id IN ({ids})",
            )  # fmt: skip
            answer = reading.fetch(query)
            if not isinstance(answer.outcome, Ok):
                continue  # nobody could say: they have not ended
            alive = {at(row, ("Id",)) for row in answer.rows if at(row, ("IsDeleted",)) is False}
            yield from (row for row in batch if row["id"] not in alive)

    return lost


def probe(reading: Reading) -> None:
    """The cheapest request that shows whether the user may read contacts."""
    query = Query(
        "contacts", f"{DATA}/query", rows_path=("records",), sobject="Contact", always=("Id",),
        limit=1,
    )  # fmt: skip
    if not isinstance(reading.fetch(query).outcome, Ok):
        reading.unavailable.append("contacts: the user may not read them")
