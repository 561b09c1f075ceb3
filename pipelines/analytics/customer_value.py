"""What customers are expected to be worth: BG/NBD times Gamma-Gamma, discounted by the week.

Sum over weeks w of (purchases expected in week w) / (1 + d)^(w / 52), times the value of one.
Expected purchases are smooth in time, so the sum is taken exactly over a polynomial through a few
Chebyshev points instead of one hypergeometric function a week.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.polynomial import chebyshev

from pipelines.analytics import bgnbd, gamma_gamma
from pipelines.analytics.bgnbd import Customers
from pipelines.analytics.likelihood import Fit
from pipelines.analytics.paths import Floats

WEEKS_PER_YEAR = 52
NODES = 12  # error of the discounted sum below 1e-7 of it
RELATIVE_STEP = 1e-4  # of the slopes behind the interval
Z_95 = 1.959963984540054
LARGEST_EXPONENT = 50.0  # an interval wider than e^50 says that nothing is known


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


def value_with_interval(
    purchases: Fit, spending: Fit, value: Callable[[Floats, Floats], Floats]
) -> tuple[Floats, Floats, Floats]:
    """Value and its 95 % interval from the uncertainty of both fits' parameters.

    `value` takes the parameters of both. The interval is that of the logarithm to first order: it
    is what draws from the fits' normal distributions give, without their noise, and never below 0.
    It is an interval of the expectation; a single customer varies far more.
    """
    point = np.log(np.concatenate([purchases.parameters, spending.parameters]))
    split = len(purchases.parameters)

    def logarithm(logs: Floats) -> Floats:
        parameters = np.exp(logs)
        # Beyond e^-50 a value is 0 to any unit of money.
        return np.log(np.maximum(value(parameters[:split], parameters[split:]), 1e-22))

    covariance = np.zeros((len(point), len(point)))
    covariance[:split, :split] = purchases.covariance
    covariance[split:, split:] = spending.covariance
    scale = np.exp(point)
    covariance = covariance / np.outer(scale, scale)
    slopes = []
    for place in range(len(point)):
        step = np.zeros(len(point))
        step[place] = RELATIVE_STEP
        slopes.append((logarithm(point + step) - logarithm(point - step)) / (2 * RELATIVE_STEP))
    slope = np.array(slopes)
    error = np.sqrt(np.maximum(0.0, np.einsum("ic,ij,jc->c", slope, covariance, slope)))
    error = np.minimum(Z_95 * error, LARGEST_EXPONENT)
    centre = np.exp(logarithm(point))
    return centre, centre * np.exp(-error), centre * np.exp(error)


def spending_value(parameters: Floats, frequency: Floats, mean_value: Floats) -> Floats:
    """Gamma-Gamma's value of one purchase; 0 repeat purchases count with the mean of all."""
    return gamma_gamma.expected_value(parameters, frequency, mean_value)
