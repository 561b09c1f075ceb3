"""The objects of an API over time: every version, and how each of them ended.

A façade asks for the state at an instant and never sees what happens later, so that time travel is
only another instant.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

Fields = Mapping[str, Any]
State = tuple[int, int]


class Fate(Enum):
    """How an object ended."""

    DELETED = "deleted"  # in the bin: an API with a bin still shows it
    MERGED = "merged"  # lives on in another object
    ERASED = "erased"  # forgotten for good


@dataclass(frozen=True)
class Version:
    """The fields from `since` on, which is also the update stamp.

    `seen_from`: when readers can see it, if the commit came later than its stamp says.
    """

    since: datetime
    fields: Fields
    seen_from: datetime | None = None

    def is_seen(self, now: datetime) -> bool:
        """A reader at `now` can see it."""
        return (self.seen_from or self.since) <= now


@dataclass(frozen=True)
class Record:
    """One object with its versions, oldest first, and its end."""

    kind: str
    record_id: str
    versions: tuple[Version, ...]
    fate: Fate | None = None
    ended_at: datetime | None = None
    winner_id: str = ""


@dataclass(frozen=True)
class Seen:
    """An object at one instant. `history`: the versions so far; `absorbed`: merged into it.

    `winner_id`: the object it was merged into, empty for all others.
    """

    kind: str
    record_id: str
    fields: Fields
    created_at: datetime
    updated_at: datetime
    history: tuple[Version, ...]
    fate: Fate | None
    ended_at: datetime | None
    winner_id: str
    absorbed: tuple[str, ...]


@dataclass
class Store:
    """All objects of one API by kind, in the order they were put in."""

    _records: dict[str, dict[str, Record]] = field(default_factory=dict)
    _absorbed: dict[tuple[str, str], list[tuple[str, datetime]]] = field(default_factory=dict)
    _revision: int = 0
    _moments: list[datetime] = field(default_factory=list)  # when something changes, sorted
    _known: dict[str, tuple[State, list[Seen]]] = field(default_factory=dict)

    def put(self, record: Record) -> None:
        """Add an object, or replace the one of that id."""
        self._records.setdefault(record.kind, {})[record.record_id] = record
        self._revision += 1
        self._moments = []

    def create(self, kind: str, record_id: str, fields: Fields, at: datetime) -> None:
        """Add an object that exists from `at` on."""
        self.put(Record(kind, record_id, (Version(at, dict(fields)),)))

    def change(
        self, kind: str, record_id: str, fields: Fields, at: datetime,
        seen_from: datetime | None = None,
    ) -> None:  # fmt: skip
        """Set some fields at `at`; `seen_from` later than that is a late commit.

        Versions with later stamps stay as they are.
        """
        record = self._records[kind][record_id]
        before = [v for v in record.versions if v.since <= at] or [record.versions[0]]
        version = Version(at, {**before[-1].fields, **fields}, seen_from)
        versions = sorted((*record.versions, version), key=lambda v: v.since)
        self.put(replace(record, versions=tuple(versions)))

    def delete(self, kind: str, record_id: str, at: datetime) -> None:
        """Put into the bin at `at`."""
        self._end(kind, record_id, Fate.DELETED, at)

    def erase(self, kind: str, record_id: str, at: datetime) -> None:
        """Forget for good at `at`."""
        self._end(kind, record_id, Fate.ERASED, at)

    def merge(self, kind: str, loser_id: str, winner_id: str, at: datetime) -> None:
        """Merge the loser into the winner at `at`, which moves the winner's update stamp."""
        self.put(replace(self._end(kind, loser_id, Fate.MERGED, at), winner_id=winner_id))
        self._absorbed.setdefault((kind, winner_id), []).append((loser_id, at))
        self.change(kind, winner_id, {}, at)

    def state(self, now: datetime) -> State:
        """A name of the state at `now`: equal names mean equal states."""
        if not self._moments:
            everything = [r for kind in self._records.values() for r in kind.values()]
            seen = {v.seen_from or v.since for r in everything for v in r.versions}
            self._moments = sorted(seen | {r.ended_at for r in everything if r.ended_at})
        return self._revision, bisect_right(self._moments, now)

    def _end(self, kind: str, record_id: str, fate: Fate, at: datetime) -> Record:
        record = replace(self._records[kind][record_id], fate=fate, ended_at=at)
        self.put(record)
        return record

    def find(self, kind: str, record_id: str, now: datetime) -> Seen | None:
        """The object at `now`; None before its creation and for unknown ids."""
        record = self._records.get(kind, {}).get(record_id)
        return self._see(record, now) if record else None

    def live(self, kind: str, now: datetime) -> list[Seen]:
        """All objects that exist at `now`."""
        return [seen for seen in self._all(kind, now) if seen.fate is None]

    def ended(self, kind: str, fate: Fate, now: datetime) -> list[Seen]:
        """All objects that had ended like that by `now`."""
        return [seen for seen in self._all(kind, now) if seen.fate is fate]

    def _all(self, kind: str, now: datetime) -> list[Seen]:
        state = self.state(now)
        known = self._known.get(kind)
        if known is None or known[0] != state:
            records = self._records.get(kind, {}).values()
            known = (state, [seen for record in records if (seen := self._see(record, now))])
            self._known[kind] = known
        return known[1]

    def _see(self, record: Record, now: datetime) -> Seen | None:
        history = tuple(v for v in record.versions if v.is_seen(now))
        if not history:
            return None
        has_ended = record.ended_at is not None and record.ended_at <= now
        absorbed = self._absorbed.get((record.kind, record.record_id), ())
        return Seen(
            record.kind, record.record_id, history[-1].fields, record.versions[0].since,
            history[-1].since, history,
            record.fate if has_ended else None, record.ended_at if has_ended else None,
            record.winner_id if has_ended else "",
            tuple(loser for loser, at in absorbed if at <= now),
        )  # fmt: skip
