"""Intervals against resampling every single conversion, and against planted truth."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.analytics.bootstrap import generator, markov_intervals, resampled
from pipelines.analytics.markov import Refused, credit, removal_effects
from pipelines.analytics.paths import paths_of_lists


def test_draws_when_values_vary_then_mean_and_variance_are_those_of_single_conversions():
    # Poisson(1) weights on the conversions themselves: Var(V) = sum of squares, Cov(C, V) = V.
    values = [np.array([5.0, 7.0, 100.0]), np.array([20.0])]
    paths = paths_of_lists(
        [[0], [1]], [3, 1], [10, 0], [112, 20], 2, squares=[(v**2).sum() for v in values]
    )
    drawn = [(s.conversions, s.values) for s in resampled(paths, generator("x"), 40_000)]
    counts, sums = (np.array(side) for side in zip(*drawn, strict=True))
    assert sums.mean(axis=0) == pytest.approx([112, 20], rel=0.02)
    assert sums.var(axis=0) == pytest.approx([10_074, 400], rel=0.04)
    assert np.cov(counts[:, 0], sums[:, 0])[0, 1] == pytest.approx(112, rel=0.05)


def test_intervals_when_run_again_then_they_are_the_same():
    paths = paths_of_lists([[0, 1], [1], [0]], [40, 50, 10], [60, 50, 90], [400, 600, 90], 2)
    first, again = (markov_intervals(paths, 1, "inputs") for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, markov_intervals(paths, 1, "other inputs"))


def test_intervals_when_nothing_converted_then_there_are_none():
    assert isinstance(markov_intervals(paths_of_lists([[0]], [0], [9], [0], 1), 1, "x"), Refused)


@pytest.mark.long
def test_intervals_when_truth_is_planted_then_they_cover_it_nineteen_times_in_twenty():
    # a: 10 %, b: 5 % of 400 paths each, a then b: 20 % of 200; every conversion is worth 10.
    random, truth = np.random.default_rng(7), paths_of_lists(
        [[0], [1], [0, 1]], [40, 20, 40], [360, 380, 160], [400, 200, 400], 2
    )  # fmt: skip
    share = credit(removal_effects(truth).values, 1000.0)
    inside = 0
    for world in range(200):
        won = random.binomial([400, 400, 200], [0.1, 0.05, 0.2])
        paths = paths_of_lists(
            [[0], [1], [0, 1]], won, [400, 400, 200] - won, 10 * won, 2
        )  # fmt: skip
        low, high = markov_intervals(paths, 1, str(world))
        inside += int(low[0] <= share[0] <= high[0])
    assert 182 <= inside <= 199  # 190 expected, 3.1 its standard deviation
