"""The primary estimator: staggered difference in differences by imputation on the log scale.

F: what the treated cells would have brought, from a Poisson fit on untreated cells; S: what they
brought. L = ln(S/F), lift = e^L − 1, effect per person-week θ = (S − F)/person-weeks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.analytics.causal.cells import Cells, trend_columns
from pipelines.analytics.causal.estimates import Estimate, Influence, covariance, standard_error
from pipelines.analytics.causal.moments import Moments
from pipelines.analytics.causal.panel import Booleans, Floats
from pipelines.analytics.causal.untreated import UntreatedFit, fit_untreated

EVENT_WEEKS = range(-8, 27)


@dataclass(frozen=True)
class Imputed:
    """A fit of one trend order and the log lift over the post cells that follows from it.

    `observed` S and `expected` F are sums of outcome; `person_weeks`: of the post cells.
    """

    fit: UntreatedFit
    lift: Estimate
    influence: Influence
    effect: Estimate
    observed: float
    expected: float
    person_weeks: float


@dataclass(frozen=True)
class EventStudy:
    """Log lift by week since onset (weeks,), its covariance, and the persons behind each week."""

    event_weeks: tuple[int, ...]
    log_lift: Floats
    covariance: Floats
    people: Floats


def impute(moments: Moments, cells: Cells, order: int) -> Imputed:
    """Log lift with a trend of joiners of that order: 0 none, 1 linear, 2 with curvature."""
    fit = fit_untreated(moments.sums, cells.untreated, trend_columns(cells, order))
    observed = float(moments.sums[cells.post].sum())
    expected = float(fit.fitted[cells.post].sum())
    person_weeks = float((moments.people[:, None] * cells.post).sum())
    influence = log_influence(moments, fit, cells.post)
    value = log_ratio(observed, expected)
    lift = Estimate(value, standard_error(influence, moments))
    effect = _effect(moments, cells, fit, (observed, expected, person_weeks))
    return Imputed(fit, lift, influence, effect, observed, expected, person_weeks)


def log_ratio(observed: float, expected: float) -> float:
    """ln(S/F); NaN where one of them is not positive."""
    return math.log(observed / expected) if observed > 0 and expected > 0 else math.nan


def log_influence(moments: Moments, fit: UntreatedFit, post: Booleans) -> Influence:
    """Influence on ln(S/F) over cells `post`: 1/S there, −∂F/F on the untreated cells."""
    observed, expected = moments.sums[post].sum(), fit.fitted[post].sum()
    on_untreated = -fit.gradient(post.astype(np.float64)) / expected
    mean = (moments.sums * post).sum(axis=1) / observed - (fit.fitted * post).sum(axis=1) / expected
    return Influence(
        mean / moments.people, post / observed + on_untreated, misfit(moments, fit, on_untreated)
    )


def misfit(moments: Moments, fit: UntreatedFit, weights: Floats) -> Floats:
    """What the untreated cells of a cohort differ from a fit with trends, per person; else 0."""
    if not len(fit.columns):
        return np.zeros(len(moments.people))
    left = (moments.sums - fit.fitted) * fit.untreated
    found: Floats = (weights * left).sum(axis=1) / moments.people
    return found


def _effect(
    moments: Moments, cells: Cells, fit: UntreatedFit, totals: tuple[float, float, float]
) -> Estimate:
    """θ = (S − F)/W in outcome per person-week; W moves with the number of persons."""
    observed, expected, person_weeks = totals
    value = (observed - expected) / person_weeks
    on_untreated = -fit.gradient(cells.post.astype(np.float64)) / person_weeks
    weights = cells.post / person_weeks + on_untreated
    gained = ((moments.sums - fit.fitted) * cells.post).sum(axis=1) / moments.people
    mean = (gained - value * cells.post.sum(axis=1)) / person_weeks
    return Estimate(
        value,
        standard_error(Influence(mean, weights, misfit(moments, fit, on_untreated)), moments),
    )


def trend_slope(moments: Moments, fit: UntreatedFit, column: int) -> Estimate:
    """λ of one column of the fit: a differential trend of joiners before their onset."""
    weights = fit.slope_gradient(column)
    none = np.zeros(len(moments.people))
    influence = Influence(none, weights, misfit(moments, fit, weights))
    return Estimate(float(fit.slopes[column]), standard_error(influence, moments))


def anticipation(moments: Moments, cells: Cells) -> Estimate:
    """Log lift of the last two weeks before onset, beside a linear trend of joiners."""
    columns = trend_columns(cells, 1, anticipation=True)
    fit = fit_untreated(moments.sums, cells.untreated, columns)
    return trend_slope(moments, fit, 1)


def event_study(
    moments: Moments, cells: Cells, fit: UntreatedFit, event_weeks: Sequence[int] = EVENT_WEEKS
) -> EventStudy:
    """Log lift by week since onset. Weeks before onset lie within the fit: its residuals."""
    known = (moments.sums * cells.untreated).sum(axis=0) > 0
    masks = [(week, (cells.event == week) & known) for week in event_weeks]
    usable = [
        (week, mask) for week, mask in masks
        if mask.any() and moments.sums[mask].sum() > 0 and fit.fitted[mask].sum() > 0
    ]  # fmt: skip
    influences = [log_influence(moments, fit, mask) for _, mask in usable]
    lifts = [
        log_ratio(float(moments.sums[mask].sum()), float(fit.fitted[mask].sum()))
        for _, mask in usable
    ]
    people = [float((moments.people[:, None] * mask).sum()) for _, mask in usable]
    size = len(usable)
    spread = covariance(influences, moments) if size else np.zeros((0, 0))
    return EventStudy(
        tuple(week for week, _ in usable), np.array(lifts), spread, np.array(people)
    )  # fmt: skip
