"""What a dashboard would show: the exposed beside the never exposed. Published to show the bias."""

from __future__ import annotations

import math

import numpy as np

from pipelines.analytics.causal.cells import Cells
from pipelines.analytics.causal.estimates import Estimate, Influence, standard_error
from pipelines.analytics.causal.moments import Moments


def naive_log_lift(moments: Moments, cells: Cells) -> Estimate:
    """ln of mean outcome per exposed person-week over that of never exposed people."""
    exposed = (cells.event >= 0).astype(np.float64)
    treated = float((moments.sums * exposed).sum())
    person_weeks = float((moments.people[:, None] * exposed).sum())
    control, controls = float(moments.sums[0].sum()), float(moments.people[0])
    value = math.log(treated / person_weeks) - math.log(control / controls / moments.weeks)
    weights = exposed / treated
    weights[0] = -1 / control
    mean = (weights * moments.sums).sum(axis=1) / np.maximum(moments.people, 1)
    mean -= exposed.sum(axis=1) / person_weeks
    mean[0] += 1 / controls
    influence = Influence(mean, weights, np.zeros(len(moments.people)))
    return Estimate(value, standard_error(influence, moments))
