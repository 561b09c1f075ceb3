"""Which cohorts count, and which of their weeks are untreated, exposed or neither."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.analytics.causal.moments import Moments
from pipelines.analytics.causal.panel import Booleans, Floats, Integers

MIN_COHORT_PEOPLE = 20
MIN_PRE_WEEKS = 4
HORIZON_WEEKS = 12  # effects of later weeks are left to the event study
ANTICIPATION_WEEKS = 2
WEEKS_PER_TREND_UNIT = 10.0
CONTROL_EVENT = -(10**6)  # event week of the never exposed: before everything


@dataclass(frozen=True)
class Excluded:
    """A cohort that no estimate uses. `reason`: too_few_people, too_short_before, no_outcome."""

    onset: int
    people: int
    reason: str


@dataclass(frozen=True)
class Cells:
    """Masks over cohort rows and weeks. `event`: weeks since onset, CONTROL_EVENT for controls."""

    untreated: Booleans
    post: Booleans
    event: Integers

    @property
    def joiner(self) -> Booleans:
        """Rows of cohorts that were exposed at some time."""
        rows = np.ones(len(self.event), dtype=np.bool_)
        rows[0] = False
        return rows


def screen(moments: Moments) -> tuple[Moments, tuple[Excluded, ...]]:
    """The cohorts that are large and long enough, and those that are not."""
    excluded = []
    for row, onset in enumerate(moments.onsets, start=1):
        reason = ""
        if moments.people[row] < MIN_COHORT_PEOPLE:
            reason = "too_few_people"
        elif onset < MIN_PRE_WEEKS:
            reason = "too_short_before"
        elif moments.sums[row, :onset].sum() <= 0:
            reason = "no_outcome"
        if reason:
            excluded.append(Excluded(onset, int(moments.people[row]), reason))
    dropped = {item.onset for item in excluded}
    return moments.keep([o for o in moments.onsets if o not in dropped]), tuple(excluded)


def cells_of(moments: Moments, horizon: int = HORIZON_WEEKS) -> Cells:
    """Untreated: all weeks of the never exposed, joiners before onset. Post: 0 ≤ t − g ≤ horizon.

    A week in which nobody untreated brought anything says nothing of that week: it is left out.
    """
    weeks = np.arange(moments.weeks)
    event = np.full(moments.sums.shape, CONTROL_EVENT, dtype=np.int64)
    for row, onset in enumerate(moments.onsets, start=1):
        event[row] = weeks - onset
    untreated = event < 0
    known = (moments.sums * untreated).sum(axis=0) > 0
    return Cells(untreated & known, (event >= 0) & (event <= horizon) & known, event)


def centred_weeks(weeks: int) -> Floats:
    """τ = (t − T/2)/10: time in units of ten weeks, zero in the middle of the panel."""
    return (np.arange(weeks) - weeks / 2) / WEEKS_PER_TREND_UNIT


def trend_columns(cells: Cells, order: int, anticipation: bool = False) -> Floats:
    """J·τ^k for k = 1..order and, on demand, J·1[−2 ≤ t − g ≤ −1]: (columns, rows, weeks)."""
    tau = centred_weeks(cells.event.shape[1])
    joiner = cells.joiner[:, None]
    columns = [joiner * tau**k for k in range(1, order + 1)]
    if anticipation:
        near = (cells.event >= -ANTICIPATION_WEEKS) & (cells.event < 0)
        columns.append(near.astype(np.float64))
    return np.array(columns).reshape(len(columns), *cells.event.shape)
