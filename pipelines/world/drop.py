"""One file of the demo's inbox, with what must come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.world.dialects import Row


@dataclass(frozen=True)
class DropFile:
    """A file for `drop/<feed>/` and the truth about it.

    `records`: in the file,
    mistakes included. `rejected`: mistakes. `rows`: good rows of the contract entity (which
    has the feed's name). `keys`: the distinct keys among them.
    """

    feed: str
    name: str
    content: bytes
    records: int
    rejected: int
    rows: int
    keys: frozenset[tuple[str, ...]]


def drop_file(
    feed: str,
    name: str,
    content: bytes,
    good: Sequence[Row],
    key: tuple[str, ...],
    *,
    rejected: int = 0,
    rows_per_record: int = 1,
) -> DropFile:
    """Count a file's good records; `rows_per_record`: values that one record holds."""
    records = {tuple(str(row[column]) for column in key) for row in good}
    keys = (
        records
        if rows_per_record == 1
        else {(*record, str(index)) for record in records for index in range(rows_per_record)}
    )
    return DropFile(
        feed,
        name,
        content,
        len(good) + rejected,
        rejected,
        len(good) * rows_per_record,
        frozenset(keys),
    )
