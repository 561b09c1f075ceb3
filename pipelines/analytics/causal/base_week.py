"""The classical estimator with one base week, equal to published packages; level and ratio scale.

Base b = g − 1, controls never exposed, weights n_g. Counterfactual level m_gb + m_Ct − m_Cb, ratio
m_gb·m_Ct/m_Cb. Callaway and Sant'Anna (2021), https://doi.org/10.1016/j.jeconom.2020.12.001
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipelines.analytics.causal.estimates import Estimate, Influence, standard_error
from pipelines.analytics.causal.moments import Moments
from pipelines.analytics.causal.panel import Floats

Scale = Literal["level", "ratio"]
Cell = tuple[int, int, int]  # cohort row, week, base week


@dataclass(frozen=True)
class BaseWeekEffect:
    """`effect` per person-week in units of the outcome; `lift` = observed/counterfactual − 1."""

    scale: Scale
    effect: Estimate
    lift: Estimate


def overall(moments: Moments, scale: Scale) -> BaseWeekEffect:
    """Effect over all weeks from onset on."""
    cells = [
        (row, week, onset - 1)
        for row, onset in enumerate(moments.onsets, start=1)
        for week in range(onset, moments.weeks)
    ]
    return _effect(moments, cells, scale)


def by_event_week(
    moments: Moments, scale: Scale, event_weeks: Iterable[int]
) -> dict[int, BaseWeekEffect]:
    """Effect by week since onset; before onset each week is compared with the week before it."""
    found = {}
    for event_week in event_weeks:
        cells = [
            (row, week, onset - 1 if event_week >= 0 else week - 1)
            for row, onset in enumerate(moments.onsets, start=1)
            for week in [onset + event_week]
            if 1 <= week < moments.weeks
        ]
        if cells:
            found[event_week] = _effect(moments, cells, scale)
    return found


def _effect(moments: Moments, cells: list[Cell], scale: Scale) -> BaseWeekEffect:
    """Observed S, counterfactual F, person-weeks W over the cells, and their influences."""
    people, sums = moments.people, moments.sums
    mean = sums / people[:, None]
    observed, expected = np.zeros_like(sums), np.zeros_like(sums)  # ∂S, ∂F by cell
    offset = np.zeros(len(people))  # of F: what a person's presence alone moves
    person_weeks = np.zeros(len(people))  # of W, per person of the cohort
    total = 0.0  # F
    for row, week, base in cells:
        size, control = people[row], mean[0]
        observed[row, week] += 1
        person_weeks[row] += 1
        if scale == "level":
            change = control[week] - control[base]
            expected[row, base] += 1
            offset[row] += change
            expected[0, week] += size / people[0]
            expected[0, base] -= size / people[0]
            offset[0] -= size / people[0] * change
            total += size * (mean[row, base] + change)
        else:
            growth = control[week] / control[base]
            expected[row, base] += growth
            expected[0, week] += size / people[0] * mean[row, base] / control[base]
            expected[0, base] -= size / people[0] * mean[row, base] * growth / control[base]
            total += size * mean[row, base] * growth
    return _summary(moments, scale, observed, expected, offset, person_weeks, float(total))


def _summary(
    moments: Moments, scale: Scale, observed: Floats, expected: Floats,
    offset: Floats, person_weeks: Floats, total: float,
) -> BaseWeekEffect:  # fmt: skip
    """θ = (S − F)/W and lift = S/F − 1 with the standard errors of their influences."""
    seen = float((observed * moments.sums).sum())
    weight = float(person_weeks @ moments.people)
    effect, lift = (seen - total) / weight, seen / total - 1
    mean_seen = (observed * moments.sums).sum(axis=1) / moments.people
    mean_expected = offset + (expected * moments.sums).sum(axis=1) / moments.people
    none = np.zeros(len(moments.people))
    on_effect = Influence(
        (mean_seen - mean_expected - effect * person_weeks) / weight,
        (observed - expected) / weight,
        none,
    )
    on_lift = Influence(
        (mean_seen - (1 + lift) * mean_expected) / total,
        (observed - (1 + lift) * expected) / total,
        none,
    )
    return BaseWeekEffect(
        scale,
        Estimate(effect, standard_error(on_effect, moments)),
        Estimate(lift, standard_error(on_lift, moments)),
    )
