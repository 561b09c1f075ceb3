"""A small cut of the acceptance table; the whole of it is `make truth`."""

import math

import pytest

from benchmarks.truth.runner import figures, holds, jobs_of, line
from benchmarks.truth.table import ROWS, Row, share
from benchmarks.truth.trials import EXPERIMENT, UNFLAGGED, Job, run

FIRST_SEED = 500


def trials(world, people, seeds):
    return [run(Job(world, people, FIRST_SEED + seed)) for seed in range(seeds)]


def test_constant_effect_when_planted_then_found_and_the_naive_figure_is_not():
    found = trials("S1", 5_000, 3)
    for trial in found:
        assert trial.verdict in {"supported_linear", "supported_shape_unclear"}, trial
        assert abs(trial.plain.value - trial.truth) < 3.5 * trial.plain.standard_error
        assert trial.naive > trial.plain.high


def test_no_effect_when_confounded_then_nothing_is_claimed():
    for trial in trials("S0", 3_000, 3):
        assert not trial.is_supported, trial
        assert abs(trial.plain.value) < 3.5 * trial.plain.standard_error
        assert trial.naive > trial.plain.high


@pytest.mark.parametrize(
    ("world", "people", "reasons"),
    [
        ("S4", 5_000, {"pretrend", "trend_uncertain"}),
        ("S5", 3_000, {"reverse_causality"}),
        ("S6", 150, {"too_few_treated"}),
        ("strangers", 2_000, {"no_overlap"}),
    ],
)
def test_trap_when_planted_then_the_verdict_names_it(world, people, reasons):
    trial = trials(world, people, 1)[0]
    assert trial.verdict == "not_identified"
    assert trial.reason in reasons


@pytest.mark.parametrize("world", ["S8", "S9"])
def test_trap_without_a_name_when_planted_then_nothing_credible_is_claimed(world):
    assert not trials(world, 5_000, 1)[0].is_supported


@pytest.mark.parametrize(
    ("world", "family"),
    [("S2", "linear"), ("dose_exponential", "exponential"), ("dose_power", "power")],
)
def test_dose_when_planted_then_its_curve_is_named(world, family):
    assert trials(world, 5_000, 1)[0].dose_family == family


def test_bots_when_flagged_then_they_change_nothing_and_when_not_it_is_marked():
    assert trials("S7", 2_000, 1)[0].shift < 2
    assert "bots_not_screened" in trials(UNFLAGGED, 2_000, 1)[0].warnings


def test_holdout_when_repeated_then_its_intervals_cover():
    covered = [t.plain.low <= t.truth <= t.plain.high for t in trials(EXPERIMENT, 2_000, 60)]
    assert sum(covered) >= 52  # of 60; fewer has a chance below one in a thousand at 95 %


def test_table_when_counted_then_a_figure_beyond_its_bound_is_said_to_miss():
    row = Row("S6", 150, 2, "too few", share(lambda t: t.reason == "too_few_treated"), 1, 1, "all")
    jobs = jobs_of([row, row], 7, None)
    assert jobs == [Job("S6", 150, 7), Job("S6", 150, 8)]
    done = [run(job) for job in jobs]
    (found,) = figures([row], done, 7, None)
    assert found[1:] == (2, 1.0)
    assert "MISSED" not in line(*found)
    assert "MISSED" in line(row, 2, 0.5)
    assert not holds(row, math.nan)


def test_table_when_read_then_every_scenario_has_a_row():
    assert {f"S{number}" for number in range(10)} <= {row.world for row in ROWS}
