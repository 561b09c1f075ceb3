"""A planted world through drop, run and publication: marts say what the arrays say."""

import json
import math

import numpy as np
import pytest

from benchmarks.truth.trials import question_of
from pipelines.analytics.causal.analysis import analyse
from pipelines.analytics.causal.moments import moments_from_rows, moments_of
from pipelines.world.planted.history import plant
from pipelines.world.planted.parameters import scenario
from tests.support.nightly import Home

pytestmark = [pytest.mark.slow, pytest.mark.long]
PEOPLE, SEED = 4_000, 11


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("planted"), pseudonym_key="cd" * 32)
    home.ror("demo", "--scenario", "S1", "--people", str(PEOPLE), "--seed", str(SEED))
    return home


@pytest.fixture(scope="module")
def question():
    return question_of(plant(scenario("S1", PEOPLE, SEED)))


def test_effect_when_planted_then_the_published_one_is_that_of_the_arrays(home, question):
    wanted = analyse(question)
    ((lift, low, high),) = home.query(
        "select lift, lift_ci_low, lift_ci_high from marts.roi_effects where method = 'did'"
        " and scale = 'ratio' and exposure_id = 'first_reply' and segment = 'all'"
    )
    plain = wanted.estimates.plain.lift
    expected = [math.expm1(value) for value in (plain.value, plain.low, plain.high)]
    assert [lift, low, high] == pytest.approx(expected, rel=1e-9)
    assert home.query(
        "select verdict, coalesce(verdict_reason, ''), credibility from marts.roi_verdicts"
        " where exposure_id = 'first_reply' and segment = 'all'"
    ) == [(wanted.verdict.verdict, wanted.verdict.reason, wanted.verdict.credibility)]


def test_moments_when_summed_in_sql_then_they_are_those_of_the_arrays(home, question):
    wanted = moments_of(question.panel)
    rows = home.query(
        "select cohort, week_a, week_b, outcome_sum, cross_sum, person_count from marts.roi_moments"
        " where exposure_id = 'first_reply' and segment = 'all'"
    )
    cohort, week_a, week_b, sums, crosses, people = map(np.array, zip(*rows, strict=True))
    found = moments_from_rows(
        cohort, week_a, week_b, sums, crosses,
        dict(zip(cohort.tolist(), people.tolist(), strict=True)), wanted.weeks,
    )  # fmt: skip
    assert found.onsets == wanted.onsets
    assert (found.people == wanted.people).all()
    assert np.allclose(found.sums, wanted.sums, rtol=1e-12)
    assert np.allclose(found.crosses, wanted.crosses, rtol=1e-12)


def test_truth_when_asked_then_planted_and_published_stand_side_by_side(home):
    printed = home.ror("truth").stdout
    planted = json.loads((home.path / "truth" / "planted.json").read_text())
    for name in ("orders", "margin_minor", "replies"):
        line = next(line for line in printed.splitlines() if line.startswith(name))
        assert line.split()[1:] == [f"{planted[name]:,}"] * 2
    assert "lift by the first reply" in printed


def test_score_when_explained_then_its_points_add_up_to_it(home):
    ((person, score),) = home.query(
        "select person_id, score from marts.ror_scores_weekly where level <> 'unknown'"
        " order by week_start_date desc, score desc, person_id limit 1"
    )
    printed = home.ror("explain", person).stdout
    assert f"{score:.6f}  sum" in " ".join(printed.split(" ")).replace("  sum", "  sum")
    assert "personal reply on x" in printed


def test_cost_when_shared_out_then_ledger_and_parts_agree(home):
    assert home.query(
        "select count(distinct cost_id) > 10, count(*) filter (person_id is not null) > 1000,"
        " sum(amount_minor)::bigint = (select sum(amount_minor)::bigint from"
        " (select cost_id, sum(amount_minor) as amount_minor from marts.relationship_costs group by 1))"
        " from marts.relationship_costs"
    ) == [(True, True, True)]
