"""From the tables of the warehouse to the solved ones: the answer is that of the arrays."""

from __future__ import annotations

import json
import math
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from benchmarks.truth.trials import question_of
from pipelines.analytics.causal.analysis import analyse
from pipelines.analytics.returns import TABLES, solve_returns
from pipelines.analytics.summary import solve_summary
from pipelines.settings import DBT_PROJECT
from pipelines.tables import rows_of
from pipelines.world.planted.history import PlantedWorld, plant
from pipelines.world.planted.parameters import scenario

FIRST = 2_900  # number of the window's first week


def solved_tables() -> str:
    """The statements of the macro that makes the tables."""
    text = (DBT_PROJECT / "macros" / "solved.sql").read_text(encoding="utf-8")
    return text[text.index("create schema") : text.index("{%- endif")]


def warehouse(world: PlantedWorld) -> duckdb.DuckDBPyConnection:
    """The tables that are read, filled from a planted world; a person of each kind is left out."""
    weeks, people = world.parameters.weeks, world.people
    con = duckdb.connect()
    con.execute("create schema intermediate; create schema marts;" + solved_tables())
    con.execute(
        "create table intermediate.int_roi_window as select ? as first_week_index,"
        " ?::integer as week_count, ? as known_from_index, ? as last_week_index, 'brand' as brand_id,"
        " 'EUR' as currency, 2 as currency_exponent",
        [FIRST, weeks, FIRST - weeks, FIRST + weeks - 1],
    )
    eligible = (people.first_contact_week <= -4) & ~people.is_bot
    cohorts = pa.table(
        {
            "exposure_id": ["first_reply"] * len(eligible),
            "person_id": [f"p{n:06}" for n in range(len(eligible))],
            "onset_week_index": pa.array(people.onset, mask=people.onset < 0),
            "is_eligible": eligible,
            "exclusion_reason": pa.array(["bot"] * len(eligible), mask=~people.is_bot),
            "segment": np.where(people.segment == 1, "customer", "prospect"),
        }
    )
    margin = np.zeros((len(eligible), 2 * weeks), dtype=np.int64)
    margin[world.outcomes.person, world.outcomes.week + weeks] = world.outcomes.margin_minor
    margin[world.before.person, world.before.week] = world.before.margin_minor
    person, week = np.nonzero(np.ones_like(margin))
    inside = np.where(week >= weeks, week - weeks, 0)
    weekly = pa.table(
        {
            "person_id": pa.array([f"p{n:06}" for n in range(len(eligible))]).take(person),
            "week_index": week - weeks + FIRST,
            "margin_minor": margin[person, week],
            "order_count": np.where(week >= weeks, world.orders[person, inside], 0),
            "dose": np.where(week >= weeks, world.dose[person, inside], 0),
            "prompt_dose": np.zeros(len(person), dtype=np.int64),
        }
    )
    con.register("cohorts", cohorts)
    con.register("weekly", weekly)
    con.execute("create table marts.roi_cohorts as from cohorts order by random()")
    con.execute(
        "create table intermediate.int_people_weekly as from weekly"
        " where margin_minor + order_count + dose > 0 order by random()"
    )
    first = date(1970, 1, 5).toordinal() + 7 * FIRST
    con.execute(
        "create table intermediate.int_roi_exposed_weekly (week_start_date date,"
        " month_start_date date, person_weeks bigint, cost_minor bigint, default_minor bigint,"
        " month_cost_minor bigint, month_allocated_minor bigint)"
    )
    for number in range(weeks):
        monday = date.fromordinal(first + 7 * number)
        con.execute(
            "insert into intermediate.int_roi_exposed_weekly values (?, ?, 100, 1000, 0, 8000, 4000)",
            [monday, monday.replace(day=1)],
        )
    return con


@pytest.fixture(scope="module")
def world() -> PlantedWorld:
    return plant(scenario("S1", 4_000, seed=11))


