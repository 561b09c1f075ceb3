"""Every gate, alone and in order."""

from dataclasses import replace

import pytest

from pipelines.analytics.causal.adjusted import Adjusted
from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.verdict import Evidence, Support, before_fit, decide

QUIET, LOUD = Estimate(0.0, 1.0), Estimate(2.6, 1.0)
ADJUSTED = Adjusted(0.2, 0.1, 0.3, QUIET, QUIET, 0.01)
GOOD = Evidence(
    overlap=0.99, lead=QUIET, anticipation=QUIET, plain=Estimate(0.2, 0.02), adjusted=ADJUSTED,
    curved=Estimate(0.2, 0.05), ratio_effect=Estimate(40.0, 8.0), level_effect=Estimate(40.0, 8.0),
    placebo=QUIET, dose_family="saturating", time_family="constant", permutation_p=0.005,
    keeps_sign=True,
)  # fmt: skip


def test_verdict_when_nothing_refutes_a_constant_effect_then_supported_and_credible():
    found = decide(GOOD)
    assert (found.verdict, found.gate, found.credibility) == ("supported_linear", "11", "credible")
    assert found.shows_number


@pytest.mark.parametrize(
    ("change", "verdict", "reason", "gate", "credibility"),
    [
        ({"overlap": 0.89}, "not_identified", "no_overlap", "3", "insufficient"),
        ({"lead": LOUD}, "not_identified", "reverse_causality", "4", "not_credible"),
        ({"anticipation": LOUD}, "not_identified", "pretrend", "5a", "not_credible"),
        ({"adjusted": replace(ADJUSTED, slope=LOUD)}, "not_identified", "pretrend", "5a", "not_credible"),
        ({"adjusted": replace(ADJUSTED, curvature=LOUD)}, "not_identified", "pretrend", "5a", "not_credible"),
        ({"adjusted": replace(ADJUSTED, low=-0.01)}, "not_identified", "trend_uncertain", "5b", "insufficient"),
        ({"adjusted": replace(ADJUSTED, low=-0.3, high=-0.1)}, "not_identified", "trend_uncertain", "5b", "insufficient"),
        ({"level_effect": Estimate(-40.0, 8.0)}, "not_identified", "scales_disagree", "6", "not_credible"),
        ({"placebo": LOUD}, "not_identified", "placebo_outcome", "7", "not_credible"),
        ({"plain": Estimate(-0.2, 0.02), "adjusted": replace(ADJUSTED, low=-0.3, high=-0.1),
          "curved": Estimate(-0.2, 0.05)}, "contradicted", "", "8", "credible"),
        ({"plain": Estimate(0.02, 0.02), "adjusted": replace(ADJUSTED, low=-0.1)}, "no_effect_detected", "", "9", "insufficient"),
        ({"plain": Estimate(0.02, 0.09), "adjusted": replace(ADJUSTED, low=-0.1)}, "no_effect_detected", "mde_too_large", "9", "insufficient"),
        ({"time_family": "geometric"}, "supported_geometric", "", "10", "credible"),
        ({"dose_family": "exponential"}, "supported_geometric", "", "10", "credible"),
        ({"time_family": "undetermined", "dose_family": "linear"}, "supported_linear", "", "11", "credible"),
        ({"time_family": "undetermined"}, "supported_shape_unclear", "", "12", "credible"),
        ({"permutation_p": 0.06}, "supported_linear", "", "11", "weak"),
        ({"keeps_sign": False}, "supported_linear", "", "11", "weak"),
        ({"keeps_sign": None}, "supported_linear", "", "11", "weak"),
        ({"curved": Estimate(0.2, 0.2)}, "supported_linear", "", "11", "weak"),
        ({"overlap": None, "lead": None, "placebo": None}, "supported_linear", "", "11", "credible"),
        ({"overlap": 0.5, "lead": LOUD}, "not_identified", "no_overlap", "3", "insufficient"),
        ({"lead": LOUD, "placebo": LOUD}, "not_identified", "reverse_causality", "4", "not_credible"),
    ],
)  # fmt: skip
def test_verdict_when_one_thing_changes_then_its_gate_decides(
    change, verdict, reason, gate, credibility
):
    found = decide(replace(GOOD, **change))
    assert (found.verdict, found.reason, found.gate, found.credibility) == (
        verdict, reason, gate, credibility,
    )  # fmt: skip
    assert found.shows_number == (credibility in {"credible", "weak"})


ENOUGH = Support(treated=200, controls=20, has_cohort=True, pre_weeks=4, post_weeks=8)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"treated": 199}, "too_few_treated"),
        ({"has_cohort": False}, "too_few_treated"),
        ({"controls": 19}, "too_few_controls"),
        ({"pre_weeks": 0}, "too_short"),
        ({"post_weeks": 7}, "too_short"),
    ],
)
def test_gates_before_the_fit_when_too_little_is_there_then_they_say_what(change, reason):
    found = before_fit(replace(ENOUGH, **change))
    assert (found.verdict, found.reason, found.credibility) == (
        "not_identified",
        reason,
        "insufficient",
    )


def test_gates_before_the_fit_when_just_enough_is_there_then_they_pass():
    assert before_fit(ENOUGH) is None
