"""Moments are all that estimates need of people: by hand, by SQL, by person, in any order."""

import math

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.analytics.causal import base_week, moments
from pipelines.analytics.causal.analysis import analyse
from pipelines.analytics.causal.cells import cells_of
from pipelines.analytics.causal.estimates import dense_standard_error
from pipelines.analytics.causal.imputation import impute
from pipelines.analytics.causal.moments import moments_from_rows, moments_of
from pipelines.analytics.causal.panel import NEVER, Panel, panel_from_tables
from pipelines.errors import RorError

# The query of the mart, as the specification gives it.
SQL = """
    select cohort, week_a, week_b, sum(y_a * y_b)::double as cross_sum, sum(y_a)::double as outcome_sum
    from (
        select a.cohort, a.week_index as week_a, b.week_index as week_b, a.outcome as y_a, b.outcome as y_b
        from y as a join y as b on a.person_id = b.person_id and a.week_index <= b.week_index
    )
    group by all
"""


def test_moments_when_four_people_then_sums_and_crosses_are_those_counted_by_hand(tiny_panel):
    found = moments_of(tiny_panel)
    assert found.onsets == (2,)
    assert found.people.tolist() == [2, 2]
    assert found.sums.tolist() == [[2, 4, 6, 8], [2, 4, 9, 12]]
    assert found.crosses[1].tolist() == [
        [4, 8, 18, 24], [8, 16, 36, 48], [18, 36, 81, 108], [24, 48, 108, 144],
    ]  # fmt: skip
    assert found.crosses[0][1].tolist() == [4, 8, 12, 16]


def test_moments_when_a_week_comes_in_two_rows_then_they_add_up_before_squaring(tiny_panel):
    split = Panel(
        4, tiny_panel.onset, np.append(tiny_panel.person, 2), np.append(tiny_panel.week, 3),
        np.append(np.where(tiny_panel.outcome == 12, 7.0, tiny_panel.outcome), 5.0),
    )  # fmt: skip
    assert (moments_of(split).crosses == moments_of(tiny_panel).crosses).all()


def test_moments_when_people_fill_many_blocks_then_nothing_changes(small_question, monkeypatch):
    whole = moments_of(small_question.panel)
    monkeypatch.setattr(moments, "BLOCK_PEOPLE", 37)
    parts = moments_of(small_question.panel)
    assert (whole.sums == parts.sums).all()
    assert (whole.crosses == parts.crosses).all()  # whole minor units: exact


def test_moments_when_counted_in_sql_then_they_are_the_same(small_question):
    panel = small_question.panel
    y = pa.table(
        {
            "person_id": panel.person, "week_index": panel.week,
            "outcome": panel.outcome.astype(np.int64), "cohort": panel.onset[panel.person],
        }
    )  # fmt: skip
    with duckdb.connect() as con:
        con.register("y", y)
        rows = con.execute(SQL).to_arrow_table()
    column = {name: rows[name].to_numpy() for name in rows.column_names}
    onsets, counts = np.unique(panel.onset, return_counts=True)
    people = dict(zip(onsets.tolist(), counts.tolist(), strict=True))
    found = moments_from_rows(
        column["cohort"], column["week_a"], column["week_b"], column["outcome_sum"],
        column["cross_sum"], people, panel.weeks,
    )  # fmt: skip
    expected = moments_of(panel)
    assert found.onsets == expected.onsets
    assert (found.people == expected.people).all()
    assert (found.sums == expected.sums).all()
    assert (found.crosses == expected.crosses).all()


def test_moments_when_segments_are_added_then_they_are_those_of_all(small_question, small_world):
    panel = small_question.panel
    first = np.arange(panel.people) % 3 == 0
    first[panel.onset == 12] = True  # a cohort that one part lacks
    both = moments_of(panel.of_people(first)) + moments_of(panel.of_people(~first))
    whole = moments_of(panel)
    assert both.onsets == whole.onsets
    assert (both.people == whole.people).all()
    assert (both.crosses == whole.crosses).all()


def dense_level_or_ratio(panel, scale):
    """Person by person, as the estimator is written down: an independent way to the same figures."""
    outcome, n = panel.dense(), panel.people
    control = outcome[panel.onset == NEVER]
    m_c, n_c = control.mean(axis=0), len(control)
    psi_s, psi_f, psi_w = np.zeros(n), np.zeros(n), np.zeros(n)
    weight_c = np.zeros(panel.weeks)
    s = f = w = 0.0
    for g in sorted(set(panel.onset.tolist()) - {NEVER}):
        own = panel.onset == g
        y, n_g, base = outcome[own], own.sum(), g - 1
        m = y.mean(axis=0)
        weeks = np.arange(g, panel.weeks)
        if scale == "level":
            fitted = m[base] + m_c[weeks] - m_c[base]
            c_y = y[:, base] * len(weeks)
            psi_f[own] = n * (c_y + fitted.sum() - c_y.mean())
            weight_c[weeks] += n_g
            weight_c[base] -= n_g * len(weeks)
        else:
            fitted = m[base] * m_c[weeks] / m_c[base]
            psi_f[own] = n * y[:, base] * (m_c[weeks] / m_c[base]).sum()
            weight_c[weeks] += n_g * m[base] / m_c[base]
            weight_c[base] -= (n_g * m[base] * m_c[weeks] / m_c[base] ** 2).sum()
        psi_s[own] = n * y[:, weeks].sum(axis=1)
        psi_w[own] = n * len(weeks)
        s, f, w = s + n_g * m[weeks].sum(), f + n_g * fitted.sum(), w + n_g * len(weeks)
    moved = control @ weight_c
    psi_f[panel.onset == NEVER] = n / n_c * (moved - moved.mean())
    psi_s, psi_f, psi_w = psi_s - s, psi_f - f, psi_w - w
    theta = (s - f) / w
    influence = (psi_s - psi_f - theta * psi_w) / w
    return theta, math.sqrt((influence**2).sum()) / n


