"""Gamma-Gamma: the mean value of a customer's purchases, drawn towards that of all.

Fader, Hardie (2013), The Gamma-Gamma model of monetary value, brucehardie.com/notes/025
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from pipelines.analytics.likelihood import Fit, maximise
from pipelines.analytics.paths import Floats

STARTS = (np.array([2.0, 2.0, 1.0]), np.array([6.0, 4.0, 1.0]))
LARGEST_CORRELATION = 0.3  # the model supposes that value does not depend on frequency


@dataclass(frozen=True)
class Spending:
    """Repeat customers: x repeat purchases > 0 of mean value m > 0, and how many customers."""

    frequency: Floats
    mean_value: Floats
    count: Floats


def correlation(spending: Spending) -> float:
    """Pearson correlation of frequency and mean value; 0 where one of them does not vary."""
    moments = np.cov(spending.frequency, spending.mean_value, fweights=spending.count.astype(int))
    scale = np.sqrt(moments[0, 0] * moments[1, 1])
    return float(moments[0, 1] / scale) if scale > 0 else 0.0


def fit(spending: Spending) -> Fit:
    """Parameters p, q and v; v in the unit of the values."""
    scale = float(np.average(spending.mean_value, weights=spending.count))
    scaled = Spending(spending.frequency, spending.mean_value / scale, spending.count)
    found = maximise(lambda point: _likelihood(point, scaled), STARTS)
    unit = np.array([1.0, 1.0, scale])
    return Fit(
        found.parameters * unit,
        found.covariance * np.outer(unit, unit),
        found.log_likelihood - float(spending.count.sum()) * np.log(scale),
        found.iteration_count,
        found.is_converged,
    )


def log_likelihood(parameters: Floats, spending: Spending) -> float:
    """Log-likelihood of the mean values."""
    return _likelihood(parameters, spending)[0]


def expected_value(parameters: Floats, frequency: Floats, mean_value: Floats) -> Floats:
    """Value expected of one purchase; of a customer without a repeat purchase that of all."""
    p, q, v = parameters
    value: Floats = (v + frequency * mean_value) * p / (p * frequency + q - 1)
    return value


def _likelihood(parameters: Floats, spending: Spending) -> tuple[float, Floats]:
    p, q, v = parameters
    x, m, count = spending.frequency, spending.mean_value, spending.count
    total = np.log(x * m + v)
    each = (
        gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        + (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * total
    )  # fmt: skip
    common = digamma(p * x + q)
    slope = np.array(
        [
            (count * x * (common - digamma(p * x) + np.log(m) + np.log(x) - total)).sum(),
            (count * (common - digamma(q) + np.log(v) - total)).sum(),
            (count * (q / v - (p * x + q) / (x * m + v))).sum(),
        ]
    )
    return float((count * each).sum()), slope
