"""The threads that an account began, joined, or is mentioned in; each is read once per run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.http import Answer, Ok, Request, at
from pipelines.sources.mastodon_shapes import (
    author_of,
    id_of,
    is_open,
    open_statuses,
    parent_of,
    person,
    shown,
)
from pipelines.sources.reading import Page, Reading


@dataclass
class Threads:
    """What a run knows of threads. `brand`: ids of all its accounts. `roots`: own statuses that
    begin a thread with replies. `seeds`: statuses whose thread is to be read, and what they answer.
    `root_of`: first status of the thread, by status; one that is gone still names its thread.
    """

    reading: Reading
    account: str
    brand: frozenset[str]
    roots: list[str] = field(default_factory=list)
    seeds: dict[str, str] = field(default_factory=dict)
    root_of: dict[str, str] = field(default_factory=dict)

    def note(self, statuses: Iterable[Any]) -> None:
        """Look at statuses that were listed: which threads are they of?"""
        for status in statuses:
            if not is_open(status):
                continue
            if parent_of(status):
                self.seeds[id_of(status)] = parent_of(status)
            elif status.get("replies_count"):
                is_own = author_of(status) in self.brand
                (self.roots.append if is_own else self._foreign_root)(id_of(status))

    def _foreign_root(self, status_id: str) -> None:
        self.seeds[status_id] = ""

    def pages(self, statuses: Sequence[Any], *, is_own: bool | None = None) -> Iterator[Page]:
        """Statuses as they land, and who wrote them. `is_own`: only those of the brand, or of
        others.
        """
        rows = [
            shown(status, self.brand)
            for status in open_statuses(statuses)
            if is_own is None or (author_of(status) in self.brand) is is_own
        ]
        yield Page(rows, self.account)
        domain = self.reading.config.domain
        others = (row for row in rows if is_open(row) and author_of(row) not in self.brand | {""})
        people = [person(row["account"], domain) for row in others]
        yield Page(people, self.account, resource="profiles")

    def below_own(self) -> Iterator[Page]:
        """The threads that the account began."""
        requests = (_context(status_id) for status_id in self.roots)
        for root, answer in zip(self.roots, self.reading.many(requests), strict=True):
            yield from self._members(root, answer)

    def around_seeds(self) -> Iterator[Page]:
        """The whole threads of all seeds that were in none of those read before."""
        for status_id, parent in self.seeds.items():
            if status_id in self.root_of:
                continue
            answer = self.reading.fetch(_context(status_id))
            above = _listed(answer, "ancestors")
            root = (parent_of(above[0]) or id_of(above[0])) if above else parent or status_id
            yield from self._members(root, answer, status_id)
            if root != status_id:
                yield from self._members(root, self.reading.fetch(_context(root)))

    def _members(self, root: str, answer: Answer, asked: str = "") -> Iterator[Page]:
        """All in one answer. `asked`: of which status, where it is not the first one."""
        found = (
            [*_listed(answer, "ancestors"), *answer.rows] if isinstance(answer.outcome, Ok) else []
        )
        yield from self.pages(found, is_own=False)
        members = {id_of(status) for status in found if is_open(status)} | {asked} - {""}
        self.root_of |= dict.fromkeys(members, root)
        rows = [{"status_id": i, "root_id": root} for i in sorted(members) if i != root]
        yield Page(rows, self.account, resource="threads")


def _context(status_id: str) -> Request:
    return Request(
        "statuses", "/api/v1/statuses/{id}/context", {"id": status_id}, rows_path=("descendants",),
        object_id=status_id,
    )  # fmt: skip


def _listed(answer: Answer, name: str) -> list[Any]:
    found = at(answer.payload, (name,)) if isinstance(answer.outcome, Ok) else None
    return found if isinstance(found, list) else []
