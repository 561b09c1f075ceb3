"""The normal distribution as the estimators use it."""

from __future__ import annotations

import math
from statistics import NormalDist

STANDARD = NormalDist()
COVERAGE = 0.95
CRITICAL = STANDARD.inv_cdf(0.5 + COVERAGE / 2)  # 1.96: two-sided 95 %
POWER_FACTOR = 2.8  # standard errors: 80 % power at 5 %, (1.96 + .84)
_BISECTIONS = 60


def p_value(statistic: float) -> float:
    """Two-sided p of a standard normal statistic."""
    return math.erfc(abs(statistic) / math.sqrt(2.0))


def ratio(estimate: float, standard_error: float) -> float:
    """Estimate in standard errors; NaN where there is no standard error."""
    return estimate / standard_error if standard_error > 0 else math.nan


def interval(estimate: float, standard_error: float) -> tuple[float, float]:
    """Two-sided 95 % normal interval."""
    reach = CRITICAL * standard_error
    return estimate - reach, estimate + reach


def critical_under_bias(bias_ratio: float) -> float:
    """cv with P(|Z + w| ≤ cv) = .95: the critical value when the bias is at most w errors.

    Φ(cv − w) − Φ(−cv − w) = .95 (Donoho 1994; Armstrong and Kolesár 2018).
    """
    bias = abs(bias_ratio)
    if math.isinf(bias) or math.isnan(bias):
        return math.inf
    low, high = 0.0, bias + 4.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        covered = STANDARD.cdf(middle - bias) - STANDARD.cdf(-middle - bias)
        low, high = (middle, high) if covered < COVERAGE else (low, middle)
    return (low + high) / 2
