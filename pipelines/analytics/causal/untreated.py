"""What untreated weeks bring: cohort × week, fitted on untreated cells only.

E S_gt = n_g exp(a_g + b_t + Σ_k λ_k z_kgt), Poisson quasi-likelihood on cell sums. The Hessian is
built from its blocks, so that a fit costs no more than the solve of cohorts + weeks unknowns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.analytics.causal.panel import Booleans, Floats

MAX_STEPS = 50
TOLERANCE = 1e-8  # largest step on the log scale; after it the error is about its square
MAX_STEP = 3.0  # on the log scale: keeps exp finite in the first steps


@dataclass(frozen=True)
class UntreatedFit:
    """`fitted` (rows, weeks): expected untreated sum of every cell; `slopes`: λ of the columns.

    `columns` (k, rows, weeks): z; `inverse`: H⁻¹ in the order cohorts, weeks, columns; row 0 is
    absorbed by the weeks.
    """

    fitted: Floats
    slopes: Floats
    columns: Floats
    untreated: Booleans
    inverse: Floats

    def gradient(self, target: Floats) -> Floats:
        """∂(Σ target·fitted)/∂S of the untreated cells, (rows, weeks): Σ target μ xᵀ H⁻¹ x_c."""
        vector = self.inverse @ project(self.fitted * target, self.columns)
        return spread(vector, self.columns) * self.untreated

    def slope_gradient(self, column: int) -> Floats:
        """∂λ/∂S of the untreated cells, (rows, weeks)."""
        vector = self.inverse[len(self.inverse) - len(self.columns) + column]
        return spread(vector, self.columns) * self.untreated


def fit_untreated(sums: Floats, untreated: Booleans, columns: Floats) -> UntreatedFit:
    """Newton's method, about six steps. Every row and known week needs a positive untreated sum."""
    rows, weeks = sums.shape
    observed = sums * untreated
    params = _start(observed, untreated, len(columns))
    for _ in range(MAX_STEPS):
        fitted = np.exp(spread(params, columns))
        step = np.linalg.solve(
            normal_matrix(fitted * untreated, columns),
            project(observed - fitted * untreated, columns),
        )
        size = float(np.abs(step).max())
        params = params + step * min(1.0, MAX_STEP / size if size > 0 else 1.0)
        if size < TOLERANCE:
            break
    fitted = np.exp(spread(params, columns))
    inverse = np.linalg.inv(normal_matrix(fitted * untreated, columns))
    return UntreatedFit(fitted, params[rows - 1 + weeks :], columns, untreated, inverse)


def _start(observed: Floats, untreated: Booleans, columns: int) -> Floats:
    """Margins of the table: exact when there is nothing but cohorts and weeks and no gap."""
    control = np.maximum(observed[0], observed[0].sum() / max(len(observed[0]), 1) * 1e-3)
    expected = (untreated * control).sum(axis=1)
    cohort = np.log(np.maximum(observed.sum(axis=1), 1e-300) / np.maximum(expected, 1e-300))
    weight = (untreated * np.exp(cohort)[:, None]).sum(axis=0)
    total = observed.sum(axis=0)
    week = np.log(np.where(total > 0, total, 1.0) / np.where(weight > 0, weight, 1.0))
    return np.concatenate([cohort[1:], week, np.zeros(columns)])


def spread(vector: Floats, columns: Floats) -> Floats:
    """x·vector in every cell (rows, weeks): cohort + week + Σ columns; cohort row 0 is zero."""
    _, rows, weeks = columns.shape
    cohort = np.concatenate([[0.0], vector[: rows - 1]])
    grid: Floats = cohort[:, None] + vector[rows - 1 : rows - 1 + weeks]
    for slope, column in zip(vector[rows - 1 + weeks :], columns, strict=True):
        grid = grid + slope * column
    return grid


def project(grid: Floats, columns: Floats) -> Floats:
    """Σ over cells of grid × x: cohorts without row 0, weeks, columns."""
    moved = [(column * grid).sum() for column in columns]
    return np.concatenate([grid.sum(axis=1)[1:], grid.sum(axis=0), moved])


def normal_matrix(weight: Floats, columns: Floats) -> Floats:
    """Xᵀ diag(weight) X in blocks; a week without weight gets a one, which leaves it at rest."""
    rows, weeks = weight.shape
    size = rows - 1 + weeks
    matrix = np.zeros((size + len(columns), size + len(columns)))
    cohort, week = weight.sum(axis=1)[1:], weight.sum(axis=0)
    diagonal = np.concatenate([cohort, week])
    matrix[np.arange(size), np.arange(size)] = np.where(diagonal > 0, diagonal, 1.0)
    matrix[: rows - 1, rows - 1 : size] = weight[1:]
    matrix[rows - 1 : size, : rows - 1] = weight[1:].T
    for k, column in enumerate(columns):
        moved = weight * column
        line = project(moved, columns)
        matrix[size + k] = line
        matrix[:, size + k] = line
    return matrix
