"""Small readings of what vendors send, the same for every API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from pipelines.http import at

Json = dict[str, Any]
Item = TypeVar("Item")


def instant(text: Any) -> datetime | None:
    """An ISO 8601 instant, UTC; None when it cannot be read or names no zone."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def objects(rows: Any) -> list[Json]:
    """Those of some rows that are objects; none of what is no list."""
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, Iterable) else []


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Items in lists of at most `size`."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


def instant_of(row: Any, path: tuple[str, ...]) -> datetime | None:
    """The instant that stands under a path of an object."""
    return instant(at(row, path))
