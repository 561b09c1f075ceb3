"""The classical estimator with one base week, equal to published packages; level and ratio scale.

Base b = g − 1, controls never exposed, weights n_g. Counterfactual level m_gb + m_Ct − m_Cb, ratio
m_gb·m_Ct/m_Cb. Callaway and Sant'Anna (2021), https://doi.org/10.1016/j.jeconom.2020.12.001
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipelines.analytics.causal.estimates import Estimate, Influence, standard_error
from pipelines.analytics.causal.moments import Moments
from pipelines.analytics.causal.panel import Floats, Integers

Scale = Literal["level", "ratio"]
CohortWeeks = tuple[int, Integers, Integers]  # cohort row, its weeks, the base week of each


@dataclass(frozen=True)
class BaseWeekEffect:
    """`effect` per person-week in units of the outcome; `lift` = observed/counterfactual − 1."""

    scale: Scale
    effect: Estimate
    lift: Estimate


def overall(moments: Moments, scale: Scale) -> BaseWeekEffect:
    """Effect over all weeks from onset on."""
    return _effect(moments, scale, [
        (row, np.arange(onset, moments.weeks), np.full(moments.weeks - onset, onset - 1))
        for row, onset in enumerate(moments.onsets, start=1)
    ])  # fmt: skip


def by_event_week(
    moments: Moments, scale: Scale, event_weeks: Iterable[int]
) -> dict[int, BaseWeekEffect]:
    """Effect by week since onset; before onset each week is compared with the week before it."""
    found = {}
    for event_week in event_weeks:
        cells = [
            (row, np.array([week]), np.array([onset - 1 if event_week >= 0 else week - 1]))
            for row, onset in enumerate(moments.onsets, start=1)
            for week in [onset + event_week]
            if 1 <= week < moments.weeks
        ]
        if cells:
            found[event_week] = _effect(moments, scale, cells)
    return found


def _effect(moments: Moments, scale: Scale, cells: list[CohortWeeks]) -> BaseWeekEffect:
    """Observed S, counterfactual F, person-weeks W over the cells, and what each hangs on."""
    people, sums = moments.people, moments.sums
    mean = sums / people[:, None]
    control = mean[0]
    observed, expected = np.zeros_like(sums), np.zeros_like(sums)  # ∂S, ∂F by cell
    offset = np.zeros(len(people))  # of F: what a person's presence alone moves
    person_weeks = np.zeros(len(people))  # of W, per person of the cohort
    total = 0.0  # F
    for row, week, base in cells:
        size, start = people[row], mean[row, base]
        share = size / people[0]
        observed[row, week] += 1
        person_weeks[row] += len(week)
        if scale == "level":
            growth, change = np.ones(len(week)), control[week] - control[base]
            expected[0, week] += share
            np.add.at(expected[0], base, -share)
            offset[row] += change.sum()
            offset[0] -= share * change.sum()
            fitted = start + change
        else:
            growth = control[week] / control[base]
            expected[0, week] += share * start / control[base]
            np.add.at(expected[0], base, -share * start * growth / control[base])
            fitted = start * growth
        np.add.at(expected[row], base, growth)
        total += float(size * fitted.sum())
    return _summary(moments, scale, observed, expected, offset, person_weeks, total)


def _summary(
    moments: Moments, scale: Scale, observed: Floats, expected: Floats,
    offset: Floats, person_weeks: Floats, total: float,
) -> BaseWeekEffect:  # fmt: skip
    """θ = (S − F)/W and lift = S/F − 1 with the standard errors of their influences."""
    seen = float((observed * moments.sums).sum())
    weight = float(person_weeks @ moments.people)
    effect = (seen - total) / weight
    none = np.zeros(len(moments.people))
    mean_seen = (observed * moments.sums).sum(axis=1) / moments.people
    mean_expected = offset + (expected * moments.sums).sum(axis=1) / moments.people
    on_effect = Influence(
        (mean_seen - mean_expected - effect * person_weeks) / weight,
        (observed - expected) / weight,
        none,
    )
    found = Estimate(effect, standard_error(on_effect, moments))
    if not total > 0:  # nothing bought in the base week: no share of it either
        return BaseWeekEffect(scale, found, Estimate(math.nan, math.nan))
    on_lift = Influence(
        (mean_seen - seen / total * mean_expected) / total,
        (observed - seen / total * expected) / total,
        none,
    )
    lift = Estimate(seen / total - 1, standard_error(on_lift, moments))
    return BaseWeekEffect(scale, found, lift)
