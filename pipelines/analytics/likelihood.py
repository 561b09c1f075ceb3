"""Maximum likelihood of models whose parameters are all positive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from pipelines.analytics.paths import Floats

NEWTON_STEPS = 8  # after L-BFGS: it stops at six digits, tables want nine
STEP = 1e-5  # relative step of the numerical Hessian
FLAT = 1e-9  # largest slope per unit of log-likelihood at a maximum

Likelihood = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True)
class Fit:
    """Parameters at the maximum. `covariance`: inverse of the negative Hessian there."""

    parameters: Floats
    covariance: Floats
    log_likelihood: float
    iteration_count: int
    is_converged: bool

    @property
    def standard_errors(self) -> Floats:
        """Asymptotic standard errors, NaN where the Hessian says nothing."""
        with np.errstate(invalid="ignore"):
            errors: Floats = np.sqrt(np.diag(self.covariance))
        return errors


def maximise(likelihood: Likelihood, starts: Sequence[Floats]) -> Fit:
    """The best maximum from several starts. `likelihood`: value and slope at positive parameters.

    L-BFGS on the logarithms, then Newton on them with a numerical Hessian of the exact slope.
    """

    def objective(logs: Floats) -> tuple[float, Floats]:
        value, slope = likelihood(np.exp(logs))
        return -value, -slope * np.exp(logs)

    options = {"maxiter": 500, "ftol": 1e-14, "gtol": 1e-8}
    bounds = [(-12.0, 12.0)] * len(starts[0])
    tries = [
        minimize(
            objective, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options=options
        )
        for start in starts
    ]
    best = min(tries, key=lambda found: float(found.fun))
    logs, is_flat = _polished(objective, best.x)
    parameters = np.exp(logs)
    value, _ = likelihood(parameters)
    hessian = numerical_hessian(lambda point: likelihood(point)[1], parameters)
    covariance, is_peak = _inverse(-hessian)
    iterations = sum(int(found.nit) for found in tries)
    return Fit(parameters, covariance, value, iterations, is_flat and is_peak)


def numerical_hessian(slope: Callable[[Floats], Floats], point: Floats) -> Floats:
    """Second derivatives by central differences of the slope, made symmetric."""
    columns = []
    for place in range(len(point)):
        step = np.zeros(len(point))
        step[place] = STEP * max(abs(point[place]), STEP)
        columns.append((slope(point + step) - slope(point - step)) / (2 * step[place]))
    matrix = np.array(columns)
    even: Floats = (matrix + matrix.T) / 2
    return even


def _polished(
    objective: Callable[[Floats], tuple[float, Floats]], logs: Floats
) -> tuple[Floats, bool]:
    value, slope = objective(logs)
    for _ in range(NEWTON_STEPS):
        if np.abs(slope).max() <= FLAT * max(1.0, abs(value)):
            break
        inverse, is_peak = _inverse(numerical_hessian(lambda point: objective(point)[1], logs))
        if not is_peak:
            break
        moved = logs - inverse @ slope
        moved_value, moved_slope = objective(moved)
        if not moved_value <= value + abs(value) * 1e-12:
            break
        logs, value, slope = moved, moved_value, moved_slope
    return logs, bool(np.abs(slope).max() <= 1e-6 * max(1.0, abs(value)))


def _inverse(matrix: Floats) -> tuple[Floats, bool]:
    """Inverse, and whether the matrix is positive definite: only then is it a covariance."""
    try:
        np.linalg.cholesky(matrix)
        inverse = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.full(matrix.shape, np.nan), False
    return inverse, bool(np.isfinite(inverse).all())
