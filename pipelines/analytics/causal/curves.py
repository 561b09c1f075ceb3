"""Is it geometric? Families of curves fitted to estimates with their covariance, by least χ²."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.analytics.causal.least_squares import Model, gauss_newton, golden_section
from pipelines.analytics.causal.panel import Floats

NONE_MARGIN = 6.5  # χ² that any effect must explain; about p = .01
RIVAL_MARGIN = 4.0  # Δχ² between families of equally many parameters
NESTED_MARGIN = 6.63  # χ², one parameter, 1 %
GROWTH_MARGIN = 3.84  # χ², one parameter, 5 %
HALF_SATURATIONS = np.geomspace(0.05, 200.0, 25)  # doses to start from
LEAST_RATIO = 1e-9  # where a curve would cross zero, its logarithm stays finite
LARGEST_ERROR = 1.0  # estimates with a larger standard error say nothing of shape


@dataclass(frozen=True)
class Curve:
    """One family at its best: χ² distance and parameters."""

    family: str
    chi_square: float
    parameters: tuple[float, ...]


@dataclass(frozen=True)
class Shape:
    """The family that the data name: one of `curves`, `none` or `undetermined`."""

    family: str
    curves: tuple[Curve, ...]


FAMILIES: dict[str, Model] = {
    "linear": lambda p, d: np.log(np.maximum(1 + p[0] * d, LEAST_RATIO)),
    "exponential": lambda p, d: p[0] * d,
    "power": lambda p, d: p[0] * np.log1p(d),
}


def _saturating(p: Floats, d: Floats) -> Any:
    return np.log(np.maximum(1 + p[0] * d / (d + p[1]), LEAST_RATIO))


def _growing(p: Floats, e: Floats) -> Any:
    return np.log(np.maximum(1 + p[0] + p[1] * e, LEAST_RATIO))


def dose_shape(doses: Floats, log_rate_ratio: Floats, covariance: Floats) -> Shape:
    """none, linear ln(1+βd), exponential βd, power β ln(1+d), saturating ln(1+βd/(d+κ)).

    One parameter each but the last, which nests linear and must improve on the best of them.
    """
    x, y, precision = _usable(doses, log_rate_ratio, covariance)
    none = Curve("none", float(y @ precision @ y), ())
    if not len(x):
        return Shape("undetermined", (none,))
    rivals = sorted(
        (_best(family, model, x, y, precision) for family, model in FAMILIES.items()),
        key=lambda curve: curve.chi_square,
    )
    saturating = _best_saturating(x, y, precision)
    curves = (none, *rivals, saturating)
    best = min(rivals[0].chi_square, saturating.chi_square)
    if none.chi_square - best < NONE_MARGIN:
        return Shape("none", curves)
    if rivals[0].chi_square - saturating.chi_square > NESTED_MARGIN:
        return Shape("saturating", curves)
    if rivals[1].chi_square - rivals[0].chi_square > RIVAL_MARGIN:
        return Shape(rivals[0].family, curves)
    return Shape("undetermined", curves)


def time_shape(event_weeks: Floats, log_lift: Floats, covariance: Floats) -> Shape:
    """constant, linear growth ln(1 + a + ce), geometric growth a + ce of the log lift with time."""
    x, y, precision = _usable(event_weeks, log_lift, covariance)
    if len(x) < 3:
        return Shape("undetermined", ())
    constant = _line("constant", np.ones((len(x), 1)), y, precision)
    geometric = _line("geometric", np.column_stack([np.ones(len(x)), x]), y, precision)
    start = np.array([np.expm1(geometric.parameters[0]), geometric.parameters[1]])
    linear = Curve("linear", *gauss_newton(_growing, start, x, y, precision))
    curves = (constant, linear, geometric)
    best, second = sorted((linear, geometric), key=lambda curve: curve.chi_square)
    if constant.chi_square - best.chi_square < GROWTH_MARGIN:
        return Shape("constant", curves)
    if second.chi_square - best.chi_square > RIVAL_MARGIN:
        return Shape(best.family, curves)
    return Shape("undetermined", curves)


def _usable(x: Floats, y: Floats, covariance: Floats) -> tuple[Floats, Floats, Floats]:
    """Points with a standard error below one, and the inverse of their covariance."""
    variance = np.diag(covariance)
    chosen = np.isfinite(y) & (variance > 0) & (variance < LARGEST_ERROR**2)
    kept = covariance[np.ix_(chosen, chosen)]
    return x[chosen].astype(np.float64), y[chosen], np.linalg.pinv(kept, hermitian=True)


def _line(family: str, design: Floats, y: Floats, precision: Floats) -> Curve:
    beta = np.linalg.solve(design.T @ precision @ design, design.T @ precision @ y)
    rest = y - design @ beta
    return Curve(family, float(rest @ precision @ rest), tuple(float(b) for b in beta))


def _best(family: str, model: Model, x: Floats, y: Floats, precision: Floats) -> Curve:
    """One parameter, by golden section: χ² falls towards its least value from both sides."""
    low, high = -1 / float(x.max()) + 1e-6 if family == "linear" else -5.0, 20.0

    def distance(beta: float) -> float:
        rest = y - model(np.array([beta]), x)
        return float(rest @ precision @ rest)

    grid = np.concatenate([np.linspace(low, 1, 60), np.linspace(1, high, 40)[1:]])
    values = [distance(beta) for beta in grid]
    place = int(np.argmin(values))
    beta = golden_section(
        distance, float(grid[max(place - 1, 0)]), float(grid[min(place + 1, len(grid) - 1)])
    )
    return Curve(family, distance(beta), (beta,))


def _best_saturating(x: Floats, y: Floats, precision: Floats) -> Curve:
    """Least χ² over half-saturation doses κ, then over both parameters from there."""
    best = (np.inf, (0.0, 1.0))
    for kappa in HALF_SATURATIONS:
        share = x / (x + kappa)
        start = np.array([np.expm1(y.max()) / share.max()])
        chi_square, (beta,) = gauss_newton(FAMILIES["linear"], start, share, y, precision)
        best = min(best, (chi_square, (beta, float(kappa))))
    chi_square, found = gauss_newton(_saturating, np.array(best[1]), x, y, precision)
    if chi_square < best[0] and found[1] > 0:
        best = (chi_square, (found[0], found[1]))
    return Curve("saturating", *best)
