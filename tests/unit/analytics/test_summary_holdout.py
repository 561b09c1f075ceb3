"""Which answer the summary gives: that of the randomised hold-out once it has one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from math import hypot
from typing import Any

import duckdb
import pytest

from pipelines.analytics.holdouts import holdout_rows
from pipelines.analytics.returns import _same_columns
from pipelines.analytics.summary import solve_summary
from pipelines.analytics.tables import replace_rows
from pipelines.tables import rows_of
from tests.unit.analytics.test_holdouts import ASSIGNED_WEEK, warehouse
from tests.unit.analytics.test_returns import solved_tables

MONDAY = date(2025, 8, 4)  # of the week of the assignment
Z = 1.959963984540054
COMPARISON = {"exposure_id": "first_reply", "metric": "margin", "segment": "all"}


def summarised(
    lift: float, last_week: int = ASSIGNED_WEEK + 13, share: float = 0.5, planned: float = 0.5
) -> tuple[list[dict[str, Any]], float, int]:
    """Rows of the summary beside a credible comparison of 30.00, the plain answer, and the treated."""
    con, plain = warehouse(lift, share)
    with con:
        con.execute(solved_tables())
        con.execute("update reference.holdout_experiments set holdout_share = ?", [planned])
        con.execute(
            "create table intermediate.int_roi_window as select 'brand' as brand_id,"
            " 'EUR' as currency, 2 as currency_exponent"
        )
        con.execute(
            "create table intermediate.int_roi_exposed_weekly as select week::date as"
            " week_start_date, date_trunc('month', week)::date as month_start_date,"
            " 100 as person_weeks, 1000::bigint as cost_minor, 0::bigint as default_minor,"
            " 8000::bigint as month_cost_minor, 4000::bigint as month_allocated_minor"
            " from range(date '2025-07-28', date '2025-11-10', interval 7 days) as weeks(week)"
        )
        costs(con)
        effects, verdicts = holdout_rows(con, last_week)
        effects.append(
            COMPARISON | {
                "method": "did", "scale": "ratio", "horizon": "0-12", "estimate_minor": 3000.0,
                "standard_error": 100.0,
            }
        )  # fmt: skip
        verdicts.append(
            COMPARISON | {
                "verdict": "supported_linear", "credibility": "credible", "decided_by_gate": "11"
            }
        )  # fmt: skip
        replace_rows(con, "roi_effects", _same_columns(effects))
        replace_rows(con, "roi_verdicts", _same_columns(verdicts))
        solve_summary(con)
        treated = con.sql("from marts.holdout_assignments where arm = 'treat'").fetchall()
        return (
            rows_of(con, "from solved.roi_summary_monthly order by month_start_date"),
            plain,
            len(treated),
        )


def costs(con: duckdb.DuckDBPyConnection) -> None:
    """10.00 and default minutes of 6.00 on treated people in the first week after; all else is not theirs."""
    con.execute(
        "create table marts.relationship_costs (person_id varchar, cost_date date,"
        " amount_minor bigint, basis varchar, is_relationship boolean)"
    )
    arms: Iterable[tuple[str, str]] = con.sql(
        "select arm, min(person_id) from marts.holdout_assignments group by arm"
    ).fetchall()
    person = dict(arms)
    after = MONDAY + timedelta(days=9)
    for who, day, amount, basis in (
        (person["treat"], after, 1_000, "measured"),
        (person["treat"], after, 600, "default"),
        (person["treat"], MONDAY, 70_000, "measured"),
        (person["holdout"], after, 5_000, "measured"),
        (None, after, 4_000, "measured"),
    ):
        con.execute(
            "insert into marts.relationship_costs values (?, ?, ?, ?, true)",
            [who, day, amount, basis],
        )


def test_summary_when_the_holdout_is_credible_then_it_outranks_the_comparison():
    rows, plain, treated = summarised(lift=0.6)
    assert {row["method"] for row in rows} == {"holdout"}
    assert {(row["verdict"], row["credibility"]) for row in rows} == {
        ("supported_shape_unclear", "credible")
    }
    by_month = {row["month_start_date"]: row for row in rows}
    # Weeks after that of 4 August, to the thirteenth, that of 3 November; none before.
    assert {month.month: row["exposed_person_weeks"] for month, row in by_month.items()} == {
        7: 0, 8: 3 * treated, 9: 5 * treated, 10: 4 * treated, 11: treated,
    }  # fmt: skip
    august = by_month[date(2025, 8, 1)]
    margin = plain * 3 * treated
    assert august["incremental_margin_minor"] == pytest.approx(margin, rel=1e-9)
    # Half of the month's costs are nobody's, so the 16.00 of the treated count twice.
    assert august["attributable_cost_minor"] == 3_200
    assert august["roi"] == pytest.approx(margin / 3_200 - 1, rel=1e-9)
    error = (august["incremental_high_minor"] - margin) / Z
    spread = hypot(error / 3_200, margin * (1_200 * 0.3 / Z) / 3_200**2)
    assert august["roi_low"] == pytest.approx(margin / 3_200 - 1 - Z * spread, rel=1e-9)
    assert 0 < august["incremental_low_minor"] < margin
    assert "suggestion of the work list" in august["sentence_en"]
    assert f"{plain / 100:.2f}\u00a0EUR" in august["sentence_en"]
    assert "suggerimento" in august["sentence_it"]
    assert "подсказки" in august["sentence_ru"]
    # September cost nothing that is known: no return, and it is said.
    assert by_month[date(2025, 9, 1)]["roi"] is None
    assert "what it cost is not known" in by_month[date(2025, 9, 1)]["sentence_en"]


def test_summary_when_the_holdout_saw_enough_and_nothing_then_that_is_the_answer():
    rows, _, _ = summarised(lift=0.0)
    assert {(row["method"], row["verdict"], row["credibility"]) for row in rows} == {
        ("holdout", "no_effect_detected", "insufficient")
    }
    assert all(row["incremental_margin_minor"] is None for row in rows)
    assert all("hold-out detected no effect" in row["sentence_en"] for row in rows)
    assert all("would not be visible" in row["sentence_en"] for row in rows)


@pytest.mark.parametrize(
    "experiment",
    [
        {"lift": 0.6, "last_week": ASSIGNED_WEEK + 12},  # still running
        {"lift": 0.6, "planned": 0.4},  # arms of other sizes than planned
        {"lift": 3.0, "share": 0.01, "planned": 0.01},  # some sixty held out: too few
    ],
)
def test_summary_when_the_holdout_has_no_answer_then_the_comparison_stands(experiment):
    rows, _, _ = summarised(**experiment)
    assert {(row["method"], row["verdict"]) for row in rows} == {("did", "supported_linear")}
    assert {row["exposed_person_weeks"] for row in rows} == {100, 400, 500}
    assert "30.00\u00a0EUR" in rows[0]["sentence_en"]
    assert "first personal reply" in rows[0]["sentence_en"]


@pytest.mark.parametrize(
    ("lift", "limit", "value"),
    [
        (0.6, "BALANCE_LEVEL", 1.1),  # arms that differ before
        (0.0, "LARGEST_MDE_SHARE", 0.01),  # nothing found, and little could have been
    ],
)
def test_summary_when_a_check_of_the_holdout_fails_then_the_comparison_stands(
    monkeypatch, lift, limit, value
):
    monkeypatch.setattr(f"pipelines.analytics.causal.holdout.{limit}", value)
    rows, _, _ = summarised(lift)
    assert {row["method"] for row in rows} == {"did"}
