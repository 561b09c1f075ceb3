"""BG/NBD: how many purchases to expect of customers who never say that they leave.

Fader, Hardie, Lee (2005), https://doi.org/10.1287/mksc.1040.0098
Times are weeks; x repeat purchases, t_x from the first to the last purchase, T from the first to
the end of observation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln, hyp2f1

from pipelines.analytics.likelihood import Fit, maximise
from pipelines.analytics.paths import Floats

LONGEST_AGE = 10.0  # ages are scaled to at most this while fitting
STARTS = (np.array([0.5, 1.0, 0.5, 2.0]), np.array([1.0, 5.0, 1.0, 1.0]))
SINGULAR = 1e-6  # E[purchases] has a removable singularity at a = 1


@dataclass(frozen=True)
class Customers:
    """Distinct histories and how many customers have each."""

    frequency: Floats
    recency: Floats
    age: Floats
    count: Floats


def fit(customers: Customers) -> Fit:
    """Parameters r, alpha (weeks), a, b."""
    scale = LONGEST_AGE / max(float(customers.age.max(initial=0.0)), LONGEST_AGE)
    scaled = Customers(
        customers.frequency, customers.recency * scale, customers.age * scale, customers.count
    )
    found = maximise(_Likelihood(scaled), STARTS)
    # Rates per scaled week become rates per week: alpha and its errors stretch, so does density.
    unit = np.array([1.0, 1 / scale, 1.0, 1.0])
    shift = float((customers.count * customers.frequency).sum()) * np.log(scale)
    return Fit(
        found.parameters * unit,
        found.covariance * np.outer(unit, unit),
        found.log_likelihood + shift,
        found.iteration_count,
        found.is_converged,
    )


class _Likelihood:
    """Log-likelihood and slope; what depends on x alone is computed once per distinct x."""

    def __init__(self, customers: Customers) -> None:
        self.c = customers
        self.x, self.place = np.unique(customers.frequency, return_inverse=True)
        self.of_x = np.bincount(self.place, customers.count)
        self.is_repeat = customers.frequency > 0

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = parameters
        c, x = self.c, self.x
        by_x = (
            gammaln(r + x) - gammaln(r) + r * np.log(alpha)
            + gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        )  # fmt: skip
        alive, gone = _log_terms(parameters, c)
        both = np.logaddexp(alive, gone)
        p_alive, p_gone = c.count * np.exp(alive - both), c.count * np.exp(gone - both)
        value = float((self.of_x * by_x).sum() + (c.count * both).sum())
        order = r + c.frequency
        of_b = p_gone[self.is_repeat] / (b + c.frequency[self.is_repeat] - 1)
        base = digamma(a + b) - digamma(a + b + x)
        slope = np.array(
            [
                (self.of_x * (digamma(r + x) - digamma(r) + np.log(alpha))).sum()
                - (p_alive * np.log(alpha + c.age) + p_gone * np.log(alpha + c.recency)).sum(),
                self.of_x.sum() * r / alpha
                - (order * (p_alive / (alpha + c.age) + p_gone / (alpha + c.recency))).sum(),
                (self.of_x * base).sum() + p_gone.sum() / a,
                (self.of_x * (base + digamma(b + x) - digamma(b))).sum() - of_b.sum(),
            ]
        )
        return value, slope


def _log_terms(parameters: Floats, customers: Customers) -> tuple[Floats, Floats]:
    """Logarithms of the two terms of the likelihood: still alive, gone after the last purchase."""
    r, alpha, a, b = parameters
    x = customers.frequency
    alive = -(r + x) * np.log(alpha + customers.age)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(a) - np.log(b + x - 1)
    gone = np.where(x > 0, odds - (r + x) * np.log(alpha + customers.recency), -np.inf)
    return alive, gone


def log_likelihood(parameters: Floats, customers: Customers) -> float:
    """Log-likelihood of the customers."""
    return _Likelihood(customers)(parameters)[0]


def alive_probability(parameters: Floats, customers: Customers) -> Floats:
    """P(alive) of each history; 1 by construction where x = 0."""
    alive, gone = _log_terms(parameters, customers)
    chance: Floats = np.exp(alive - np.logaddexp(alive, gone))
    return chance


def expected_purchases(parameters: Floats, customers: Customers, weeks: float) -> Floats:
    """Purchases expected of each history in the `weeks` after its age."""
    if abs(parameters[2] - 1) < SINGULAR:
        sides = [parameters + np.array([0, 0, s, 0]) for s in (-2 * SINGULAR, 2 * SINGULAR)]
        pair = [expected_purchases(side, customers, weeks) for side in sides]
        return (pair[0] + pair[1]) / 2
    r, alpha, a, b = parameters
    x, age = customers.frequency, customers.age
    later = alpha + age + weeks
    series = hyp2f1(r + x, b + x, a + b + x - 1, weeks / later)
    growth = 1 - np.exp((r + x) * (np.log(alpha + age) - np.log(later))) * series
    purchases: Floats = (a + b + x - 1) / (a - 1) * growth
    return purchases * alive_probability(parameters, customers)
