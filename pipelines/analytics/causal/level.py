"""The effect in money by least squares on untreated cells: it may contradict, never decide alone.

Mean outcome a_g + b_t, weights n_g, on the cells that the log scale uses too.
"""

from __future__ import annotations

import numpy as np

from pipelines.analytics.causal.cells import Cells
from pipelines.analytics.causal.estimates import Estimate, Influence, standard_error
from pipelines.analytics.causal.moments import Moments
from pipelines.analytics.causal.untreated import normal_matrix, project, spread


def level_effect(moments: Moments, cells: Cells) -> Estimate:
    """θ = (S − F)/W: outcome per treated person-week beyond the fitted a_g + b_t."""
    none = np.zeros((0, *cells.untreated.shape))
    people = moments.people[:, None]
    inverse = np.linalg.inv(normal_matrix(people * cells.untreated, none))
    fitted = spread(inverse @ project(moments.sums * cells.untreated, none), none)
    person_weeks = float((people * cells.post).sum())
    expected = float((people * fitted)[cells.post].sum())
    value = float((moments.sums[cells.post].sum() - expected) / person_weeks)
    towards = spread(inverse @ project(people * cells.post, none), none)
    weights = (cells.post - towards * cells.untreated) / person_weeks
    gained = ((moments.sums / people - fitted) * cells.post).sum(axis=1)
    mean = (gained - value * cells.post.sum(axis=1)) / person_weeks
    influence = Influence(mean, weights, np.zeros(len(moments.people)))
    return Estimate(value, standard_error(influence, moments))
