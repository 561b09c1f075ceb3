"""Lifts that can be worked out by hand, and what exclusions and odd panels do."""

import math

import numpy as np
import pytest

from pipelines.analytics.causal.adjusted import adjust
from pipelines.analytics.causal.cells import Excluded, cells_of, screen
from pipelines.analytics.causal.imputation import anticipation, event_study, impute
from pipelines.analytics.causal.level import level_effect
from pipelines.analytics.causal.moments import Moments, moments_of
from pipelines.analytics.causal.naive import naive_log_lift
from pipelines.analytics.causal.panel import NEVER, Panel


def by_sums(onsets, people, sums):
    """Moments whose people are all alike within a cohort: no variance within."""
    sums, people = np.array(sums, dtype=float), np.array(people, dtype=float)
    crosses = np.einsum("ga,gb->gab", sums, sums) / people[:, None, None]
    return Moments(tuple(onsets), people, sums, crosses)


def test_lift_when_joiners_sell_twice_as_much_before_then_that_is_no_effect():
    """Controls 2 4 6 8; joiners 2 4 9 12 before and after week 2: 15 against (6 + 8)·(6/6) = 14."""
    found = by_sums([2], [2, 2], [[2, 4, 6, 8], [2, 4, 9, 12]])
    imputed = impute(found, cells_of(found), 0)
    assert imputed.observed == 21
    assert imputed.expected == pytest.approx(14)
    assert imputed.lift.value == pytest.approx(math.log(21 / 14))
    assert imputed.effect.value == pytest.approx((21 - 14) / 4)
    assert imputed.lift.standard_error == pytest.approx(0, abs=1e-7)  # nobody differs


def test_lift_when_two_cohorts_share_one_pattern_then_every_post_cell_counts():
    weeks = np.array([10.0, 20, 30, 40, 50, 60])
    lift = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 1.5, 1.5, 1.5, 1.5], [1, 1, 1, 1, 1.5, 1.5]])
    found = by_sums([2, 4], [10, 20, 30], lift * weeks * np.array([[1], [3], [5]]))
    imputed = impute(found, cells_of(found), 0)
    assert imputed.lift.value == pytest.approx(math.log(1.5))


def test_trend_when_joiners_grow_by_a_tenth_a_week_then_the_slope_is_found_and_taken_out():
    week = np.arange(12)
    control = np.full(12, 100.0)
    joiners = 50 * 1.1**week * np.where(week >= 6, 1.3, 1.0)
    found = by_sums([6], [100, 100], [control, joiners])
    cells = cells_of(found)
    fits = tuple(impute(found, cells, order) for order in range(3))
    adjusted = adjust(found, fits)
    assert adjusted.slope.value / 10 == pytest.approx(math.log(1.1))
    assert adjusted.value == pytest.approx(math.log(1.3))
    assert adjusted.curvature.value == pytest.approx(0, abs=1e-9)
    leverage = (fits[0].lift.value - fits[1].lift.value) / math.log(1.1)
    assert adjusted.breakdown_slope == pytest.approx(fits[0].lift.value / leverage, rel=1e-3)


def test_anticipation_when_joiners_buy_half_more_just_before_then_it_is_measured():
    week = np.arange(14)
    joiners = 50 * np.where((week >= 6) & (week < 8), 1.5, 1.0)
    found = by_sums([8], [100, 100], [np.full(14, 80.0), joiners])
    assert anticipation(found, cells_of(found)).value == pytest.approx(math.log(1.5))


def test_event_study_when_the_lift_doubles_each_week_then_each_week_has_its_own():
    control = np.array([7.0, 8, 9, 10, 11, 12])
    joiners = 2 * control * np.array([1, 1, 1, 1.1, 1.2, 1.4])
    found = by_sums([3], [50, 40], [control, joiners])
    cells = cells_of(found)
    study = event_study(found, cells, impute(found, cells, 0).fit)
    assert study.event_weeks == (-3, -2, -1, 0, 1, 2)
    assert np.exp(study.log_lift) == pytest.approx([1, 1, 1, 1.1, 1.2, 1.4])
    assert study.people.tolist() == [40] * 6


def test_level_effect_when_worked_by_hand_then_it_is_the_difference_of_differences():
    """Means: controls 1 2 3 4, joiners 2 3 before, 9 and 12 after: fitted 4 and 5, so (5 + 7)/2."""
    found = by_sums([2], [4, 2], [[4, 8, 12, 16], [4, 6, 18, 24]])
    assert level_effect(found, cells_of(found)).value == pytest.approx(6)


def test_naive_lift_when_joiners_always_bought_twice_as_much_then_it_says_twice():
    found = by_sums([2], [10, 10], [[10, 10, 10, 10], [20, 20, 20, 20]])
    assert naive_log_lift(found, cells_of(found)).value == pytest.approx(math.log(2))
    assert impute(found, cells_of(found), 0).lift.value == pytest.approx(0, abs=1e-12)


def test_errors_when_people_are_drawn_again_then_they_vary_as_much_as_stated(small_question):
    """The bootstrap over people, which knows nothing of gradients: within its own noise of 8 %."""
    panel = small_question.panel
    generator, dense = np.random.default_rng(5), panel.dense()
    lifts = []
    for _ in range(250):
        chosen = generator.integers(0, panel.people, panel.people)
        found = sums_only(panel.onset[chosen], dense[chosen])
        lifts.append([impute(found, cells_of(found), order).lift.value for order in (0, 1)])
    found = moments_of(panel)
    stated = [impute(found, cells_of(found), order).lift.standard_error for order in (0, 1)]
    assert np.std(lifts, axis=0) == pytest.approx(stated, rel=0.16)  # two of its standard errors


def sums_only(onset, dense):
    onsets = sorted(set(onset.tolist()) - {NEVER})
    rows = [onset == g for g in (NEVER, *onsets)]
    sums = np.array([dense[row].sum(axis=0) for row in rows])
    people = np.array([row.sum() for row in rows], dtype=float)
    return Moments(tuple(onsets), people, sums, np.zeros((len(rows), 40, 40)))


def test_screen_when_cohorts_are_small_early_or_silent_then_they_are_left_out_and_listed():
    ones = np.ones(10)
    late = np.where(np.arange(10) >= 5, 1.0, 0.0)
    found = by_sums([2, 4, 5, 6], [50, 40, 19, 30, 25], [ones, ones, ones, late, ones])
    kept, excluded = screen(found)
    assert kept.onsets == (6,)
    assert excluded == (
        Excluded(2, 40, "too_short_before"),
        Excluded(4, 19, "too_few_people"),
        Excluded(5, 30, "no_outcome"),
    )


def test_lift_when_nobody_untreated_bought_in_a_week_then_that_week_is_left_out():
    found = by_sums([4], [30, 30], [[5, 5, 5, 5, 5, 0], [5, 5, 5, 5, 10, 10]])
    imputed = impute(found, cells_of(found), 0)
    assert imputed.observed == 10
    assert imputed.lift.value == pytest.approx(math.log(2))


def test_lift_when_margins_are_negative_here_and_there_then_sums_decide():
    panel = Panel(
        6, np.array([NEVER, NEVER, 4, 4]),
        np.array([0] * 6 + [1] + [2] * 6 + [3]), np.array([*range(6), 2, *range(6), 4]),
        np.array([10.0] * 6 + [-4] + [10.0] * 4 + [20, 20] + [-2]),
    )  # fmt: skip
    found = moments_of(panel)
    assert impute(found, cells_of(found), 0).observed == 38
