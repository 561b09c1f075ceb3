"""Sums and cross-products by cohort: all that the estimators need to know of people.

For any weights q over weeks, Σ_i q·Y_i and Σ_i (q·Y_i)² of a cohort are q·sums and qᵀ crosses q.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from pipelines.analytics.causal.panel import NEVER, Floats, Integers, Panel

BLOCK_PEOPLE = 8192  # a block of 52 weeks stays within the cache of a processor


@dataclass(frozen=True)
class Moments:
    """Row 0 is the never exposed, row k the cohort whose exposure began in week `onsets[k - 1]`.

    `people` (rows,): persons; `sums` (rows, weeks): outcomes; `crosses` (rows, weeks, weeks).
    """

    onsets: tuple[int, ...]
    people: Floats
    sums: Floats
    crosses: Floats

    @property
    def weeks(self) -> int:
        """Weeks of the panel."""
        return int(self.sums.shape[1])

    def keep(self, onsets: Collection[int]) -> Moments:
        """Only these cohorts, beside the never exposed."""
        rows = [0, *(1 + k for k, onset in enumerate(self.onsets) if onset in onsets)]
        kept = tuple(self.onsets[row - 1] for row in rows[1:])
        return Moments(kept, self.people[rows], self.sums[rows], self.crosses[rows])

    def __add__(self, other: Moments) -> Moments:
        """Moments of both groups of people together; they must share no person."""
        onsets = tuple(sorted({*self.onsets, *other.onsets}))
        a, b = self._on(onsets), other._on(onsets)
        return Moments(onsets, a.people + b.people, a.sums + b.sums, a.crosses + b.crosses)

    def _on(self, onsets: tuple[int, ...]) -> Moments:
        places = [0, *(1 + onsets.index(onset) for onset in self.onsets)]
        weeks, rows = self.weeks, len(onsets) + 1
        people, sums = np.zeros(rows), np.zeros((rows, weeks))
        crosses = np.zeros((rows, weeks, weeks))
        people[places], sums[places], crosses[places] = self.people, self.sums, self.crosses
        return Moments(onsets, people, sums, crosses)


def moments_of(panel: Panel) -> Moments:
    """Moments in one pass over the rows, block by block of people of one cohort.

    Outcomes in whole minor units give exact sums whatever the order of rows.
    """
    onsets, cohort = np.unique(panel.onset, return_inverse=True)
    has_never = len(onsets) > 0 and onsets[0] == NEVER
    row = cohort.astype(np.int64) + (0 if has_never else 1)
    rows = len(onsets) + (0 if has_never else 1)
    people = np.bincount(row, minlength=rows).astype(np.float64)
    sums = np.zeros((rows, panel.weeks))
    crosses = np.zeros((rows, panel.weeks, panel.weeks))
    place, starts = _places(row, people)
    for block, flat, outcome in _blocks(panel, place, int(starts[-1])):
        first = block * BLOCK_PEOPLE
        size = min(BLOCK_PEOPLE, panel.people - first) * panel.weeks
        dense = np.bincount(flat - first * panel.weeks, outcome, size).reshape(-1, panel.weeks)
        begin, end = np.searchsorted(starts, [first, first + BLOCK_PEOPLE - 1], side="right") - 1
        for k in range(begin, min(end, rows - 1) + 1):
            low, high = max(starts[k] - first, 0), min(starts[k + 1] - first, BLOCK_PEOPLE)
            part = dense[low:high]
            sums[k] += part.sum(axis=0)
            crosses[k] += part.T @ part
    joined = onsets[1:] if has_never else onsets
    return Moments(tuple(int(onset) for onset in joined), people, sums, crosses)


def _places(row: Integers, people: Floats) -> tuple[Integers, Integers]:
    """Place of every person when sorted by cohort, and where each cohort begins."""
    place = np.empty(len(row), dtype=np.int64)
    place[np.argsort(row, kind="stable")] = np.arange(len(row))
    return place, np.concatenate([[0], np.cumsum(people)]).astype(np.int64)


def _blocks(panel: Panel, place: Integers, people: int) -> list[tuple[int, Integers, Floats]]:
    """Rows by block of places: block number, place × weeks + week, outcome."""
    at = place[panel.person]
    if people <= BLOCK_PEOPLE:
        return [(0, at * panel.weeks + panel.week, panel.outcome)]
    block = (at // BLOCK_PEOPLE).astype(np.uint16)  # sixteen bits: sorted by radix
    order = np.argsort(block, kind="stable")
    flat = (at * panel.weeks + panel.week)[order]
    outcome = panel.outcome[order]
    count = people // BLOCK_PEOPLE + 1
    ends = np.cumsum(np.bincount(block, minlength=count))
    starts = np.concatenate([[0], ends[:-1]])
    return [
        (number, flat[start:end], outcome[start:end])
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
        if end > start
    ]


def moments_from_rows(
    cohort: Integers, week_a: Integers, week_b: Integers, outcome_sum: Floats, cross_sum: Floats,
    people: dict[int, int], weeks: int,
) -> Moments:  # fmt: skip
    """Moments from the rows of `roi_moments`: one per cohort (NEVER or onset) and pair of weeks.

    `outcome_sum` counts on rows with week_a = week_b only; pairs stand once, in either order.
    `people`: persons per cohort, those without any outcome included.
    """
    onsets = tuple(sorted(onset for onset in people if onset != NEVER))
    place = {NEVER: 0} | {onset: k for k, onset in enumerate(onsets, start=1)}
    row = np.array([place[int(onset)] for onset in cohort], dtype=np.int64)
    sums = np.zeros((len(place), weeks))
    crosses = np.zeros((len(place), weeks, weeks))
    same = week_a == week_b
    np.add.at(sums, (row[same], week_a[same]), outcome_sum[same])
    np.add.at(crosses, (row, week_a, week_b), cross_sum)
    np.add.at(crosses, (row[~same], week_b[~same], week_a[~same]), cross_sum[~same])
    counts = np.array([float(people.get(onset, 0)) for onset in place])
    return Moments(onsets, counts, sums, crosses)
