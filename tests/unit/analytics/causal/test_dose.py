"""Poisson with one effect per person: closed forms, empty doses, and what the lead is for."""

import math

import numpy as np
import pytest

from benchmarks.truth.trials import question_of
from pipelines.analytics.causal.dose import Doses, dose_response, lead_placebo
from pipelines.analytics.causal.fixed_effects import Factor, fit_fixed_effects
from pipelines.analytics.causal.panel import NEVER
from pipelines.world.planted.history import plant
from pipelines.world.planted.parameters import scenario


def test_fit_when_two_weeks_and_one_group_treated_then_the_coefficient_is_the_odds_of_the_table():
    """Totals 10 and 30 for the treated, 20 and 20 for the others: ln((30/10)/(20/20))."""
    counts = np.array([[4, 12], [6, 18], [9, 11], [11, 9]])
    dose = np.array([[0, 1], [0, 1], [0, 0], [0, 0]])
    week = np.broadcast_to(np.arange(2), (4, 2))
    fit = fit_fixed_effects(counts, [Factor("week", week, 2), Factor("dose", dose, 2)])
    assert fit.converged
    assert fit.coefficients[fit.place("dose", 1)] == pytest.approx(math.log(3))


def test_fit_when_people_never_bought_then_they_do_not_count():
    counts = np.array([[4, 12], [6, 18], [9, 11], [11, 9], [0, 0]])
    dose = np.array([[0, 1], [0, 1], [0, 0], [0, 0], [0, 1]])
    week = np.broadcast_to(np.arange(2), (5, 2))
    fit = fit_fixed_effects(counts, [Factor("week", week, 2), Factor("dose", dose, 2)])
    assert fit.people == 4
    assert fit.coefficients[fit.place("dose", 1)] == pytest.approx(math.log(3))


def test_fit_when_people_come_in_small_blocks_then_it_is_the_same(small_question, monkeypatch):
    whole = dose_response(small_question.doses)
    monkeypatch.setattr("pipelines.analytics.causal.fixed_effects.CELLS_PER_BLOCK", 4_000)
    parts = dose_response(small_question.doses)
    assert parts.log_rate_ratio == pytest.approx(whole.log_rate_ratio, abs=1e-10)
    assert parts.covariance == pytest.approx(whole.covariance, abs=1e-12)


def test_dose_response_when_a_dose_never_sold_anything_then_it_is_missing_not_infinite():
    generator = np.random.default_rng(2)
    dose = generator.integers(0, 3, (60, 12))
    counts = generator.poisson(0.8, (60, 12)) * (dose < 2)
    found = dose_response(Doses(np.full(60, NEVER), dose, counts))
    assert found.doses == (1,)
    assert found.converged


def test_dose_response_when_doses_pass_ten_then_they_count_as_ten():
    generator = np.random.default_rng(2)
    dose = generator.integers(0, 40, (80, 12))
    counts = generator.poisson(1.0, (80, 12))
    assert max(dose_response(Doses(np.full(80, NEVER), dose, counts)).doses) == 10


def test_dose_response_when_the_same_people_get_most_and_buy_most_then_only_naive_is_fooled():
    """Rates differ between people only, doses follow rates: nothing within a person."""
    generator = np.random.default_rng(3)
    rate = generator.gamma(2, 0.5, 3_000)
    dose = np.minimum(generator.poisson(2 * rate[:, None], (3_000, 20)), 10)
    counts = generator.poisson(rate[:, None], (3_000, 20))
    found = dose_response(Doses(np.full(3_000, NEVER), dose, counts))
    error = np.sqrt(np.diag(found.covariance))
    assert (np.abs(found.log_rate_ratio) < 3.5 * error).all()
    assert found.naive_log_rate_ratio[3] > 0.6


def test_lead_when_dose_raises_orders_then_the_future_is_silent():
    question = question_of(plant(scenario("S2", 3_000, seed=5)))
    assert lead_placebo(question.doses).p > 0.01


def test_lead_when_orders_bring_replies_then_the_future_speaks():
    question = question_of(plant(scenario("S5", 3_000, seed=5)))
    assert lead_placebo(question.doses).statistic > 4


def test_lead_when_nobody_was_ever_answered_then_there_is_nothing_to_say():
    counts = np.random.default_rng(1).poisson(1.0, (40, 8))
    assert lead_placebo(Doses(np.full(40, NEVER), np.zeros((40, 8), dtype=int), counts)) is None
