"""How each list of Stripe is read: what was created lately, and what the log says has changed.

An event only tells that an object changed; the object itself is asked for, since the copy inside
the event has the shape of the version that was in use then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipelines.http import LastRow, Ok, Request, at
from pipelines.sources import stripe_shapes as shapes
from pipelines.sources.reading import Listing, Page, Reading, Scope, Window, denied
from pipelines.sources.spec import Row

NAME, VERSION = "stripe", "2026-10-28.endive"
PAGE_SIZE = 100  # more is refused
REREAD = timedelta(days=30)  # objects this young are listed again each night
LAG = timedelta(hours=1)  # an event may come late
EVENTS_KEPT = timedelta(days=29)  # 30 by the book, less a night
VERSION_HEADER = "stripe-version"
# What the vendor calls one object of a list.
OBJECTS = {
    "customers": "customer", "charges": "charge", "refunds": "refund", "invoices": "invoice",
    "invoice_payments": "invoice_payment", "subscriptions": "subscription",
}  # fmt: skip
MORE_PARAMS = {"subscriptions": (("status", "all"),)}  # else those that ended are left out


@dataclass
class Changes:
    """What the log of events says: ids of objects that changed, by kind, and when they were made
    (epoch seconds); of those that are gone. `is_complete`: it was read from the last night on.
    """

    changed: dict[str, dict[str, int]] = field(default_factory=dict)
    gone: dict[str, set[str]] = field(default_factory=dict)
    is_complete: bool = False


def _listing(reading: Reading, kind: str, window: Window) -> Listing:
    bounds = {"gte": window.since, "lt": window.until}
    params = [("limit", str(PAGE_SIZE)), *MORE_PARAMS.get(kind, ())]
    params += [(f"created[{name}]", _seconds(at)) for name, at in bounds.items() if at is not None]
    request = Request(kind, f"/v1/{kind}", params=tuple(params))
    return reading.listing(request, LastRow(NAME, "starting_after", more=("has_more",)))


def _seconds(instant: datetime) -> str:
    return str(int(instant.timestamp()))


def _window(reading: Reading, kind: str) -> Window:
    """What is to be listed: everything, too, when the log of events no longer reaches back."""
    last = reading.last_read(kind, "").at
    if reading.backfill is None and (last is None or last <= reading.now - EVENTS_KEPT):
        return Window()
    return reading.window(kind, "", REREAD)


def _changes(reading: Reading) -> Changes:
    """The log since the last complete reads; read once per run, and never for a backfill."""
    if "changes" not in reading.memory:
        reading.memory["changes"] = _read_changes(reading)
    found: Changes = reading.memory["changes"]
    return found


def _read_changes(reading: Reading) -> Changes:
    found = Changes()
    ends = [reading.last_read(kind, "").at for kind in OBJECTS]
    known = [end for end in ends if end is not None and end > reading.now - EVENTS_KEPT]
    if reading.backfill is not None or not known:
        found.is_complete = True  # whoever needs it reads everything instead
        return found
    kinds = {name: kind for kind, name in OBJECTS.items()}
    listing = _listing(reading, "events", Window(min(known) - LAG))
    for answer in listing:
        for event in answer.rows:
            changed = at(event, ("data", "object"))
            kind = kinds.get(str(at(changed, ("object",))))
            native_id = at(changed, ("id",))
            if kind is None or not isinstance(native_id, str):
                continue
            if str(event.get("type")) == f"{OBJECTS[kind]}.deleted":
                found.gone.setdefault(kind, set()).add(native_id)
            created = at(changed, ("created",))
            found.changed.setdefault(kind, {})[native_id] = (
                created if isinstance(created, int) else 0
            )
    found.is_complete = listing.is_complete
    return found


def _reader(kind: str, shape: Callable[[Reading, Any], Any]) -> Callable[[Reading], Iterator[Page]]:
    def read(reading: Reading) -> Iterator[Page]:
        window, changes = _window(reading, kind), _changes(reading)
        listing = _listing(reading, kind, window)
        for answer in listing:
            _check_version(reading, answer.headers.get(VERSION_HEADER, VERSION))
            rows = [shape(reading, row) for row in answer.rows]
            yield Page(rows, too_complex=answer.too_complex)
        yield from _read_changed(reading, kind, shape, window, changes)
        for native_id in sorted(changes.gone.get(kind, ())):
            reading.whole(Scope(kind, {"id": native_id}))
        if listing.is_complete and changes.is_complete:
            reading.done(kind, "", window)
            if window.is_full:
                reading.whole(Scope(kind))

    return read


def _read_changed(
    reading: Reading, kind: str, shape: Callable[[Reading, Any], Any], window: Window,
    changes: Changes,
) -> Iterator[Page]:  # fmt: skip
    """The objects that changed and are older than what was listed, as they are now."""
    if window.since is None or reading.backfill is not None:
        return
    first, gone = window.since.timestamp(), changes.gone.get(kind, set())
    old = sorted(i for i, created in changes.changed.get(kind, {}).items() if created < first)
    for answer in reading.many(_one(kind, native_id) for native_id in old if native_id not in gone):
        if isinstance(answer.outcome, Ok):
            yield Page([shape(reading, row) for row in answer.rows], too_complex=answer.too_complex)


def _one(kind: str, native_id: str) -> Request:
    return Request(kind, f"/v1/{kind}/{{id}}", {"id": native_id}, rows_path=(), object_id=native_id)


def _check_version(reading: Reading, served: str) -> None:
    """Note when another version answers than ours."""
    note = f"version: {VERSION} is asked for, another one answers"
    if served != VERSION and note not in reading.unavailable:
        reading.unavailable.append(note)


read_customers = _reader("customers", lambda _, row: shapes.timed(row))
read_charges = _reader("charges", lambda r, row: shapes.charge(row, r.config.order_key))
read_refunds = _reader("refunds", lambda _, row: shapes.timed(row))
read_invoices = _reader("invoices", lambda _, row: shapes.invoice(row))
read_invoice_payments = _reader("invoice_payments", lambda _, row: shapes.timed(row))
read_subscriptions = _reader("subscriptions", lambda _, row: shapes.subscription(row))


def lost_of(kind: str) -> Callable[[Reading, Sequence[Row]], Iterator[Row]]:
    """The lookup of a kind: of some objects those that are deleted, or denied."""

    def lost(reading: Reading, rows: Sequence[Row]) -> Iterator[Row]:
        yield from denied(reading, rows, lambda row: _one(kind, str(row["id"])))

    return lost


def probe(reading: Reading) -> None:
    """The cheapest request that shows whether the key may read charges."""
    request = Request("charges", "/v1/charges", params=(("limit", "1"),))
    answer = reading.fetch(request)
    if not isinstance(answer.outcome, Ok):
        reading.unavailable.append("charges: the key may not read them")
    else:
        _check_version(reading, answer.headers.get(VERSION_HEADER, VERSION))
