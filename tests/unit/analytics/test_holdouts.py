"""The hold-out from its table to effects and verdict, on planted experiments."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.analytics.causal.holdout import intention_to_treat
from pipelines.analytics.holdouts import holdout_rows
from pipelines.world.planted.experiment import plant_experiment

PEOPLE, ASSIGNED_WEEK = 6_000, 2_900  # the week of Monday 2025-08-04


def warehouse(lift: float, held_out: float = 0.5) -> tuple[duckdb.DuckDBPyConnection, float]:
    """Assignments and the panel of a planted experiment of 13 weeks, and its plain answer."""
    dealt = np.random.Generator(np.random.PCG64(5)).random(PEOPLE) >= held_out
    drawn = plant_experiment(PEOPLE, 3, dealt, lift)
    names = pa.array([f"p{n:05}" for n in range(PEOPLE)])
    con = duckdb.connect()
    con.execute("create schema intermediate; create schema marts; create schema reference")
    weekly = pa.table(
        {
            "person_id": pa.concat_arrays([names, names, names]),
            # Before; the week of the assignment, which must not count; after.
            "week_index": np.repeat([ASSIGNED_WEEK - 3, ASSIGNED_WEEK, ASSIGNED_WEEK + 5], PEOPLE),
            "margin_minor": np.concatenate(
                [drawn.before, np.where(dealt, 10**6, 0), drawn.after]
            ).astype(np.int64),
            "purchase_count": np.concatenate(
                [drawn.before > 0, np.zeros(PEOPLE, np.bool_), drawn.after > 0]
            ).astype(np.int64),
        }
    )
    arms = pa.table({"person_id": names, "arm": np.where(dealt, "treat", "holdout")})
    con.register("weekly", weekly)
    con.register("arms", arms)
    con.execute("create table intermediate.int_people_weekly as from weekly order by random()")
    con.execute(
        "create table marts.holdout_assignments as select 'one' as experiment_id, *,"
        " timestamptz '2025-08-06 03:00:00+00' as assigned_at, false as is_excluded from arms"
    )
    con.execute(
        "create table reference.holdout_experiments as"
        " select 'one' as experiment_id, ?::double as holdout_share",
        [held_out],
    )
    return con, intention_to_treat(dealt, drawn.after, drawn.before).value / 13


def test_holdout_when_suggestions_raise_margin_then_found_at_the_preset_horizon():
    con, plain = warehouse(lift=0.6)
    effects, verdicts = holdout_rows(con, ASSIGNED_WEEK + 13)
    assert [row["horizon"] for row in effects] == ["1-4", "1-8", "1-13"]
    assert effects[-1]["estimate_minor"] == pytest.approx(plain, rel=1e-9)
    assert effects[-1]["ci_low"] > 0
    assert [(row["verdict"], row["credibility"]) for row in verdicts] == [
        ("supported_shape_unclear", "credible")
    ]


def test_holdout_when_the_horizon_is_not_over_then_it_runs_and_claims_nothing():
    con, _ = warehouse(lift=0.6)
    effects, verdicts = holdout_rows(con, ASSIGNED_WEEK + 9)
    assert [row["horizon"] for row in effects] == ["1-4", "1-8"]
    assert (verdicts[0]["verdict"], verdicts[0]["verdict_reason"]) == ("not_identified", "running")


def test_holdout_when_arms_have_not_the_planned_sizes_then_it_is_not_credible():
    con, _ = warehouse(lift=0.6)
    con.execute("update reference.holdout_experiments set holdout_share = 0.4")
    _, verdicts = holdout_rows(con, ASSIGNED_WEEK + 13)
    assert (verdicts[0]["verdict_reason"], verdicts[0]["credibility"]) == (
        "sample_ratio_mismatch", "not_credible",
    )  # fmt: skip


def test_holdout_when_nothing_was_assigned_then_there_are_no_rows():
    con = duckdb.connect()
    assert holdout_rows(con, ASSIGNED_WEEK) == ([], [])
