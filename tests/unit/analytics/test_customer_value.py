"""Discounted expectations week by week, and intervals against draws from the fits."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.analytics import bgnbd
from pipelines.analytics.bgnbd import Customers
from pipelines.analytics.customer_value import discounted_purchases, with_log_error
from pipelines.analytics.likelihood import Fit

PARAMETERS = np.array([0.243, 4.414, 0.793, 2.426])
PEOPLE = Customers(
    np.array([0.0, 1.0, 5.0, 20.0]),
    np.array([0.0, 3.0, 30.0, 35.0]),
    np.array([38.0, 39.0, 39.0, 36.0]),
    np.ones(4),
)


def test_discounted_purchases_when_summed_week_by_week_then_they_are_the_same():
    total, before = np.zeros(4), np.zeros(4)
    for week in range(1, 105):
        until = bgnbd.expected_purchases(PARAMETERS, PEOPLE, float(week))
        total += (until - before) / 1.1 ** (week / 52)
        before = until
    found = discounted_purchases(PARAMETERS, PEOPLE, 104, 0.1)
    assert found == pytest.approx(total, rel=1e-7)


def test_discounted_purchases_when_nothing_is_discounted_then_they_are_the_expectation():
    found = discounted_purchases(PARAMETERS, PEOPLE, 104, 0.0)
    assert found == pytest.approx(bgnbd.expected_purchases(PARAMETERS, PEOPLE, 104.0), rel=1e-7)


def test_log_error_when_compared_with_draws_then_it_is_their_spread():
    errors = np.array([0.01, 0.05, 0.02, 0.03])  # of the logarithms
    covariance = np.diag((PARAMETERS * errors) ** 2)
    fit = Fit(PARAMETERS, covariance, 0.0, 1, is_converged=True)

    def value(parameters):
        return discounted_purchases(parameters, PEOPLE, 104, 0.1)

    centre, error = with_log_error(fit, value)
    random = np.random.default_rng(1)
    drawn = [
        np.log(value(PARAMETERS * np.exp(errors * random.standard_normal(4)))) for _ in range(1500)
    ]
    assert centre == pytest.approx(value(PARAMETERS), rel=1e-12)
    assert error == pytest.approx(np.std(drawn, axis=0), rel=0.08)
