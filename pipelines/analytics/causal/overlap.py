"""Are there controls like the treated? Recency, frequency and margin before any exposure."""

from __future__ import annotations

import numpy as np

from pipelines.analytics.causal.panel import NEVER, Floats, Integers, Panel

RECENCY_EDGES = (1, 3, 5, 9)  # weeks since the last week with an outcome; later or never: one band
FREQUENCY_EDGES = (1, 2, 3, 5, 9)  # weeks with an outcome
MARGIN_QUANTILES = (0.5, 0.9)  # of those who brought anything
LEAST_CONTROL_SHARE = 0.05  # of a cell; below, its treated stand without anybody to compare


def pre_period_cells(panel: Panel, weeks: int) -> Integers:
    """Cell of every person (people,) by what the first `weeks` weeks brought."""
    rows = panel.week < weeks
    person, week, outcome = panel.person[rows], panel.week[rows], panel.outcome[rows]
    last = np.full(panel.people, -1, dtype=np.int64)
    np.maximum.at(last, person, week)
    silent = np.where(last < 0, max(RECENCY_EDGES), weeks - 1 - last)
    seen = np.unique(person * weeks + week) // max(weeks, 1)
    frequency = np.bincount(seen, minlength=panel.people)
    total = np.bincount(person, outcome, panel.people)
    bands = (
        np.digitize(silent, RECENCY_EDGES),
        np.digitize(frequency, FREQUENCY_EDGES),
        np.digitize(total, _edges(total)),
    )
    sizes = (len(RECENCY_EDGES) + 1, len(FREQUENCY_EDGES) + 1, len(MARGIN_QUANTILES) + 2)
    return np.ravel_multi_index(bands, sizes).astype(np.int64)


def _edges(total: Floats) -> Floats:
    buyers = total[total > 0]
    if not len(buyers):
        return np.zeros(0)
    return np.concatenate([[0.5], np.quantile(buyers, MARGIN_QUANTILES)])


def overlap_share(cells: Integers, onset: Integers) -> float:
    """Share of the treated in cells where at least one in twenty was never exposed.

    A share of people, not of cells, and of their mix, not of single matches: rare cells are
    half empty by chance in a small brand and never empty in a large one.
    """
    treated = onset != NEVER
    count = int(cells.max(initial=0)) + 1
    joined = np.bincount(cells[treated], minlength=count)
    controls = np.bincount(cells[~treated], minlength=count)
    compared = controls >= LEAST_CONTROL_SHARE * (joined + controls)
    return float(joined[compared].sum() / max(joined.sum(), 1))
