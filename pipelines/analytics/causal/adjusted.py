"""The interval that survives a differential trend, and how much trend a finding survives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pipelines.analytics.causal.cells import WEEKS_PER_TREND_UNIT, centred_weeks
from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.imputation import Imputed, trend_slope
from pipelines.analytics.causal.moments import Moments
from pipelines.analytics.causal.normal import CRITICAL, critical_under_bias


@dataclass(frozen=True)
class Adjusted:
    """`value` L_1 with its interval; `breakdown_slope`: least trend per week that undoes L_0."""

    value: float
    low: float
    high: float
    slope: Estimate
    curvature: Estimate
    breakdown_slope: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the adjusted interval lies on one side of zero."""
        return self.low > 0 or self.high < 0


def adjust(moments: Moments, fits: tuple[Imputed, Imputed, Imputed]) -> Adjusted:
    """L_1 ± cv·se_1, wide enough for the bias |c·B| that the observed curvature c would leave.

    B = Σ over joiner cells of ∂L_1/∂S · S · τ²: what a curvature of one does to L_1.
    Slope and curvature in log points per ten weeks (squared), the breakdown slope per week.
    """
    plain, linear, curved = fits
    slope = trend_slope(moments, linear.fit, 0)
    curvature = trend_slope(moments, curved.fit, 1)
    square = centred_weeks(moments.weeks) ** 2
    joined = linear.influence.weights[1:] * moments.sums[1:]
    bias = abs(curvature.value * float(np.sum(joined * square)))
    se = linear.lift.standard_error
    reach = critical_under_bias(bias / se) * se if se > 0 else math.inf
    value = linear.lift.value
    return Adjusted(
        value, value - reach, value + reach, slope, curvature, _breakdown(plain, linear, slope)
    )


def per_week(trend: Estimate) -> Estimate:
    """A slope in log points per week."""
    scale = 1 / WEEKS_PER_TREND_UNIT
    return Estimate(trend.value * scale, trend.standard_error * scale)


def _breakdown(plain: Imputed, linear: Imputed, slope: Estimate) -> float:
    """(|L_0| − 1.96 se_0)/h, h = (L_0 − L_1)/slope: log points that one of slope per week adds."""
    weekly = slope.value / WEEKS_PER_TREND_UNIT
    if weekly == 0 or plain.lift.value == linear.lift.value:
        return math.nan
    leverage = abs((plain.lift.value - linear.lift.value) / weekly)
    return (abs(plain.lift.value) - CRITICAL * plain.lift.standard_error) / leverage
