"""Paths of touches as flat arrays: what the solves read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Paths:
    """Distinct paths with their counts; path `i` is `codes[offsets[i]:offsets[i + 1]]`.

    `codes`: channel numbers 0 .. `channel_count` - 1. `values`: what all conversions of the path
    are worth, any unit; `squares`: sum of the squared values of its conversions, that unit squared.
    A path without a touch takes part in nothing.
    """

    codes: Integers
    offsets: Integers
    conversions: Floats
    nulls: Floats
    values: Floats
    squares: Floats
    channel_count: int

    def __len__(self) -> int:
        return len(self.conversions)

    @property
    def lengths(self) -> Integers:
        """Touches of each path."""
        return np.diff(self.offsets)

    def weighted(self, conversions: Floats, nulls: Floats, values: Floats) -> Paths:
        """The same paths with other counts."""
        return replace(self, conversions=conversions, nulls=nulls, values=values)

    def touched(self) -> Paths:
        """Only the paths that have a touch."""
        has_touch = self.lengths > 0
        return Paths(
            self.codes,
            np.concatenate([[0], np.cumsum(self.lengths[has_touch])]),
            self.conversions[has_touch],
            self.nulls[has_touch],
            self.values[has_touch],
            self.squares[has_touch],
            self.channel_count,
        )


def paths_of_lists(
    paths: Iterable[Sequence[int]],
    conversions: Sequence[float],
    nulls: Sequence[float],
    values: Sequence[float],
    channel_count: int,
    squares: Sequence[float] | None = None,
) -> Paths:
    """Paths from Python lists; without `squares` every conversion of a path is worth the same."""
    listed = list(paths)
    flat = [code for path in listed for code in path]
    counts, totals = np.asarray(conversions, float), np.asarray(values, float)
    even = np.divide(totals**2, counts, out=np.zeros(len(counts)), where=counts > 0)
    return Paths(
        np.asarray(flat, np.int64),
        np.concatenate([[0], np.cumsum([len(path) for path in listed])]).astype(np.int64),
        counts,
        np.asarray(nulls, float),
        totals,
        even if squares is None else np.asarray(squares, float),
        channel_count,
    )


def paths_of_arrow(table: pa.Table, channel_count: int) -> Paths:
    """Paths from columns path (list of integers), conversion_count, null_count, value_minor and
    value_squared_sum.
    """
    column = table.column("path").combine_chunks()
    lists = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    lengths = np.asarray(lists.value_lengths().fill_null(0)).astype(np.int64)
    return Paths(
        np.asarray(lists.flatten()).astype(np.int64, copy=False),
        np.concatenate([[0], np.cumsum(lengths)]),
        _floats(table, "conversion_count"),
        _floats(table, "null_count"),
        _floats(table, "value_minor"),
        _floats(table, "value_squared_sum"),
        channel_count,
    )


def summed(places: Integers, amounts: Floats, size: int) -> Floats:
    """Sum of the amounts at each place, 0 where there are none."""
    return np.bincount(places, amounts, size).astype(np.float64, copy=False)


def _floats(table: pa.Table, name: str) -> Floats:
    # Cast by Arrow: sums of whole numbers come as decimals, which numpy would hold as objects.
    return np.asarray(table.column(name).cast(pa.float64()))
