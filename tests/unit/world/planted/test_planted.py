"""Planted worlds are the same for the same seed, and hold what was planted."""

import hashlib
import math

import numpy as np
import pytest

from pipelines.world.planted.draws import Stream
from pipelines.world.planted.experiment import plant_experiment
from pipelines.world.planted.history import plant
from pipelines.world.planted.parameters import SCENARIOS, PlantedParameters, scenario
from pipelines.world.planted.people import NEVER, draw_people


def fingerprint(world):
    parts = (world.people.onset, world.replies, world.orders, world.outcomes.margin_minor)
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def test_world_when_planted_twice_then_it_is_the_same_and_another_seed_is_not():
    first, again, other = (plant(scenario("S5", 300, seed=seed)) for seed in (4, 4, 5))
    assert fingerprint(first) == fingerprint(again)
    assert fingerprint(first) != fingerprint(other)


@pytest.mark.parametrize(
    ("name", "log_lift"),
    [("S0", 0.0), ("S1", math.log(1.2)), ("S4", 0.0), ("S8", 0.0), ("S9", 0.0)],
)
def test_truth_when_the_effect_is_constant_then_it_is_its_logarithm(name, log_lift):
    assert plant(scenario(name, 400)).true_log_lift() == pytest.approx(log_lift, abs=1e-6)


def test_truth_when_the_effect_compounds_then_it_lies_between_first_and_last_week():
    found = plant(scenario("S3", 400)).true_log_lift()
    assert math.log(1.2) < found < math.log(1.2) * (1 + 12 / 8)


def test_rates_when_compared_with_counts_then_orders_follow_baseline_times_multiplier():
    world = plant(scenario("S2", 4_000, seed=2))
    expected = (world.baseline * world.multiplier).sum()
    assert world.orders.sum() == pytest.approx(expected, abs=4 * math.sqrt(expected))


def test_people_when_confounded_then_joiners_have_more_affinity_and_the_share_is_kept():
    people = draw_people(PlantedParameters(people=20_000, seed=3))
    human = ~people.is_bot
    assert people.affinity[people.joins & human].mean() > 0.2
    assert people.affinity[~people.joins].mean() < -0.2
    assert (people.onset[human] == NEVER).mean() == pytest.approx(0.4, abs=0.015)
    assert set(people.onset.tolist()) == {NEVER, *PlantedParameters().onsets}


def test_replies_when_read_then_they_begin_with_the_onset_and_the_dose_counts_four_weeks():
    world = plant(scenario("S1", 800, seed=1))
    person = int(np.flatnonzero(world.people.onset == 12)[0])
    assert world.replies[person, :12].sum() == 0
    assert world.replies[person, 12] >= 1
    assert world.dose[person, 20] == min(world.replies[person, 17:21].sum(), 10)
    assert world.replies[~world.people.joins].sum() == 0


def test_margins_when_summed_then_they_are_35_percent_of_orders_of_35_euros():
    world = plant(scenario("S0", 20_000, seed=9))
    per_order = world.outcomes.margin_minor.sum() / world.orders.sum()
    assert per_order == pytest.approx(0.35 * 6.25 * 15.44 / 2.74 * 100, rel=0.02)


def test_late_entrants_when_planted_then_they_bring_nothing_before():
    world = plant(scenario("late_entry", 2_000, seed=1))
    late = world.people.first_contact_week
    person, week = world.outcomes.person, world.outcomes.week
    assert (late > 0).sum() > 800
    assert (week >= late[person]).all()


def test_scenarios_when_listed_then_all_ten_of_the_table_are_there():
    assert {f"S{number}" for number in range(10)} <= set(SCENARIOS)
    assert scenario("S6").people == 150


def test_parameters_when_impossible_then_they_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        PlantedParameters(people=0)


@pytest.mark.parametrize("shape", [0.243, 1.0, 6.25])
def test_gammas_when_many_are_drawn_then_mean_and_variance_are_the_shape(shape):
    drawn = Stream(1, "values").gammas(np.full(200_000, shape))
    error = 4 * math.sqrt(shape / 200_000)
    assert drawn.mean() == pytest.approx(shape, abs=error)
    assert drawn.var() == pytest.approx(shape, rel=0.05)


@pytest.mark.parametrize("mean", [0.05, 1.5, 20.0])
def test_poissons_when_many_are_drawn_then_they_are_distributed_so(mean):
    drawn = Stream(1, "orders").poissons(np.full(100_000, mean))
    assert drawn.mean() == pytest.approx(mean, abs=4 * math.sqrt(mean / 100_000))
    assert (drawn == 0).mean() == pytest.approx(math.exp(-mean), abs=0.006)
    assert drawn.var() == pytest.approx(mean, rel=0.05)


def test_betas_when_many_are_drawn_then_the_mean_is_a_over_a_plus_b():
    assert Stream(1, "exits").betas(0.793, 2.426, 100_000).mean() == pytest.approx(
        0.2464, abs=0.003
    )


def test_experiment_when_half_is_treated_then_the_difference_is_the_planted_one():
    treated = np.arange(40_000) % 2 == 0
    drawn = plant_experiment(40_000, 1, treated, lift=0.5)
    found = drawn.after[treated].mean() - drawn.after[~treated].mean()
    error = math.hypot(*(drawn.after[arm].std() / 20_000**0.5 for arm in (treated, ~treated)))
    assert found == pytest.approx(drawn.true_effect, abs=4 * error)
