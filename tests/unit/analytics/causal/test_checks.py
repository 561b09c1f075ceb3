"""Overlap, permutation, leave-one-out, eligibility: what each sees, and what it leaves alone."""

import numpy as np
import pytest

from benchmarks.truth.trials import question_of
from pipelines.analytics.causal.analysis import Question, analyse, placebo_lift
from pipelines.analytics.causal.eligibility import exclusion_reasons
from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.leave_out import LeftOut, keeps_sign, leave_one_out
from pipelines.analytics.causal.moments import moments_of
from pipelines.analytics.causal.overlap import overlap_share, pre_period_cells
from pipelines.analytics.causal.panel import NEVER, Panel
from pipelines.analytics.causal.permutation import dealt_statistic, permutation_p
from pipelines.analytics.causal.segments import analyse_segments
from pipelines.world.planted.history import plant
from pipelines.world.planted.parameters import scenario


def test_cells_when_purchases_differ_then_recency_frequency_and_margin_tell_people_apart():
    """Of four weeks: nothing; once early; once late; the same with more; twice, one in two rows."""
    panel = Panel(
        8, np.full(6, NEVER), np.array([1, 2, 3, 4, 4, 4, 5]), np.array([0, 3, 3, 1, 3, 3, 6]),
        np.array([10.0, 10, 90, 5, 3, 2, 50]),
    )  # fmt: skip
    cells = pre_period_cells(panel, 4)
    assert cells[0] == cells[5]  # what came after the four weeks says nothing of them
    assert len(set(cells[:5].tolist())) == 5


def test_overlap_when_a_cell_lacks_controls_then_its_treated_do_not_count():
    onset = np.array([NEVER] * 5 + [8] * 5 + [8] * 5)
    cells = np.array([0] * 5 + [0] * 5 + [1] * 5)
    assert overlap_share(cells, onset) == 0.5


def test_overlap_when_controls_are_one_in_thirty_then_that_is_too_few():
    onset = np.array([NEVER] + [8] * 29 + [NEVER] + [8] * 10)
    cells = np.array([0] * 30 + [1] * 11)
    assert overlap_share(cells, onset) == pytest.approx(10 / 39)


def test_overlap_when_strangers_are_planted_then_the_verdict_says_so():
    found = analyse(question_of(plant(scenario("strangers", 2_000, seed=1))))
    assert found.verdict.reason == "no_overlap"


def test_permutation_when_cohorts_are_as_observed_then_the_statistic_is_the_estimate(
    small_question,
):
    panel = small_question.panel
    estimates = analyse(Question(panel)).estimates
    onsets = tuple(np.unique(panel.onset)[1:].tolist())
    row = np.where(panel.onset == NEVER, 0, np.searchsorted(onsets, panel.onset) + 1)
    assert dealt_statistic(panel, row, onsets) == pytest.approx(
        estimates.plain.lift.statistic, rel=1e-9
    )


def test_permutation_when_the_effect_is_clear_then_no_deal_reaches_it(small_question):
    assert permutation_p(small_question.panel, 6.0, draws=99) == pytest.approx(0.01)
    assert permutation_p(small_question.panel, 0.0, draws=99) == 1.0


def test_permutation_when_there_is_no_effect_then_deals_spread_like_the_normal(small_question):
    """Of 200 deals about a third lies beyond one error: 63.5 ± 3 × 6.6."""
    p = permutation_p(small_question.panel, 1.0, draws=200)
    assert 0.317 - 0.10 < p < 0.317 + 0.10


def test_permutation_when_people_are_many_then_a_lot_of_them_is_dealt(small_question, monkeypatch):
    monkeypatch.setattr("pipelines.analytics.causal.permutation.MOST_PEOPLE", 300)
    assert permutation_p(small_question.panel, 6.0, draws=20) == pytest.approx(1 / 21)


def test_leave_one_out_when_three_cohorts_then_three_lifts(small_question):
    moments = moments_of(small_question.panel).keep([12, 16, 20])
    found = leave_one_out(moments)
    assert [item.onset for item in found] == [12, 16, 20]
    assert leave_one_out(moments.keep([12])) == ()


def test_sign_when_one_cohort_carries_it_then_it_is_not_kept():
    lifts = (LeftOut(8, Estimate(0.2, 0.1)), LeftOut(12, Estimate(-0.01, 0.1)))
    assert keeps_sign(lifts, 0.1) is False
    assert keeps_sign(lifts[:1], 0.1) is True
    assert keeps_sign((), 0.1) is None


def test_placebo_when_the_outcome_does_move_then_it_is_seen(small_question):
    """Handed the real outcome as a placebo, the check must fire."""
    moments = moments_of(small_question.panel)
    assert placebo_lift(small_question.panel, moments).p < 0.01
    assert placebo_lift(small_question.placebo, moments).p > 0.01
    assert placebo_lift(None, moments) is None


def test_placebo_when_it_fires_then_the_number_is_not_shown(small_question):
    verdict = analyse(Question(small_question.panel, None, small_question.panel)).verdict
    assert (verdict.reason, verdict.shows_number) == ("placebo_outcome", False)


def test_eligibility_when_several_reasons_hold_then_the_first_is_given():
    reasons = exclusion_reasons(
        np.array([-4, -3, 5, -9, -9]),
        np.array([False, False, True, True, False]),
        np.array([True, True, True, True, False]),
    )
    assert reasons.tolist() == ["", "entered_late", "bot", "bot", "not_observable"]


def test_segments_when_one_is_small_then_it_hears_so_and_the_others_do_not(small_question):
    label = np.where(np.arange(small_question.panel.people) < 200, "few", "many")
    found = analyse_segments(Question(small_question.panel), label.tolist())
    assert list(found) == ["all", "few", "many"]
    assert found["few"].verdict.reason == "too_few_treated"
    assert found["few"].estimates is None
    assert found["many"].estimates is not None
    assert found["all"].support.treated > found["many"].support.treated


def test_analysis_when_nothing_is_known_of_bots_doses_and_placebos_then_it_warns(small_question):
    found = analyse(Question(small_question.panel))
    assert found.warnings == ("bots_not_screened", "no_dose_data", "no_placebo_outcome")


def test_analysis_when_nobody_was_exposed_or_everybody_then_it_says_too_few():
    panel = Panel(20, np.full(500, NEVER), np.arange(500), np.arange(500) % 20, np.ones(500))
    assert analyse(Question(panel)).verdict.reason == "too_few_treated"
    panel = panel.with_onset(np.full(500, 8))
    assert analyse(Question(panel)).verdict.reason == "too_few_controls"


def test_analysis_when_exposure_began_too_early_or_too_late_then_too_short():
    panel = Panel(20, np.repeat([NEVER, 2], 300), np.arange(600), np.arange(600) % 20, np.ones(600))
    assert analyse(Question(panel)).verdict.reason == "too_short"
    late = panel.with_onset(np.repeat([NEVER, 14], 300))
    assert analyse(Question(late)).verdict.reason == "too_short"


def test_analysis_when_nobody_bought_anything_then_it_says_so_without_a_number():
    none = np.zeros(0, dtype=np.int64)
    panel = Panel(20, np.repeat([NEVER, 8], 300), none, none, none.astype(float))
    found = analyse(Question(panel))
    assert (found.verdict.verdict, found.estimates) == ("not_identified", None)
