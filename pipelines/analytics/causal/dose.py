"""More replies, more orders? Within persons, by dose; and whether the future explains the past."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.fixed_effects import (
    Codes,
    Column,
    Factor,
    fit_fixed_effects,
    totals,
)
from pipelines.analytics.causal.panel import NEVER, Floats, Integers

MAX_DOSE = 10  # replies in the last four weeks; more count as ten
# First week of each class of weeks since onset. Without these classes next week's dose would only
# say that onset is near, and a true effect would look like reverse causality.
EVENT_CLASSES = (0, 1, 2, 3, 4, 8, 12, 16, 24)


@dataclass(frozen=True)
class Doses:
    """Dense (people, weeks): `dose` 0..10 as of each week, `counts`: orders of that week.

    `onset` (people,): first exposed week or NEVER, in the order of the panel's people.
    """

    onset: Integers
    dose: npt.NDArray[np.integer]
    counts: npt.NDArray[np.integer]


@dataclass(frozen=True)
class DoseResponse:
    """Log rate ratio against dose 0 within persons, its covariance, and the naive one beside it.

    Doses at which nothing was ever bought, or nobody stood, are missing.
    """

    doses: tuple[int, ...]
    log_rate_ratio: Floats
    covariance: Floats
    naive_log_rate_ratio: Floats
    person_weeks: Integers
    converged: bool


def dose_response(data: Doses) -> DoseResponse:
    """Saturated: one coefficient per dose, effects of persons and weeks, clustered by person."""
    dose = np.minimum(data.dose, MAX_DOSE)
    fit = fit_fixed_effects(data.counts, [_weeks(data), Factor("dose", dose, MAX_DOSE + 1)])
    places = {level: place for place, (name, level) in enumerate(fit.terms) if name == "dose"}
    kept = list(places.values())
    person_weeks = totals(dose, MAX_DOSE + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.log(totals(dose, MAX_DOSE + 1, data.counts) / person_weeks)
    naive = rate - rate[0]
    levels = list(places)
    return DoseResponse(
        tuple(levels), fit.coefficients[kept], fit.covariance[np.ix_(kept, kept)],
        naive[levels], person_weeks[levels].astype(np.int64), fit.converged,
    )  # fmt: skip


def lead_placebo(data: Doses) -> Estimate | None:
    """Coefficient of next week's dose beside this week's: it must be zero, unless buying brings
    replies. None when the data say nothing of it.
    """
    dose = np.minimum(data.dose, MAX_DOSE)
    event = _event_classes(data.onset, data.dose.shape[1])
    now = Doses(data.onset, dose[:, :-1], data.counts[:, :-1])
    factors = [
        _weeks(now),
        Factor("dose", now.dose, MAX_DOSE + 1),
        Factor("event", event[:, :-1], len(EVENT_CLASSES) + 1),
    ]
    fit = fit_fixed_effects(now.counts, factors, [Column("lead", dose[:, 1:])])
    place = fit.place("lead")
    if place is None or not fit.converged or not fit.covariance[place, place] > 0:
        return None
    return Estimate(float(fit.coefficients[place]), math.sqrt(fit.covariance[place, place]))


def _weeks(data: Doses) -> Factor:
    weeks = data.dose.shape[1]
    codes = np.broadcast_to(np.arange(weeks, dtype=np.int16), data.dose.shape)
    return Factor("week", codes, weeks)


def _event_classes(onset: Integers, weeks: int) -> Codes:
    """Class of weeks since onset (people, weeks): 0 before onset and for the never exposed."""
    classes = np.searchsorted(EVENT_CLASSES, np.arange(-1, EVENT_CLASSES[-1] + 1), side="right")
    start = np.where(onset == NEVER, weeks, onset).astype(np.int16)
    since = np.arange(weeks, dtype=np.int16) - start[:, None]
    place = np.clip(since, -1, EVENT_CLASSES[-1]) + 1
    found: Codes = classes.astype(np.int8)[place]
    return found
