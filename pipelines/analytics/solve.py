"""The one step between the two halves of the build: read intermediate tables, fill `solved`."""

from __future__ import annotations

import duckdb

from pipelines.analytics.attribution import solve_attribution
from pipelines.analytics.customers import solve_customers
from pipelines.analytics.influence import solve_influence
from pipelines.analytics.returns import solve_returns
from pipelines.analytics.summary import solve_summary

# Qualified tables of the first half that are read, and tables of schema `solved` that are filled.
READS = (
    "intermediate.int_attribution_journeys",
    "intermediate.int_attribution_models",
    "intermediate.int_attribution_channel_codes",
    "intermediate.int_customer_histories",
    "intermediate.int_customer_backtest_purchases",
    "intermediate.int_attention_edges",
    "intermediate.int_influence_converters",
    "intermediate.int_referral_assumptions_checked",
    "intermediate.int_people_weekly",
    "intermediate.int_roi_window",
    "intermediate.int_roi_exposed_weekly",
    "marts.relationship_costs",
    "marts.roi_cohorts",
)
WRITES = (
    "attribution_effects",
    "attribution_runs",
    "attribution_transitions",
    "customer_purchases",
    "customer_spending",
    "customer_value_fits",
    "customer_value_backtests",
    "influence_scores",
    "roi_effects",
    "roi_event_study",
    "roi_doses",
    "roi_curves",
    "roi_checks",
    "roi_verdicts",
    "roi_summary_monthly",
)


def solve(connection: duckdb.DuckDBPyConnection, annual_discount_rate: float) -> int:
    """Fill all solved tables in one transaction; returns how many problems were solved anew.

    Needs the first half of the build (everything but what reads `solved`) in the same file. What
    rests on the same inputs as before is kept. `annual_discount_rate`: what money
    in a year is worth less than today, 0.1 is 10 %.
    """
    connection.begin()
    try:
        count = solve_attribution(connection)
        count += solve_customers(connection, annual_discount_rate)
        count += solve_influence(connection)
        count += solve_returns(connection)
        count += solve_summary(connection)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
    return count
