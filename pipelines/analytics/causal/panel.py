"""A panel of people by weeks: who was exposed since when, and what every week brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import ExitCode, RorError

Floats = npt.NDArray[Any]  # float64; the stubs of numpy lose that in arithmetic
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

NEVER = -1  # onset of a person who was never exposed


@dataclass(frozen=True)
class Panel:
    """Balanced: every person is observable in all weeks 0..weeks-1; what has no row is zero.

    `onset` (people,): first week of the exposure or NEVER. `person`, `week`, `outcome` (rows,):
    the outcomes that are not zero, in minor units where they are money; several rows of one person
    and week add up.
    """

    weeks: int
    onset: Integers
    person: Integers
    week: Integers
    outcome: Floats

    def __post_init__(self) -> None:
        _refuse_unless(
            len(self.person) == len(self.week) == len(self.outcome),
            "person, week and outcome differ in length",
        )
        _refuse_unless(_within(self.onset, NEVER, self.weeks), "an onset lies outside the weeks")
        _refuse_unless(_within(self.week, 0, self.weeks), "an outcome lies outside the weeks")
        _refuse_unless(_within(self.person, 0, self.people), "an outcome of an unknown person")
        _refuse_unless(bool(np.isfinite(self.outcome).all()), "an outcome is not a finite number")

    @property
    def people(self) -> int:
        """Persons in the panel, those without any outcome included."""
        return len(self.onset)

    def with_onset(self, onset: Integers) -> Panel:
        """The same outcomes under other onsets."""
        return Panel(self.weeks, onset, self.person, self.week, self.outcome)

    def of_people(self, chosen: Booleans) -> Panel:
        """The panel of some people, in the same order."""
        place = np.cumsum(chosen) - 1
        rows = chosen[self.person]
        return Panel(
            self.weeks, self.onset[chosen], place[self.person[rows]],
            self.week[rows], self.outcome[rows],
        )  # fmt: skip

    def dense(self) -> Floats:
        """Outcomes (people, weeks)."""
        flat = self.person * self.weeks + self.week
        total = np.bincount(flat, self.outcome, self.people * self.weeks)
        return total.reshape(self.people, self.weeks)


def panel_from_tables(people: pa.Table, outcomes: pa.Table, weeks: int) -> Panel:
    """A panel from Arrow tables, whatever the order of their rows: people are sorted by their id.

    `people`: person_id, onset_week_index (NULL = never). `outcomes`: person_id, week_index, outcome
    (NULL = not observed, refused). Raises RorError 65 for unknown people, doubles and NULL.
    """
    ids = people["person_id"].combine_chunks()
    order = pc.sort_indices(ids)
    ids = ids.take(order)
    _refuse_unless(len(pc.unique(ids)) == len(ids), "a person stands twice in the cohorts")
    person = pc.index_in(outcomes["person_id"].combine_chunks(), value_set=ids)
    _refuse_unless(person.null_count == 0, "an outcome of a person without a cohort")
    _refuse_unless(outcomes["outcome"].null_count == 0, "an outcome is NULL, which is not zero")
    onset = pc.fill_null(people["onset_week_index"].combine_chunks().take(order), NEVER)
    week = _numpy(outcomes["week_index"], np.int64)
    rows = np.lexsort((week, _numpy(person, np.int64)))
    return Panel(
        weeks, _numpy(onset, np.int64), _numpy(person, np.int64)[rows], week[rows],
        _numpy(outcomes["outcome"], np.float64)[rows],
    )  # fmt: skip


def _numpy(column: Any, dtype: type[Any]) -> Any:
    return column.to_numpy(zero_copy_only=False).astype(dtype) if isinstance(
        column, pa.Array
    ) else column.to_numpy().astype(dtype)  # fmt: skip


def _within(values: Integers, low: int, high: int) -> bool:
    return len(values) == 0 or (int(values.min()) >= low and int(values.max()) < high)


def _refuse_unless(holds: bool, why: str) -> None:
    if not holds:
        raise RorError(
            "estimate", "panel", why, "rebuild people_weekly and roi_cohorts", ExitCode.DATA_REFUSED
        )