@pytest.mark.parametrize("scale", ["level", "ratio"])
def test_effect_when_computed_person_by_person_then_moments_give_the_same(small_question, scale):
    panel = small_question.panel
    value, error = dense_level_or_ratio(panel, scale)
    found = base_week.overall(moments_of(panel), scale).effect
    assert found.value == pytest.approx(value, rel=1e-9)
    assert found.standard_error == pytest.approx(error, rel=1e-9)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_lift_when_its_error_is_summed_over_people_then_moments_give_the_same(
    small_question, order
):
    panel = small_question.panel
    found = moments_of(panel)
    imputed = impute(found, cells_of(found), order)
    dense = dense_standard_error(imputed.influence, found, panel)
    assert imputed.lift.standard_error == pytest.approx(dense, rel=1e-9)


def tables(panel):
    ids = pa.array([f"p{number:05}" for number in range(panel.people)])
    people = pa.table(
        {"person_id": ids, "onset_week_index": pa.array(panel.onset, mask=panel.onset < 0)}
    )
    outcomes = pa.table(
        {
            "person_id": ids.take(pa.array(panel.person)), "week_index": panel.week,
            "outcome": panel.outcome.astype(np.int64),
        }
    )  # fmt: skip
    return people, outcomes


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_panel_when_rows_are_shuffled_then_it_is_the_same(small_question, seed):
    generator = np.random.default_rng(seed)
    people, outcomes = tables(small_question.panel)
    shuffled = panel_from_tables(
        people.take(generator.permutation(people.num_rows)),
        outcomes.take(generator.permutation(outcomes.num_rows)), 40,
    )  # fmt: skip
    straight = panel_from_tables(people, outcomes, 40)
    for name in ("onset", "person", "week", "outcome"):
        assert (getattr(shuffled, name) == getattr(straight, name)).all()


def test_analysis_when_people_are_shuffled_then_estimates_differ_by_rounding_only(small_question):
    order = np.random.default_rng(3).permutation(small_question.panel.people)
    panel = small_question.panel
    place = np.argsort(order)
    shuffled = Panel(
        panel.weeks, panel.onset[order], place[panel.person], panel.week, panel.outcome
    )
    straight = analyse(type(small_question)(panel))
    other = analyse(type(small_question)(shuffled))
    for one, two in [
        (straight.estimates.plain.lift, other.estimates.plain.lift),
        (straight.estimates.linear.lift, other.estimates.linear.lift),
        (straight.estimates.level, other.estimates.level),
    ]:
        assert two.value == pytest.approx(one.value, abs=1e-12, rel=1e-12)
        assert two.standard_error == pytest.approx(one.standard_error, abs=1e-12, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"outcome": [1.0, float("nan")]}, "not a finite number"),
        ({"week": [0, 9]}, "outside the weeks"),
        ({"person": [0, 5]}, "unknown person"),
        ({"onset": [NEVER, 9]}, "onset lies outside"),
        ({"outcome": [1.0]}, "differ in length"),
    ],
)
def test_panel_when_it_contradicts_itself_then_it_is_refused(change, why):
    parts = {"onset": [NEVER, 1], "person": [0, 1], "week": [0, 1], "outcome": [1.0, 2.0]} | change
    with pytest.raises(RorError, match=why):
        Panel(2, **{name: np.array(values) for name, values in parts.items()})


@pytest.mark.parametrize(
    ("ids", "outcome", "why"),
    [
        (["a", "a"], [1, 2], "stands twice"),
        (["a", "b"], [1, None], "NULL, which is not zero"),
        (["a", "c"], [1, 2], "without a cohort"),
    ],
)
def test_tables_when_they_contradict_each_other_then_they_are_refused(ids, outcome, why):
    people = pa.table({"person_id": ids, "onset_week_index": pa.array([None, 1], pa.int64())})
    outcomes = pa.table({"person_id": ["a", "b"], "week_index": [0, 1], "outcome": outcome})
    with pytest.raises(RorError, match=why):
        panel_from_tables(people, outcomes, 4)
