"""The verdict: gates in order, the first that fires decides.

Gates test at 1 %, so that several together rarely hide a true effect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pipelines.analytics.causal.adjusted import Adjusted
from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.normal import POWER_FACTOR

Credibility = Literal["credible", "weak", "not_credible", "insufficient"]

MIN_TREATED = 200
MIN_CONTROLS = 20
MIN_POST_WEEKS = 8
MIN_OVERLAP = 0.90
GATE_LEVEL = 0.01
PERMUTATION_LEVEL = 0.05
LARGEST_MDE_SHARE = 0.25  # a larger one makes "no effect detected" an empty sentence

NOT_IDENTIFIED = "not_identified"
SUPPORTED = ("supported_geometric", "supported_linear", "supported_shape_unclear")


@dataclass(frozen=True)
class Verdict:
    """`gate`: number of the deciding gate as published, e.g. "5a"; `reason`: empty if none."""

    verdict: str
    reason: str
    gate: str
    credibility: Credibility

    @property
    def shows_number(self) -> bool:
        """Whether a report may print the estimate."""
        return self.credibility in ("credible", "weak")


@dataclass(frozen=True)
class Support:
    """What is there to estimate from, counted before any fit.

    `treated`, `controls`: persons; `has_cohort`: one is large enough; `pre_weeks`, `post_weeks`:
    of the best cohort that is large enough.
    """

    treated: int
    controls: int
    has_cohort: bool
    pre_weeks: int
    post_weeks: int


@dataclass(frozen=True)
class Evidence:
    """What the estimators and checks found; None where a check had nothing to look at.

    Lifts on the log scale. `curved`: the lift with curvature, L_2. `mde_share`: of the baseline.
    """

    overlap: float | None
    lead: Estimate | None
    anticipation: Estimate
    plain: Estimate
    adjusted: Adjusted
    curved: Estimate
    ratio_effect: Estimate
    level_effect: Estimate
    placebo: Estimate | None
    dose_family: str
    time_family: str
    permutation_p: float | None = None
    keeps_sign: bool | None = None


def mde(estimate: Estimate) -> float:
    """Smallest effect that 80 % of repetitions would detect at 5 %."""
    return POWER_FACTOR * estimate.standard_error


def before_fit(support: Support) -> Verdict | None:
    """Gates 1 and 2: zero cells make a fit singular, so these run before any."""
    if support.treated < MIN_TREATED or not support.has_cohort:
        return _insufficient("too_few_treated", "1")
    if support.controls < MIN_CONTROLS:
        return _insufficient("too_few_controls", "1")
    if support.pre_weeks < 1 or support.post_weeks < MIN_POST_WEEKS:
        return _insufficient("too_short", "2")
    return None


def decide(evidence: Evidence) -> Verdict:
    """Gates 3 to 12."""
    return _unidentified(evidence) or _found(evidence)


def _unidentified(e: Evidence) -> Verdict | None:
    """Gates 3 to 7, in order."""
    trend = (e.adjusted.slope, e.adjusted.curvature, e.anticipation)
    plain_sign = _sign(e.plain.low, e.plain.high)
    adjusted_sign = _sign(e.adjusted.low, e.adjusted.high)
    found = None
    if e.overlap is not None and e.overlap < MIN_OVERLAP:
        found = _insufficient("no_overlap", "3")
    elif e.lead is not None and e.lead.p < GATE_LEVEL:
        found = _refuted("reverse_causality", "4")
    elif any(estimate.p < GATE_LEVEL for estimate in trend):
        found = _refuted("pretrend", "5a")
    elif plain_sign not in {0, adjusted_sign}:
        found = _insufficient("trend_uncertain", "5b")
    elif _disagree(e.ratio_effect, e.level_effect):
        found = _refuted("scales_disagree", "6")
    elif e.placebo is not None and e.placebo.p < GATE_LEVEL:
        found = _refuted("placebo_outcome", "7")
    return found


def _found(e: Evidence) -> Verdict:
    """Gates 8 to 12: the data speak."""
    if e.adjusted.high < 0:
        return Verdict("contradicted", "", "8", _strength(e))
    if not e.plain.excludes_zero:
        is_blind = math.expm1(mde(e.plain)) > LARGEST_MDE_SHARE
        return Verdict(
            "no_effect_detected", "mde_too_large" if is_blind else "", "9", "insufficient"
        )
    if "geometric" in e.time_family or e.dose_family == "exponential":
        return Verdict("supported_geometric", "", "10", _strength(e))
    if e.time_family in ("constant", "linear") or e.dose_family == "linear":
        return Verdict("supported_linear", "", "11", _strength(e))
    return Verdict("supported_shape_unclear", "", "12", _strength(e))


def _strength(e: Evidence) -> Credibility:
    """Credible when dealt cohorts, each cohort's absence and curvature leave the finding alone."""
    stands = (
        e.permutation_p is not None
        and e.permutation_p < PERMUTATION_LEVEL
        and e.keeps_sign is True
        and _sign(e.curved.low, e.curved.high) == _sign(e.adjusted.low, e.adjusted.high)
    )
    return "credible" if stands else "weak"


def _sign(low: float, high: float) -> int:
    """Side of zero on which an interval lies; 0 when it holds zero or is no interval."""
    return 1 if low > 0 else -1 if high < 0 else 0


def _disagree(a: Estimate, b: Estimate) -> bool:
    return a.p < GATE_LEVEL and b.p < GATE_LEVEL and a.value * b.value < 0


def _insufficient(reason: str, gate: str) -> Verdict:
    return Verdict(NOT_IDENTIFIED, reason, gate, "insufficient")


def _refuted(reason: str, gate: str) -> Verdict:
    return Verdict(NOT_IDENTIFIED, reason, gate, "not_credible")
