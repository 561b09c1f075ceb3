"""An estimate that knows how it hangs on every cell, and hence its variance.

A person i of cohort g moves the estimate by mean_g + weights_g·(Y_i − m_g). The variance is the
sum of the squares over persons, which moments give without looking at persons again; where a trend
is fitted, what it does not fit in a cohort counts as noise of its persons too:
Σ_g weights_gᵀ C_g weights_g + n_g (mean_g² + misfit_g²), C_g = S2_g − S1_g S1_gᵀ/n_g.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.analytics.causal.moments import Moments
from pipelines.analytics.causal.normal import interval, p_value, ratio
from pipelines.analytics.causal.panel import NEVER, Floats, Integers, Panel


@dataclass(frozen=True)
class Influence:
    """`mean`, `misfit` (rows,): of every person of a cohort; `weights` (rows, weeks): of what
    persons differ from their cohort.
    """

    mean: Floats
    weights: Floats
    misfit: Floats


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error; `low`, `high`: two-sided 95 %."""

    value: float
    standard_error: float

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return interval(self.value, self.standard_error)[0]

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return interval(self.value, self.standard_error)[1]

    @property
    def statistic(self) -> float:
        """Value in standard errors."""
        return ratio(self.value, self.standard_error)

    @property
    def p(self) -> float:
        """Two-sided p of zero."""
        return p_value(self.statistic)

    @property
    def excludes_zero(self) -> bool:
        """Whether the 95 % interval lies on one side of zero."""
        return self.low > 0 or self.high < 0


def covariance(influences: Sequence[Influence], moments: Moments) -> Floats:
    """Covariance matrix of the estimates: Σ over persons of the products of their influences."""
    weights = np.array([item.weights for item in influences])  # (estimates, rows, weeks)
    means = np.array([item.mean for item in influences])
    misfits = np.array([item.misfit for item in influences])
    total: Floats = (means * moments.people) @ means.T + (misfits * moments.people) @ misfits.T
    for row, people in enumerate(moments.people):
        if people > 0:
            centred = moments.crosses[row] - np.outer(moments.sums[row], moments.sums[row]) / people
            total += weights[:, row] @ centred @ weights[:, row].T
    return total


def standard_error(influence: Influence, moments: Moments) -> float:
    """Square root of the variance of one estimate."""
    return math.sqrt(max(float(covariance([influence], moments)[0, 0]), 0.0))


def dense_standard_error(influence: Influence, moments: Moments, panel: Panel) -> float:
    """The same from persons instead of moments: what the moments route is checked against."""
    values, row = _influence_of_people(influence, moments, panel)
    misfit = influence.misfit[row[row >= 0]]
    return math.sqrt(float(values @ values + misfit @ misfit))


def _influence_of_people(
    influence: Influence, moments: Moments, panel: Panel
) -> tuple[Floats, Integers]:
    """Influence of every person (people,), 0 outside the cohorts, and the row of their cohort."""
    row_of = np.full(panel.weeks + 1, -1, dtype=np.int64)
    row_of[NEVER] = 0  # the last place
    for place, onset in enumerate(moments.onsets, start=1):
        row_of[onset] = place
    row = row_of[panel.onset]
    weight = influence.weights[row[panel.person], panel.week]
    values = np.bincount(panel.person, weight * panel.outcome, panel.people)
    means = (influence.weights * moments.sums).sum(axis=1) / np.maximum(moments.people, 1)
    return np.where(row >= 0, values + (influence.mean - means)[row], 0.0), row
