"""Would the same statistic arise if onset weeks were dealt out to people by lot?

Cohorts keep their sizes. What is compared is the lift in standard errors, not the lift: who joins
spends more, so that lifts of dealt cohorts vary otherwise than those of the real ones. Deals are
made among a sample where people are many: there the statistic of a deal is normal anyway, and a
sample only widens its tails.
"""

from __future__ import annotations

import math

import numpy as np

from pipelines.analytics.causal.cells import Cells, cells_of, trend_columns
from pipelines.analytics.causal.imputation import log_influence, log_ratio
from pipelines.analytics.causal.moments import Moments
from pipelines.analytics.causal.panel import NEVER, Integers, Panel
from pipelines.analytics.causal.untreated import fit_untreated

DRAWS = 200
MOST_PEOPLE = 20_000  # dealt to


def permutation_p(panel: Panel, statistic: float, draws: int = DRAWS, seed: int = 0) -> float:
    """Share of deals, the real one counted in, with at least this |statistic|."""
    generator = np.random.Generator(np.random.PCG64(seed))
    if panel.people > MOST_PEOPLE:
        chosen = np.zeros(panel.people, dtype=np.bool_)
        chosen[generator.choice(panel.people, MOST_PEOPLE, replace=False)] = True
        panel = panel.of_people(chosen)
    onsets = tuple(int(onset) for onset in np.unique(panel.onset[panel.onset != NEVER]))
    row = np.where(panel.onset == NEVER, 0, np.searchsorted(onsets, panel.onset) + 1)
    dealt = (dealt_statistic(panel, generator.permutation(row), onsets) for _ in range(draws))
    return (1 + sum(abs(value) >= abs(statistic) for value in dealt)) / (draws + 1)


def dealt_statistic(panel: Panel, row: Integers, onsets: tuple[int, ...]) -> float:
    """L_0 in standard errors when people stand in cohort rows `row` (people,).

    From the rows alone: one variance needs no cross-products. 0 where it cannot be estimated.
    """
    rows = len(onsets) + 1
    flat = row[panel.person] * panel.weeks + panel.week
    sums = np.bincount(flat, panel.outcome, rows * panel.weeks).reshape(rows, panel.weeks)
    people = np.bincount(row, minlength=rows).astype(np.float64)
    moments = Moments(onsets, people, sums, np.zeros((rows, 0, 0)))
    cells = cells_of(moments)
    if not _is_estimable(moments, cells):
        return 0.0
    fit = fit_untreated(sums, cells.untreated, trend_columns(cells, 0))
    influence = log_influence(moments, fit, cells.post)
    moved = np.bincount(panel.person, influence.weights.ravel()[flat] * panel.outcome, panel.people)
    linear = (influence.weights * sums).sum(axis=1)
    variance = float(moved @ moved - (linear**2 / people).sum() + influence.mean**2 @ people)
    observed, expected = float(sums[cells.post].sum()), float(fit.fitted[cells.post].sum())
    return log_ratio(observed, expected) / math.sqrt(variance) if variance > 0 else 0.0


def _is_estimable(moments: Moments, cells: Cells) -> bool:
    untreated = (moments.sums * cells.untreated).sum(axis=1)
    return bool((untreated > 0).all()) and float(moments.sums[cells.post].sum()) > 0
