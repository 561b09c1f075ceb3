"""One question asked of one group of people: every estimate, every check, the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from pipelines.analytics.causal import base_week
from pipelines.analytics.causal.adjusted import Adjusted, adjust
from pipelines.analytics.causal.base_week import BaseWeekEffect
from pipelines.analytics.causal.cells import (
    MIN_COHORT_PEOPLE,
    Cells,
    Excluded,
    cells_of,
    screen,
)
from pipelines.analytics.causal.curves import Shape, dose_shape, time_shape
from pipelines.analytics.causal.dose import DoseResponse, Doses, dose_response, lead_placebo
from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.imputation import (
    EVENT_WEEKS,
    EventStudy,
    Imputed,
    anticipation,
    event_study,
    impute,
)
from pipelines.analytics.causal.leave_out import keeps_sign, leave_one_out
from pipelines.analytics.causal.level import level_effect
from pipelines.analytics.causal.moments import Moments, moments_of
from pipelines.analytics.causal.naive import naive_log_lift
from pipelines.analytics.causal.overlap import overlap_share, pre_period_cells
from pipelines.analytics.causal.panel import Booleans, Panel
from pipelines.analytics.causal.permutation import permutation_p
from pipelines.analytics.causal.verdict import (
    NOT_IDENTIFIED,
    Evidence,
    Support,
    Verdict,
    before_fit,
    decide,
)

UNDETERMINED = Shape("undetermined", ())
IMPLAUSIBLE_ELASTICITY = 1.4  # above all published meta-analyses of word of mouth


@dataclass(frozen=True)
class Question:
    """What an analysis looks at. All parts hold the same people in the same order.

    `doses`: replies and orders by week, for the shape of dose and for reverse causality. `placebo`:
    an outcome that replies cannot move, e.g. margin before first contact. `is_screened`: bots have
    been looked for and left out.
    """

    panel: Panel
    doses: Doses | None = None
    placebo: Panel | None = None
    is_screened: bool = False

    def of_people(self, chosen: Booleans) -> Question:
        """The same question of some of the people (people,)."""
        doses = self.doses
        if doses is not None:
            doses = Doses(doses.onset[chosen], doses.dose[chosen], doses.counts[chosen])
        placebo = self.placebo.of_people(chosen) if self.placebo is not None else None
        return Question(self.panel.of_people(chosen), doses, placebo, self.is_screened)


@dataclass(frozen=True)
class Estimates:
    """What could be estimated, log lifts unless said otherwise. `curved`: with curvature."""

    naive: Estimate
    plain: Imputed
    linear: Imputed
    curved: Imputed
    adjusted: Adjusted
    anticipation: Estimate
    level: Estimate
    base_level: BaseWeekEffect
    base_ratio: BaseWeekEffect
    events: EventStudy
    base_events: dict[int, BaseWeekEffect]


@dataclass(frozen=True)
class Finding:
    """The answer. `estimates` is None where gates 1 and 2 or the data forbid a fit."""

    verdict: Verdict
    support: Support
    excluded: tuple[Excluded, ...]
    estimates: Estimates | None
    evidence: Evidence | None
    doses: DoseResponse | None
    dose_shape: Shape
    time_shape: Shape
    warnings: tuple[str, ...]


def analyse(question: Question) -> Finding:
    """Estimate, check, decide. Permutation and leave-one-out run where there is a finding only."""
    everybody = moments_of(question.panel)
    moments, excluded = screen(everybody)
    support = support_of(everybody, moments)
    verdict = before_fit(support)
    estimates = None if verdict else _estimates(moments)
    if estimates is None:
        verdict = verdict or Verdict(NOT_IDENTIFIED, "not_estimable", "2", "insufficient")
        return Finding(
            verdict, support, excluded, None, None, None, UNDETERMINED, UNDETERMINED,
            _warnings(question, UNDETERMINED),
        )  # fmt: skip
    response = dose_response(question.doses) if question.doses is not None else None
    by_dose = _dose_shape(response)
    by_time = _time_shape(estimates.events)
    evidence = _evidence(question, moments, estimates, by_dose, by_time)
    verdict = decide(evidence)
    if verdict.shows_number:
        evidence = replace(
            evidence,
            permutation_p=permutation_p(
                _kept(question.panel, moments), estimates.plain.lift.statistic
            ),
            keeps_sign=keeps_sign(leave_one_out(moments), estimates.plain.lift.value),
        )
        verdict = decide(evidence)
    return Finding(
        verdict, support, excluded, estimates, evidence, response, by_dose, by_time,
        _warnings(question, by_dose),
    )  # fmt: skip


def support_of(everybody: Moments, kept: Moments) -> Support:
    """Counts for gates 1 and 2."""
    large = [
        (onset, int(people))
        for onset, people in zip(everybody.onsets, everybody.people[1:], strict=True)
        if people >= MIN_COHORT_PEOPLE
    ]
    return Support(
        treated=int(kept.people[1:].sum()) if kept.onsets else sum(n for _, n in large),
        controls=int(everybody.people[0]),
        has_cohort=bool(large),
        pre_weeks=max(kept.onsets, default=0),
        post_weeks=everybody.weeks - min(kept.onsets, default=everybody.weeks),
    )


def _estimates(moments: Moments) -> Estimates | None:
    """Everything that moments tell; None where a fit has no answer."""
    cells = cells_of(moments)
    if not cells.post.any() or moments.sums[0].sum() <= 0 or moments.sums[cells.post].sum() <= 0:
        return None
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            estimates = _fit_all(moments, cells)
    except np.linalg.LinAlgError:
        return None
    numbers = (estimates.adjusted.value, estimates.curved.lift.standard_error)
    return estimates if all(map(math.isfinite, numbers)) else None


def _fit_all(moments: Moments, cells: Cells) -> Estimates:
    plain, linear, curved = (impute(moments, cells, order) for order in range(3))
    return Estimates(
        naive=naive_log_lift(moments, cells),
        plain=plain,
        linear=linear,
        curved=curved,
        adjusted=adjust(moments, (plain, linear, curved)),
        anticipation=anticipation(moments, cells),
        level=level_effect(moments, cells),
        base_level=base_week.overall(moments, "level"),
        base_ratio=base_week.overall(moments, "ratio"),
        events=event_study(moments, cells, plain.fit),
        base_events=base_week.by_event_week(moments, "ratio", EVENT_WEEKS),
    )


def _evidence(
    question: Question, moments: Moments, estimates: Estimates, by_dose: Shape, by_time: Shape
) -> Evidence:
    kept = _kept(question.panel, moments)
    pre = pre_period_cells(kept, min(moments.onsets))
    return Evidence(
        overlap=overlap_share(pre, kept.onset),
        lead=lead_placebo(question.doses) if question.doses is not None else None,
        anticipation=estimates.anticipation,
        plain=estimates.plain.lift,
        adjusted=estimates.adjusted,
        curved=estimates.curved.lift,
        ratio_effect=estimates.plain.effect,
        level_effect=estimates.level,
        placebo=placebo_lift(question.placebo, moments),
        dose_family=by_dose.family,
        time_family=by_time.family,
    )


def placebo_lift(placebo: Panel | None, moments: Moments) -> Estimate | None:
    """The plain log lift of an outcome that replies cannot move, in the cohorts that are kept."""
    if placebo is None:
        return None
    kept, _ = screen(moments_of(placebo).keep(moments.onsets))
    cells = cells_of(kept)
    if not kept.onsets or kept.sums[0].sum() <= 0 or kept.sums[cells.post].sum() <= 0:
        return None
    return impute(kept, cells, 0).lift


def _kept(panel: Panel, moments: Moments) -> Panel:
    """People of the cohorts that are kept, and the never exposed."""
    return panel.of_people(np.isin(panel.onset, [-1, *moments.onsets]))


def _dose_shape(response: DoseResponse | None) -> Shape:
    if response is None or not response.converged:
        return UNDETERMINED
    return dose_shape(np.array(response.doses), response.log_rate_ratio, response.covariance)


def _time_shape(events: EventStudy) -> Shape:
    after = np.array(events.event_weeks) >= 0
    return time_shape(
        np.array(events.event_weeks)[after],
        events.log_lift[after],
        events.covariance[np.ix_(after, after)],
    )


def _warnings(question: Question, by_dose: Shape) -> tuple[str, ...]:
    """What a reader must know beside the verdict."""
    power = [c.parameters[0] for c in by_dose.curves if c.family == "power" and c.parameters]
    said = {
        "bots_not_screened": not question.is_screened,
        "no_dose_data": question.doses is None,
        "no_placebo_outcome": question.placebo is None,
        "implausible_elasticity": any(beta > IMPLAUSIBLE_ELASTICITY for beta in power),
    }
    return tuple(name for name, holds in said.items() if holds)
