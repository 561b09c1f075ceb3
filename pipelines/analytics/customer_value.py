"""What customers are expected to be worth: BG/NBD times Gamma-Gamma, discounted by the week.

Sum over weeks w of (purchases expected in week w) / (1 + d)^(w / 52), times the value of one.
Expected purchases are smooth in time, so the sum is taken exactly over a polynomial through a few
Chebyshev points instead of one hypergeometric function a week.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial import chebyshev

from pipelines.analytics import bgnbd
from pipelines.analytics.bgnbd import Customers
from pipelines.analytics.likelihood import Fit
from pipelines.analytics.paths import Floats

WEEKS_PER_YEAR = 52
NODES = 12  # error of the discounted sum below 1e-7 of it
RELATIVE_STEP = 1e-4  # of the slopes behind the interval
LARGEST_EXPONENT = 50.0  # an error of e^50 says that nothing is known


def discounted_purchases(
    parameters: Floats, customers: Customers, weeks: int, annual_discount: float
) -> Floats:
    """Purchases expected in the next `weeks`, each counted at its week's discount."""
    ends = np.arange(1, weeks + 1)
    factor = (1 + annual_discount) ** (-ends / WEEKS_PER_YEAR)
    # Sum of (E(w) - E(w - 1)) f(w), gathered by E(w); E(0) = 0.
    of_week = factor - np.append(factor[1:], 0.0)
    nodes = chebyshev.chebpts1(NODES)
    terms = np.linalg.inv(chebyshev.chebvander(nodes, NODES - 1))
    of_node = of_week @ chebyshev.chebvander(2 * ends / weeks - 1, NODES - 1) @ terms
    total = np.zeros(len(customers.frequency))
    for share, node in zip(of_node, nodes, strict=True):
        time = float((node + 1) / 2 * weeks)
        total += share * bgnbd.expected_purchases(parameters, customers, time)
    return total


def with_log_error(fit: Fit, value: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
    """Values at the fitted parameters, and the standard error of their logarithms.

    To first order in the uncertainty of the parameters' logarithms: what draws from the fit's
    normal distribution give, without their noise. Errors of fits that share no parameter add up in
    squares. It is the error of an expectation; a single customer varies far more.
    """
    point = np.log(fit.parameters)

    def logarithm(logs: Floats) -> Floats:
        # Below e^-50 a value is 0 to any unit of money.
        found: Floats = np.log(np.maximum(value(np.exp(logs)), np.exp(-LARGEST_EXPONENT)))
        return found

    covariance = fit.covariance / np.outer(fit.parameters, fit.parameters)
    slopes = []
    for place in range(len(point)):
        step = np.zeros(len(point))
        step[place] = RELATIVE_STEP
        slopes.append((logarithm(point + step) - logarithm(point - step)) / (2 * RELATIVE_STEP))
    slope = np.array(slopes)
    error = np.sqrt(np.maximum(0.0, np.einsum("ic,ij,jc->c", slope, covariance, slope)))
    return value(fit.parameters), np.minimum(error, LARGEST_EXPONENT)