def test_returns_when_tables_are_shuffled_then_the_finding_is_that_of_the_arrays(world):
    wanted = analyse(question_of(world))
    with warehouse(world) as con:
        assert solve_returns(con) == 2
        found = rows_of(con, "from solved.roi_effects where segment = 'all' and method = 'did'")
        verdict = rows_of(
            con, "from solved.roi_verdicts where segment = 'all' and exposure_id = 'first_reply'"
        )[0]
        ratio = next(row for row in found if row["scale"] == "ratio")
        plain = wanted.estimates.plain
        assert ratio["lift"] == pytest.approx(math.expm1(plain.lift.value), rel=1e-12)
        assert ratio["estimate_minor"] == pytest.approx(plain.effect.value, rel=1e-12)
        assert ratio["adjusted_ci_low"] == pytest.approx(
            math.expm1(wanted.estimates.adjusted.low), rel=1e-9
        )
        assert (verdict["verdict"], verdict["verdict_reason"] or "") == (
            wanted.verdict.verdict, wanted.verdict.reason,
        )  # fmt: skip
        # Nobody counts for the other exposure, and that is what is said.
        other = rows_of(con, "from solved.roi_verdicts where exposure_id = 'first_prompt_reply'")
        assert [row["verdict_reason"] for row in other] == ["too_few_treated"]
        curves = rows_of(con, "from solved.roi_curves where segment = 'all' and kind = 'dose'")
        assert all(isinstance(json.loads(row["parameters"]), list) for row in curves)


def test_returns_when_nothing_changed_then_nothing_is_solved_again(world):
    with warehouse(world) as con:
        solve_returns(con)
        before = {table: rows_of(con, f"from solved.{table}") for table in TABLES}
        assert solve_returns(con) == 0
        assert {table: rows_of(con, f"from solved.{table}") for table in TABLES} == before
        con.execute("update intermediate.int_people_weekly set margin_minor = margin_minor + 1")
        assert solve_returns(con) == 1


def test_summary_when_a_figure_may_not_be_printed_then_none_stands_there(world):
    with warehouse(world) as con:
        solve_returns(con)
        for credibility in ("insufficient", "not_credible"):
            con.execute(
                "update solved.roi_verdicts set credibility = ?, verdict = 'not_identified',"
                " verdict_reason = 'pretrend' where segment = 'all'",
                [credibility],
            )
            solve_summary(con)
            for row in rows_of(con, "from solved.roi_summary_monthly"):
                assert row["incremental_margin_minor"] is None
                assert row["roi"] is None
                assert row["payback_weeks"] is None
                assert row["sentence_en"].startswith("The data cannot tell yet: people who were")


def test_summary_when_supported_then_return_is_margin_less_cost_over_cost(world):
    with warehouse(world) as con:
        solve_returns(con)
        con.execute(
            "update solved.roi_verdicts set credibility = 'credible',"
            " verdict = 'supported_linear', verdict_reason = null"
        )
        con.execute(
            "update solved.roi_effects set estimate_minor = 30, standard_error = 5"
            " where method = 'did' and scale = 'ratio'"
        )
        months = solve_summary(con)
        rows = rows_of(con, "from solved.roi_summary_monthly order by month_start_date")
    assert months == len(rows) > 8
    whole = next(row for row in rows if row["exposed_person_weeks"] == 400)
    # 400 person-weeks at 30; four weeks at 1,000, doubled: half of the month's costs are nobody's.
    assert whole["incremental_margin_minor"] == pytest.approx(12_000)
    assert whole["attributable_cost_minor"] == 8_000
    assert whole["roi"] == pytest.approx(0.5)
    assert whole["roi_low"] == pytest.approx((12_000 - 1.959963984540054 * 2_000) / 8_000 - 1)
    assert whole["payback_weeks"] == 1  # a week brings 3,000 and costs 2,000
    assert "0.30\u00a0EUR" in whole["sentence_en"]
    assert "0,50\u00a0EUR" in whole["sentence_it"]
    assert "хорошая" in whole["sentence_ru"]
