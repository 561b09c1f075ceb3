"""What relationship work returned beyond its cost, and since when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.normal import CRITICAL

DEFAULT_MINUTES_SPREAD = 0.30  # default minutes are right to ± 30 %, read as a 95 % interval


@dataclass(frozen=True)
class Cost:
    """Of relationship work, minor units; `default_minor`: the part on default minutes."""

    amount_minor: int
    default_minor: int = 0

    @property
    def standard_error(self) -> float:
        """Uncertainty of the default minutes, minor units."""
        return abs(self.default_minor) * DEFAULT_MINUTES_SPREAD / CRITICAL


@dataclass(frozen=True)
class Roi:
    """`incremental` margin in minor units; `roi`: (margin − cost)/cost, None without a cost.

    `payback_weeks`: weeks until cumulative margin covers cumulative cost, None if it never does.
    """

    incremental: Estimate
    roi: Estimate | None
    payback_weeks: int | None


def summarise(
    effect: Estimate, person_weeks: Sequence[float], weekly_cost_minor: Sequence[int], cost: Cost
) -> Roi:
    """ROI of a period from the effect per exposed person-week, minor units.

    `person_weeks`, `weekly_cost_minor`: exposed person-weeks and cost by week, oldest first.
    Interval by the delta method: Var(M/C) = Var M/C² + M² Var C/C⁴.
    """
    total = float(sum(person_weeks))
    margin = Estimate(effect.value * total, effect.standard_error * total)
    return Roi(margin, _ratio(margin, cost), payback(effect.value, person_weeks, weekly_cost_minor))


def _ratio(margin: Estimate, cost: Cost) -> Estimate | None:
    if cost.amount_minor <= 0:
        return None
    amount = float(cost.amount_minor)
    spread = math.hypot(
        margin.standard_error / amount, margin.value * cost.standard_error / amount**2
    )
    return Estimate(margin.value / amount - 1, spread)


def payback(
    effect: float, person_weeks: Sequence[float], weekly_cost_minor: Sequence[int]
) -> int | None:
    """Number of the first week in which cumulative margin covers cumulative cost."""
    gained, spent = 0.0, 0
    for number, (weeks, cost) in enumerate(
        zip(person_weeks, weekly_cost_minor, strict=True), start=1
    ):
        gained += effect * weeks
        spent += cost
        if spent > 0 and gained >= spent:
            return number
    return None
