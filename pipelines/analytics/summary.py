"""Fills solved.roi_summary_monthly: cost, incremental margin, return, and one honest sentence.

The answer is that of the randomised hold-out once it has one, else that on the first reply; figures
stand there only where its verdict lets a report print them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.roi import Cost, Roi, payback, summarise
from pipelines.analytics.causal.rows import PRIMARY_HORIZON
from pipelines.analytics.causal.segments import EVERYBODY
from pipelines.analytics.causal.sentences import Money, sentence
from pipelines.analytics.causal.verdict import NOT_IDENTIFIED, Verdict
from pipelines.analytics.causal.words import LANGUAGES
from pipelines.analytics.holdouts import EXPOSURE as HOLDOUT_EXPOSURE
from pipelines.analytics.holdouts import METHOD as HOLDOUT
from pipelines.analytics.holdouts import PRESET_HORIZON, holdout_weeks
from pipelines.analytics.returns import METRIC, Rows
from pipelines.analytics.tables import SCHEMA, replace_rows
from pipelines.tables import rows_of

EXPOSURE = "first_reply"
DID = "did"


@dataclass(frozen=True)
class Answer:
    """What the summary says: found how, with which verdict, and minor units per person-week."""

    method: str
    verdict: Verdict
    effect: Estimate | None


@dataclass(frozen=True)
class Month:
    """What the estimate speaks of in one month: lists by week, oldest first; minor units.

    `relationship_cost_minor`: all of the month's, None where nothing was recorded.
    """

    person_weeks: list[float]
    cost_minor: list[int]
    default_minor: int
    relationship_cost_minor: int | None


def solve_summary(connection: duckdb.DuckDBPyConnection) -> int:
    """One row per month of the window; returns how many."""
    windows = rows_of(connection, "from intermediate.int_roi_window")
    answer = _answer(connection)
    if not answer or not windows or not windows[0]["currency"]:
        return replace_rows(connection, "roi_summary_monthly", [])
    verdict, effect = answer.verdict, answer.effect
    money = Money(windows[0]["currency"], windows[0]["currency_exponent"])
    months = _months(connection, answer.method)
    person_weeks = [weeks for month in months.values() for weeks in month.person_weeks]
    costs = [cost for month in months.values() for cost in month.cost_minor]
    payback_weeks = payback(effect.value, person_weeks, costs) if effect else None
    listed: Rows = []
    for start, month in months.items():
        roi = _roi(effect, month) if effect and verdict.shows_number else None
        listed.append(
            {
                "brand_id": windows[0]["brand_id"],
                "month_start_date": start,
                "relationship_cost_minor": month.relationship_cost_minor,
                "exposed_person_weeks": int(sum(month.person_weeks)),
                "attributable_cost_minor": sum(month.cost_minor) if roi else None,
                **_figures(roi),
                "payback_weeks": payback_weeks if roi else None,
                "currency": money.currency,
                "method": answer.method,
                "verdict": verdict.verdict,
                "verdict_reason": verdict.reason or None,
                "credibility": verdict.credibility,
                **{
                    f"sentence_{language}": sentence(
                        verdict, effect, roi, money, language, is_holdout=answer.method == HOLDOUT
                    )
                    for language in LANGUAGES
                },
            }
        )
    return replace_rows(connection, "roi_summary_monthly", listed)


def _answer(connection: duckdb.DuckDBPyConnection) -> Answer | None:
    """That of the hold-out where it has one, else of the comparison of who was answered when.

    A hold-out has an answer at its preset horizon, with arms as planned and alike before: an
    effect, or none although one of a usual size would have been seen. Else it takes nothing away.
    """
    comparison = _found(connection, DID, EXPOSURE, "ratio", PRIMARY_HORIZON)
    dealt = _found(connection, HOLDOUT, HOLDOUT_EXPOSURE, "level", PRESET_HORIZON)
    if dealt is None or dealt.effect is None:
        return comparison
    has_answer = dealt.verdict.verdict != NOT_IDENTIFIED and not dealt.verdict.reason
    return dealt if has_answer else comparison


def _found(
    connection: duckdb.DuckDBPyConnection, method: str, exposure: str, scale: str, horizon: str
) -> Answer | None:
    """The verdict on all people exposed, with its estimate."""
    verdicts = rows_of(
        connection,
        f"from {SCHEMA}.roi_verdicts where exposure_id = ? and metric = ? and segment = ?",
        [exposure, METRIC, EVERYBODY],
    )
    if not verdicts:
        return None
    found = verdicts[0]
    verdict = Verdict(
        found["verdict"], found["verdict_reason"] or "", found["decided_by_gate"],
        found["credibility"],
    )  # fmt: skip
    effects = rows_of(
        connection,
        f"select estimate_minor, standard_error from {SCHEMA}.roi_effects where exposure_id = ?"
        " and metric = ? and segment = ? and method = ? and scale = ? and horizon = ?"
        " and standard_error is not null",
        [exposure, METRIC, EVERYBODY, method, scale, horizon],
    )
    effect = (
        Estimate(effects[0]["estimate_minor"], effects[0]["standard_error"]) if effects else None
    )
    return Answer(method, verdict, effect)


def _months(connection: duckdb.DuckDBPyConnection, method: str) -> dict[date, Month]:
    """Weeks by month; costs that no person caused are spread as those that persons did."""
    listed = (
        holdout_weeks(connection)
        if method == HOLDOUT
        else rows_of(
            connection, "from intermediate.int_roi_exposed_weekly order by week_start_date"
        )
    )
    weeks: dict[date, Rows] = defaultdict(list)
    for week in listed:
        weeks[week["month_start_date"]].append(week)
    return {start: _month(found) for start, found in weeks.items()}


def _month(weeks: Rows) -> Month:
    total, allocated = weeks[0]["month_cost_minor"], weeks[0]["month_allocated_minor"]
    share = total / allocated if total and allocated else 1.0
    return Month(
        [float(week["person_weeks"]) for week in weeks],
        [round(week["cost_minor"] * share) for week in weeks],
        sum(round(week["default_minor"] * share) for week in weeks),
        total,
    )


def _roi(effect: Estimate, month: Month) -> Roi:
    cost = Cost(sum(month.cost_minor), month.default_minor)
    return summarise(effect, month.person_weeks, month.cost_minor, cost)


def _figures(roi: Roi | None) -> dict[str, float | None]:
    margin = roi.incremental if roi else None
    ratio = roi.roi if roi else None
    return {
        "incremental_margin_minor": margin.value if margin else None,
        "incremental_low_minor": margin.low if margin else None,
        "incremental_high_minor": margin.high if margin else None,
        "roi": ratio.value if ratio else None,
        "roi_low": ratio.low if ratio else None,
        "roi_high": ratio.high if ratio else None,
    }
