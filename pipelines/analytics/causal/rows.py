"""A finding as rows of the tables roi_effects, roi_event_study, roi_doses, roi_curves, roi_checks
and roi_verdicts; the key columns (exposure, metric, segment) are the caller's.
"""

from __future__ import annotations

import math
from typing import Any

from pipelines.analytics.causal.adjusted import per_week
from pipelines.analytics.causal.analysis import Estimates, Finding
from pipelines.analytics.causal.cells import HORIZON_WEEKS
from pipelines.analytics.causal.curves import Shape
from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.verdict import (
    GATE_LEVEL,
    MIN_OVERLAP,
    PERMUTATION_LEVEL,
    Evidence,
    mde,
)

Row = dict[str, Any]
WHOLE = "all"
PRIMARY_HORIZON = f"0-{HORIZON_WEEKS}"


def effect_rows(finding: Finding) -> list[Row]:
    """roi_effects: the naive figure beside the estimates, one row per method, scale and horizon.

    Effects in minor units per exposed person-week; lifts as shares of what would have come anyway.
    """
    e = finding.estimates
    if e is None:
        return []
    level = e.base_level
    ratio = e.base_ratio
    rows = [
        _effect("naive", "ratio", WHOLE, None, _lift(e.naive)),
        _effect("did", "ratio", PRIMARY_HORIZON, e.plain.effect, _lift(e.plain.lift))
        | _adjusted(e),
        _effect("did", "level", PRIMARY_HORIZON, e.level, {}),
        _effect("did_base_week", "level", WHOLE, level.effect, _plain_lift(level.lift)),
        _effect("did_base_week", "ratio", WHOLE, ratio.effect, _plain_lift(ratio.lift)),
    ]
    counts = {"treated_count": finding.support.treated, "control_count": finding.support.controls}
    return [_known(row | counts) for row in rows]


def event_study_rows(finding: Finding) -> list[Row]:
    """roi_event_study: log lift by week since onset, by imputation and against one base week.

    The latter is what packages publish; its weeks before onset are compared with the week before.
    """
    e = finding.estimates
    if e is None:
        return []
    places = {week: place for place, week in enumerate(e.events.event_weeks)}
    imputed = [
        {
            "event_week": week, "is_primary": True, "log_lift": float(e.events.log_lift[place]),
            "standard_error": math.sqrt(max(e.events.covariance[place, place], 0.0)),
            "treated_count": int(e.events.people[place]),
        }
        for week, place in places.items()
    ]  # fmt: skip
    base = [
        {
            "event_week": week, "is_primary": False, "log_lift": math.log1p(effect.lift.value),
            "standard_error": effect.lift.standard_error / (1 + effect.lift.value),
            "treated_count": int(e.events.people[places[week]]),
        }
        for week, effect in e.base_events.items()
        if week in places and effect.lift.value > -1
    ]  # fmt: skip
    return [_known(row) for row in imputed + base]


def dose_rows(finding: Finding) -> list[Row]:
    """roi_doses; where buying brings replies the coefficients mean nothing and are NULL."""
    response = finding.doses
    if response is None:
        return []
    is_hidden = finding.verdict.reason == "reverse_causality" or not response.converged
    return [
        {
            "dose": dose,
            "log_rate_ratio": None if is_hidden else float(response.log_rate_ratio[place]),
            "standard_error": None
            if is_hidden
            else math.sqrt(max(response.covariance[place, place], 0.0)),
            "naive_log_rate_ratio": float(response.naive_log_rate_ratio[place]),
            "person_week_count": int(response.person_weeks[place]),
        }
        for place, dose in enumerate(response.doses)
    ]


def curve_rows(finding: Finding) -> list[Row]:
    """roi_curves: every family that was tried, for dose and for time."""
    return [*_curves("dose", finding.dose_shape), *_curves("time", finding.time_shape)]


