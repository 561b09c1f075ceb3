"""BG/NBD and Gamma-Gamma: planted parameters, slopes, and expectations against simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad

from pipelines.analytics import bgnbd, gamma_gamma
from pipelines.analytics.bgnbd import Customers
from pipelines.analytics.gamma_gamma import Spending

TRUE = np.array([0.243, 4.414, 0.793, 2.426])


def customers(*rows, count=1.0) -> Customers:
    x, recency, age = np.array(rows, float).T
    return Customers(x, recency, age, np.full(len(rows), count))


def simulated(size: int, seed: int, age: float = 39.0, after: float = 0.0):
    """Histories of customers drawn from the model, and purchases in the time after."""
    random = np.random.default_rng(seed)
    rates = random.gamma(TRUE[0], 1 / TRUE[1], size)
    leaves = random.beta(TRUE[2], TRUE[3], size)
    x, last, clock, later = (np.zeros(size) for _ in range(4))
    active = np.arange(size)
    while len(active):
        clock[active] += random.exponential(1 / np.maximum(rates[active], 1e-12))
        active = active[clock[active] < age + after]
        is_seen = clock[active] < age
        x[active[is_seen]] += 1
        last[active[is_seen]] = clock[active[is_seen]]
        later[active[~is_seen]] += 1
        active = active[random.random(len(active)) > leaves[active]]
    return x, last, np.full(size, age), later


def grouped(x, recency, age) -> Customers:
    rows, count = np.unique(np.stack([x, recency, age]), axis=1, return_counts=True)
    return Customers(*rows, count.astype(float))


def test_slope_when_compared_with_differences_then_it_is_right():
    people = customers((0, 0, 30), (3, 20, 30), (1, 2.5, 8))
    function = bgnbd._Likelihood(people)
    error = check_grad(lambda p: function(p)[0], lambda p: function(p)[1], TRUE, epsilon=1e-7)
    assert error < 1e-5
    spending = Spending(np.array([1.0, 4.0]), np.array([20.0, 35.0]), np.array([2.0, 1.0]))
    point = np.array([6.0, 4.0, 15.0])
    error = check_grad(
        lambda p: gamma_gamma._likelihood(p, spending)[0],
        lambda p: gamma_gamma._likelihood(p, spending)[1],
        point,
        epsilon=1e-7,
    )
    assert error < 1e-5


def test_likelihood_when_customers_are_counted_then_it_is_that_of_each():
    one = customers((2, 10, 30), (0, 0, 12))
    assert bgnbd.log_likelihood(TRUE, customers((2, 10, 30), (0, 0, 12), count=3.0)) == (
        pytest.approx(3 * bgnbd.log_likelihood(TRUE, one), rel=1e-14)
    )


def test_alive_when_there_is_no_repeat_purchase_then_it_is_certain():
    chance = bgnbd.alive_probability(TRUE, customers((0, 0, 30), (2, 29, 30), (9, 3, 30)))
    assert chance[0] == 1
    assert chance[1] > 0.7 > 0.05 > chance[2]


def test_expected_purchases_when_a_is_one_then_it_lies_between_its_neighbours():
    people = customers((2, 10, 30), (0, 0, 12))
    below, at, above = (
        bgnbd.expected_purchases(np.array([0.3, 4.0, a, 2.0]), people, 26.0)
        for a in (1 - 1e-4, 1.0, 1 + 1e-4)
    )
    assert at == pytest.approx((below + above) / 2, rel=1e-6)


@pytest.mark.slow
def test_fit_when_customers_are_simulated_then_it_finds_the_planted_parameters():
    x, recency, age, later = simulated(200_000, seed=5, after=26.0)
    found = bgnbd.fit(grouped(x, recency, age))
    assert found.is_converged
    assert np.all(np.abs(found.parameters - TRUE) < 4 * found.standard_errors)
    people = grouped(x, recency, age)
    predicted = (bgnbd.expected_purchases(found.parameters, people, 26.0) * people.count).sum()
    assert predicted == pytest.approx(later.sum(), rel=0.03)


def test_fit_when_everybody_bought_once_then_it_says_that_it_found_nothing():
    assert not bgnbd.fit(customers(*[(0, 0, 30)] * 50)).is_converged


def test_gamma_gamma_when_spending_is_simulated_then_it_finds_the_planted_parameters():
    random = np.random.default_rng(3)
    x = random.integers(1, 6, 20_000).astype(float)
    rates = random.gamma(3.74, 1 / 15.4, len(x))
    mean = random.gamma(6.25 * x) / rates / x
    found = gamma_gamma.fit(Spending(x, mean, np.ones(len(x))))
    assert found.is_converged
    assert np.all(np.abs(found.parameters - [6.25, 3.74, 15.4]) < 4 * found.standard_errors)


def test_correlation_when_value_does_not_vary_then_it_is_none():
    flat = Spending(np.array([1.0, 2.0]), np.array([5.0, 5.0]), np.array([1.0, 1.0]))
    assert gamma_gamma.correlation(flat) == 0
