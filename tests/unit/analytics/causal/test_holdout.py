"""Arms, their sizes, and the effect of being dealt one."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analytics.causal.holdout import (
    arm_of,
    arms_after_merges,
    assignment_fraction,
    balance_p,
    intention_to_treat,
    judge,
    sample_ratio_p,
)


def test_fraction_when_computed_then_it_is_the_first_half_of_the_md5_text():
    text = hashlib.md5(b"spring|p-1|salt").hexdigest()
    assert assignment_fraction("spring", "p-1", "salt") == int(text[:16], 16) / 16**16


@given(st.text(min_size=1), st.text(min_size=1))
def test_fraction_when_asked_again_then_it_is_the_same_and_below_one(person, salt):
    fraction = assignment_fraction("e", person, salt)
    assert fraction == assignment_fraction("e", person, salt)
    assert 0 <= fraction <= 1


def test_arms_when_many_are_dealt_then_a_tenth_is_held_out():
    arms = [arm_of(assignment_fraction("e", f"p{n}", "s")) for n in range(20_000)]
    assert arms.count("holdout") / 20_000 == pytest.approx(0.10, abs=0.007)


def test_arms_when_people_merge_then_the_survivor_keeps_his_and_conflicts_are_left_out():
    arms = {"a": "treat", "b": "treat", "c": "holdout", "d": "treat", "e": "holdout"}
    kept, conflicts = arms_after_merges(arms, {"b": "a", "d": "c", "e": "f"})
    assert kept == {"a": "treat", "c": "holdout", "f": "holdout"}
    assert conflicts == {"c"}


def test_sample_ratio_when_130_of_1000_are_held_out_then_chi_square_is_ten():
    assert sample_ratio_p(870, 130) == pytest.approx(0.00156540, rel=1e-5)
    assert sample_ratio_p(900, 100) == 1


def test_effect_when_the_past_explains_all_then_only_the_effect_is_left():
    """Y = 3 + 2X, and 5 more for the treated, whose X is as large as the others' on average."""
    before = np.array([1.0, 2, 3, 4, 1, 2, 3, 4])
    treated = np.array([True] * 4 + [False] * 4)
    found = intention_to_treat(treated, 3 + 2 * before + 5 * treated, before)
    assert found.value == pytest.approx(5)
    assert found.standard_error == pytest.approx(0, abs=1e-12)


def test_effect_when_there_is_no_past_then_it_is_the_plain_difference_with_neymans_error():
    treated = np.array([True, True, True, False, False])
    found = intention_to_treat(treated, np.array([1.0, 2, 6, 1, 3]), np.zeros(5))
    assert found.value == pytest.approx(1)
    assert found.standard_error == pytest.approx((7 / 3 + 2 / 2) ** 0.5)


def test_balance_when_one_measure_differs_then_it_is_found_among_many():
    generator = np.random.default_rng(1)
    treated = np.arange(400) % 2 == 0
    alike = generator.normal(size=(400, 3))
    assert balance_p(treated, alike) > 0.01
    assert balance_p(treated, alike + np.array([0, 0, 1]) * treated[:, None]) < 1e-6


def experiment(gain, people=4_000, share=0.1, noise=5):
    generator = np.random.default_rng(8)
    treated = generator.random(people) >= share
    before = generator.gamma(2, 10, people)
    return treated, before + gain * treated + generator.normal(0, noise, people), before


@pytest.mark.parametrize(
    ("gain", "weeks", "status"),
    [
        (3.0, 13, "supported"),
        (-3.0, 13, "contradicted"),
        (0.0, 13, "no_effect_detected"),
        (3.0, 8, "running"),
    ],
)
def test_judgement_when_at_or_before_the_preset_week_then_it_waits_for_it(gain, weeks, status):
    treated, outcome, before = experiment(gain)
    found = judge(treated, outcome, before, before[:, None], weeks, 13)
    assert (found.status, found.reason) == (status, "")


def test_judgement_when_arms_are_not_as_planned_then_nothing_is_claimed():
    treated, outcome, before = experiment(3.0, share=0.2)
    found = judge(treated, outcome, before, before[:, None], 13, 13)
    assert (found.status, found.reason) == ("not_credible", "sample_ratio_mismatch")


def test_judgement_when_arms_differed_before_then_nothing_is_claimed():
    treated, outcome, before = experiment(3.0)
    found = judge(treated, outcome, before, (before + 10 * treated)[:, None], 13, 13)
    assert (found.status, found.reason) == ("not_credible", "arms_differ_before")


def test_judgement_when_a_quarter_of_the_margin_would_not_be_seen_then_no_effect_says_so():
    # A margin of 20 with a spread of 60: 2.8 standard errors of 400 people held out are about 9.
    treated, outcome, before = experiment(0.0, noise=60)
    found = judge(treated, outcome, before, before[:, None], 13, 13)
    assert (found.status, found.reason) == ("no_effect_detected", "mde_too_large")


def test_judgement_when_nobody_buys_then_no_effect_could_have_been_seen():
    treated, _, before = experiment(0.0)
    found = judge(treated, 0 * before, 0 * before, before[:, None], 13, 13)
    assert (found.status, found.reason) == ("no_effect_detected", "mde_too_large")


def test_judgement_when_few_are_held_out_then_nothing_is_claimed():
    treated, outcome, before = experiment(30.0, people=1_900)
    assert 150 < (~treated).sum() < 200
    found = judge(treated, outcome, before, before[:, None], 13, 13)
    assert (found.status, found.reason) == ("too_few", "too_few_people")