def check_rows(finding: Finding) -> list[Row]:
    """roi_checks: what was tested; `is_passed` is NULL where a check had nothing to look at."""
    e = finding.evidence
    return [] if e is None else [*_tests(e), *_shares(e)]


def verdict_row(finding: Finding) -> Row:
    """roi_verdicts."""
    verdict, e = finding.verdict, finding.evidence
    slope = per_week(e.adjusted.slope) if e else None
    return {
        "verdict": verdict.verdict, "verdict_reason": verdict.reason or None,
        "credibility": verdict.credibility, "decided_by_gate": verdict.gate,
        "warnings": list(finding.warnings),
        "pretrend_slope": slope.value if slope else None,
        "pretrend_slope_se": slope.standard_error if slope else None,
        "lead_t": e.lead.statistic if e and e.lead else None,
    }  # fmt: skip


def _known(row: Row) -> Row:
    """NULL for what is no number: a base week in which no control bought gives none."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }


def _effect(
    method: str, scale: str, horizon: str, effect: Estimate | None, lift: dict[str, float]
) -> Row:
    row: Row = {"method": method, "scale": scale, "horizon": horizon}
    if effect is not None:
        row |= {
            "estimate_minor": effect.value, "standard_error": effect.standard_error,
            "ci_low": effect.low, "ci_high": effect.high, "mde_minor": mde(effect),
        }  # fmt: skip
    return row | lift


def _lift(log_lift: Estimate) -> dict[str, float]:
    """A log lift as a share e^L − 1; error by the delta method, interval by its ends."""
    return {
        "lift": math.expm1(log_lift.value),
        "lift_se": math.exp(log_lift.value) * log_lift.standard_error,
        "lift_ci_low": math.expm1(log_lift.low), "lift_ci_high": math.expm1(log_lift.high),
    }  # fmt: skip


def _plain_lift(lift: Estimate) -> dict[str, float]:
    return {
        "lift": lift.value, "lift_se": lift.standard_error,
        "lift_ci_low": lift.low, "lift_ci_high": lift.high,
    }  # fmt: skip


def _adjusted(e: Estimates) -> dict[str, float]:
    return {
        "lift_adjusted": math.expm1(e.adjusted.value),
        "adjusted_ci_low": math.expm1(e.adjusted.low),
        "adjusted_ci_high": math.expm1(e.adjusted.high),
        "breakdown_slope": e.adjusted.breakdown_slope,
    }


def _curves(kind: str, shape: Shape) -> list[Row]:
    best = min((curve.chi_square for curve in shape.curves), default=0.0)
    return [
        {
            "kind": kind, "family": curve.family, "chi_square": curve.chi_square,
            "parameter_count": len(curve.parameters), "parameters": list(curve.parameters),
            "delta_to_best": curve.chi_square - best, "is_selected": curve.family == shape.family,
        }
        for curve in shape.curves
    ]  # fmt: skip


def _tests(e: Evidence) -> list[Row]:
    tests = {
        "lead_placebo": e.lead,
        "pretrend_slope": e.adjusted.slope,
        "pretrend_curvature": e.adjusted.curvature,
        "anticipation": e.anticipation,
        "placebo_outcome": e.placebo,
    }
    return [
        {
            "check_name": name,
            "statistic": test.statistic if test else None,
            "p_value": test.p if test else None,
            "is_passed": test.p >= GATE_LEVEL if test else None,
        }
        for name, test in tests.items()
    ]


def _shares(e: Evidence) -> list[Row]:
    p = e.permutation_p
    return [
        {
            "check_name": "overlap", "statistic": e.overlap, "p_value": None,
            "is_passed": None if e.overlap is None else e.overlap >= MIN_OVERLAP,
        },
        {
            "check_name": "permutation", "statistic": None, "p_value": p,
            "is_passed": None if p is None else p < PERMUTATION_LEVEL,
        },
        {
            "check_name": "leave_one_out", "statistic": None, "p_value": None,
            "is_passed": e.keeps_sign,
        },
    ]  # fmt: skip
