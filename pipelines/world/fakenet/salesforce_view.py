"""How Salesforce shows its records: the live ones, those in the bin, and ids that were deleted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from pipelines.world.fakenet.salesforce_catalogue import (
    OBJECTS,
    REFERENCES_TO_CONTACTS,
    SObject,
)
from pipelines.world.fakenet.store import Fate, Seen, State, Store

Row = dict[str, Any]
BIN_KEPT = timedelta(days=15)
ENDED = "_ended_at"  # when a row went into the bin; None: it is alive


class View:
    """The rows of each object at an instant; gathered anew only after a change."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._known: dict[str, tuple[State, list[Row]]] = {}

    def rows(self, sobject: SObject, now: datetime, *, with_bin: bool) -> list[Row]:
        """Live rows; `with_bin`: those of the last fifteen days' bin too."""
        state = self.store.state(now)
        known = self._known.get(sobject.name)
        if known is None or known[0] != state:
            known = (state, self._all(sobject, now))
            self._known[sobject.name] = known
        return [
            row for row in known[1]
            if row[ENDED] is None or (with_bin and row[ENDED] > now - BIN_KEPT)
        ]  # fmt: skip

    def deleted(self, sobject: SObject, now: datetime) -> list[tuple[str, datetime]]:
        """Ids that ended in the last fifteen days, erased ones too, and when."""
        found = [s for fate in Fate for s in self.store.ended(sobject.name, fate, now)]
        ended = [(seen.record_id, seen.ended_at) for seen in found if seen.ended_at is not None]
        return sorted((i, at) for i, at in ended if at > now - BIN_KEPT)

    def _all(self, sobject: SObject, now: datetime) -> list[Row]:
        seen = self.store.live(sobject.name, now)
        seen = seen + self.store.ended(sobject.name, Fate.DELETED, now)
        seen = seen + self.store.ended(sobject.name, Fate.MERGED, now)
        merged = self.store.ended("Contact", Fate.MERGED, now)
        winners = {one.record_id: (one.winner_id, one.ended_at) for one in merged}
        return [_row(sobject, one, winners) for one in seen]


def _row(sobject: SObject, seen: Seen, winners: dict[str, Any]) -> Row:
    """All fields of a record. What belonged to a merged contact belongs to its winner."""
    row: Row = {name: seen.fields.get(name) for name in sobject.fields}
    changed_at = seen.ended_at or seen.updated_at
    for name in REFERENCES_TO_CONTACTS:
        while row.get(name) in winners:
            row[name], merged_at = winners[row[name]]
            changed_at = max(changed_at, merged_at)
    stamps = {"Id": seen.record_id, "CreatedDate": seen.created_at, "SystemModstamp": changed_at,
              "LastModifiedDate": changed_at}  # fmt: skip
    if sobject.has_bin:
        stamps["IsDeleted"] = seen.fate is not None
    if seen.fate is Fate.MERGED:
        row["MasterRecordId"] = seen.winner_id
    return row | stamps | {ENDED: seen.ended_at if seen.fate is not None else None}


def shown(sobject: SObject, row: Row, names: tuple[str, ...], version: str) -> Row:
    """A record with the fields asked for, as JSON has them."""
    url = f"/services/data/{version}/sobjects/{sobject.name}/{row['Id']}"
    return {"attributes": {"type": sobject.name, "url": url}} | {
        name: _plain(row[name]) for name in names
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else value


def instant_text(instant: datetime) -> str:
    """`2026-01-06T18:40:40.000+0000`: an offset without a colon."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def described(sobject: SObject, hidden: frozenset[str]) -> Row:
    """The object as describe gives it, in short."""
    fields = [
        {"name": name, "type": kind, "label": name, "nillable": name not in ("Id", "IsDeleted")}
        for name, kind in sobject.fields.items()
        if name not in hidden
    ]
    return {"name": sobject.name, "keyPrefix": sobject.prefix, "queryable": True, "fields": fields}


def sobject_named(name: str) -> SObject | None:
    """The object of this name, whatever its case."""
    return next((one for key, one in OBJECTS.items() if key.lower() == name.lower()), None)
