"""Rows of the tables: every figure once, none where nothing may be said."""

import json
import math

import pytest

from benchmarks.truth.trials import question_of
from pipelines.analytics.causal import rows
from pipelines.analytics.causal.analysis import Question, analyse
from pipelines.world.planted.history import plant
from pipelines.world.planted.parameters import scenario


@pytest.fixture(scope="module")
def finding(small_question):
    return analyse(small_question)


def test_effects_when_found_then_the_naive_figure_stands_beside_the_estimates(finding):
    found = {
        (row["method"], row["scale"], row["horizon"]): row for row in rows.effect_rows(finding)
    }
    assert set(found) == {
        ("naive", "ratio", "all"), ("did", "ratio", "0-12"), ("did", "level", "0-12"),
        ("did_base_week", "level", "all"), ("did_base_week", "ratio", "all"),
    }  # fmt: skip
    primary = found["did", "ratio", "0-12"]
    log_lift = finding.estimates.plain.lift
    assert math.log1p(primary["lift"]) == pytest.approx(log_lift.value)
    assert primary["lift_ci_low"] < primary["lift"] < primary["lift_ci_high"]
    assert primary["mde_minor"] == pytest.approx(2.8 * primary["standard_error"])
    assert found["naive", "ratio", "all"]["lift"] > primary["lift_ci_high"]


def test_checks_when_all_ran_then_each_stands_once(finding):
    names = [row["check_name"] for row in rows.check_rows(finding)]
    assert sorted(names) == [
        "anticipation", "lead_placebo", "leave_one_out", "overlap", "permutation",
        "placebo_outcome", "pretrend_curvature", "pretrend_slope",
    ]  # fmt: skip


def test_checks_when_nothing_was_handed_in_then_null_is_not_passed(small_question):
    found = analyse(Question(small_question.panel))
    passed = {row["check_name"]: row["is_passed"] for row in rows.check_rows(found)}
    assert passed["lead_placebo"] is None
    assert passed["placebo_outcome"] is None


def test_curves_when_listed_then_at_most_one_of_a_kind_is_selected_and_none_is_nearer(finding):
    found = rows.curve_rows(finding)
    for kind in ("dose", "time"):
        own = [row for row in found if row["kind"] == kind]
        assert min(row["delta_to_best"] for row in own) == 0
        assert sum(row["is_selected"] for row in own) <= 1


def test_doses_when_buying_brings_replies_then_only_the_naive_figure_is_left():
    found = analyse(question_of(plant(scenario("S5", 3_000, seed=5))))
    assert found.verdict.reason == "reverse_causality"
    assert {row["log_rate_ratio"] for row in rows.dose_rows(found)} == {None}
    assert all(row["naive_log_rate_ratio"] > 0 for row in rows.dose_rows(found)[2:])


def test_rows_when_too_few_then_there_is_a_verdict_and_nothing_else():
    found = analyse(question_of(plant(scenario("S6"))))
    assert rows.effect_rows(found) == rows.check_rows(found) == rows.event_study_rows(found) == []
    assert rows.verdict_row(found)["verdict_reason"] == "too_few_treated"


def test_rows_when_written_as_json_then_nothing_of_numpy_is_left(finding):
    table = [
        *rows.effect_rows(finding), *rows.event_study_rows(finding), *rows.dose_rows(finding),
        *rows.curve_rows(finding), *rows.check_rows(finding), rows.verdict_row(finding),
    ]  # fmt: skip
    assert len(json.loads(json.dumps(table))) > 40
