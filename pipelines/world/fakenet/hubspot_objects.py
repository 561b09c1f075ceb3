"""How HubSpot shows an object: properties as text, two families of times, associations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pipelines.world.fakenet.facade import utc_text
from pipelines.world.fakenet.hubspot_catalogue import (
    ASSOCIATION_TYPES,
    DEFAULT_PROPERTIES,
    INLINE_TYPES,
    MODIFIED,
    PROPERTIES,
)
from pipelines.world.fakenet.store import Fate, Seen, Store, Version

Values = dict[str, str | None]
SOURCE = {"sourceType": "INTEGRATION", "sourceId": "wholesale-import"}


def trimmed(instant: datetime) -> str:
    """`2026-01-06T18:40:40.12Z`: HubSpot's own stamps drop zeros at the end of the fraction."""
    return utc_text(instant, 0) if not instant.microsecond else _short(utc_text(instant))


def _short(text: str) -> str:
    return text[:-1].rstrip("0").rstrip(".") + "Z"


def modified_property(object_type: str) -> str:
    """The property that holds the update stamp."""
    return MODIFIED.get(object_type, "hs_lastmodifieddate")


def values(seen: Seen) -> Values:
    """All properties of an object with their text values."""
    own = {k: v for k, v in seen.fields.items() if not k.startswith("_")}
    return own | {
        "hs_object_id": seen.record_id,
        "createdate": utc_text(seen.created_at),
        modified_property(seen.kind): utc_text(seen.updated_at),
        **({"hs_merged_object_ids": ";".join(seen.absorbed)} if seen.absorbed else {}),
    }


def chosen(object_type: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """The properties to show: the default ones, or those asked for that exist, with the stamps."""
    names = tuple(wanted)
    if not names:
        return DEFAULT_PROPERTIES[object_type]
    known = {p.name for p in PROPERTIES[object_type]}
    always = ("createdate", "hs_object_id", modified_property(object_type))
    return tuple(sorted({*always, *(n for n in names if n in known)}))


def object_json(
    seen: Seen, wanted: Iterable[str], with_history: Iterable[str] = ()
) -> dict[str, Any]:
    """An object; `archivedAt` only when it is in the bin."""
    all_values = values(seen)
    body: dict[str, Any] = {
        "id": seen.record_id,
        "properties": {name: all_values.get(name) for name in chosen(seen.kind, wanted)},
        "createdAt": trimmed(seen.created_at),
        "updatedAt": trimmed(seen.updated_at),
        "archived": seen.fate is not None,
    }
    if seen.ended_at:
        body["archivedAt"] = trimmed(seen.ended_at)
    if history := {name: _changes(seen.history, name) for name in with_history}:
        body["propertiesWithHistory"] = history
    return body


def _changes(history: tuple[Version, ...], name: str) -> list[dict[str, Any]]:
    """The values a property has had, newest first; a version that kept the value is none."""
    changes: list[dict[str, Any]] = []
    for version in history:
        value = version.fields.get(name)
        if value is not None and (not changes or changes[-1]["value"] != value):
            stamp = {"value": value, "timestamp": utc_text(version.since)}
            changes.append(stamp | SOURCE | {"updatedByUserId": None})
    return changes[::-1]


class Links:
    """Who is associated with whom at one instant; merged contacts stand for their winners."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._to: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        live = {kind: store.live(kind, now) for kind in PROPERTIES}
        alive = {(kind, seen.record_id) for kind, objects in live.items() for seen in objects}
        merged = store.ended("contacts", Fate.MERGED, now)
        winner = {seen.record_id: seen.winner_id for seen in merged}
        for kind, objects in live.items():
            for seen in objects:
                for other_kind, other in _neighbours(seen):
                    other_id = other
                    while other_kind == "contacts" and other_id in winner:
                        other_id = winner[other_id]  # merged again
                    if (other_kind, other_id) in alive:
                        self._add(kind, seen.record_id, other_kind, other_id)
                        self._add(other_kind, other_id, kind, seen.record_id)

    def _add(self, from_kind: str, from_id: str, to_kind: str, to_id: str) -> None:
        targets = self._to[from_kind, from_id, to_kind]
        if (from_kind, to_kind) in ASSOCIATION_TYPES and to_id not in targets:
            targets.append(to_id)

    def of(self, from_kind: str, from_id: str, to_kind: str) -> list[str]:
        """Ids of associated objects, in the order they were associated."""
        return self._to.get((from_kind, from_id, to_kind), [])

    def count(self, from_kind: str, to_kind: str) -> int:
        """How many pairs there are."""
        return sum(len(v) for (f, _, t), v in self._to.items() if (f, t) == (from_kind, to_kind))

    def inline(self, seen: Seen, wanted: Iterable[str]) -> dict[str, Any]:
        """The `associations` of a listed object; types without any are left out."""
        return {
            to_kind: {"results": [{"id": i, "type": INLINE_TYPES[seen.kind, to_kind]} for i in ids]}
            for to_kind in wanted
            if (ids := self.of(seen.kind, seen.record_id, to_kind))
        }


def _neighbours(seen: Seen) -> list[tuple[str, str]]:
    """Kind and id of what the object itself names."""
    company = seen.fields.get("associatedcompanyid") or seen.fields.get("_company")
    contacts = [contact_id for contact_id, _ in seen.fields.get("_contacts", ())]
    return [*([("companies", company)] if company else []), *(("contacts", c) for c in contacts)]
