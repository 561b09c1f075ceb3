from __future__ import annotations

from statistics import fmean, pvariance

import numpy as np
import pytest

from pipelines.world.dice import STREAMS, Dice

COUNT = 20_000


def test_uniform_when_drawn_one_by_one_then_it_is_the_pcg64_stream_of_seed_and_part() -> None:
    sequence = np.random.SeedSequence([7, STREAMS.index("posts")])
    oracle = np.random.Generator(np.random.PCG64(sequence)).random(5_000)

    dice = Dice(7, "posts")

    assert [dice.uniform() for _ in range(5_000)] == oracle.tolist()


def test_streams_when_parts_differ_then_draws_differ() -> None:
    assert len({Dice(7, stream).uniform() for stream in STREAMS}) == len(STREAMS)


def test_integer_when_drawn_often_then_both_ends_occur_and_nothing_outside() -> None:
    dice = Dice(1, "people")

    assert {dice.integer(3, 6) for _ in range(1_000)} == {3, 4, 5, 6}


def test_weighted_when_one_weight_is_zero_then_that_item_never_comes() -> None:
    dice = Dice(1, "people")
    drawn = [dice.weighted(("a", "b", "c"), (3.0, 0.0, 1.0)) for _ in range(COUNT)]

    assert set(drawn) == {"a", "c"}
    assert drawn.count("a") / COUNT == pytest.approx(0.75, abs=0.015)


def test_poisson_when_mean_is_two_then_mean_and_variance_are_two() -> None:
    dice = Dice(1, "people")
    drawn = [dice.poisson(2.0) for _ in range(COUNT)]

    assert fmean(drawn) == pytest.approx(2.0, abs=0.05)
    assert pvariance(drawn) == pytest.approx(2.0, abs=0.1)


def test_gamma_when_shape_is_three_then_mean_and_variance_are_three() -> None:
    dice = Dice(1, "people")
    drawn = [dice.gamma(3.0) for _ in range(COUNT)]

    assert fmean(drawn) == pytest.approx(3.0, abs=0.06)
    assert pvariance(drawn) == pytest.approx(3.0, abs=0.2)


def test_lognormal_when_drawn_often_then_half_lie_below_its_median() -> None:
    dice = Dice(1, "people")
    below = sum(dice.lognormal(40.0, 1.2) < 40.0 for _ in range(COUNT))

    assert below / COUNT == pytest.approx(0.5, abs=0.015)
