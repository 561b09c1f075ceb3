"""Two small solvers for curves of one or two parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pipelines.analytics.causal.panel import Floats

Model = Callable[[Floats, Floats], Any]  # (parameters, x) -> log effect

GOLDEN_STEPS = 60
GAUSS_NEWTON_STEPS = 100
FIRST_DAMPING, LARGEST_DAMPING = 1e-6, 1e6
RELATIVE_MOVE = 1e-6  # of a parameter, for its numeric derivative
LEAST_GAIN = 1e-10  # of χ²


def golden_section(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function of one valley between `low` and `high` is least."""
    shrink = (5**0.5 - 1) / 2
    a, b = high - shrink * (high - low), low + shrink * (high - low)
    at_a, at_b = function(a), function(b)
    for _ in range(GOLDEN_STEPS):
        if at_a < at_b:
            high, b, at_b = b, a, at_a
            a = high - shrink * (high - low)
            at_a = function(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + shrink * (high - low)
            at_b = function(b)
    return (low + high) / 2


def gauss_newton(
    model: Model, start: Floats, x: Floats, y: Floats, precision: Floats
) -> tuple[float, tuple[float, ...]]:
    """Least χ² and its parameters, by damped Gauss-Newton with numeric derivatives."""
    p: Floats = start.astype(np.float64)
    rest = y - model(p, x)
    chi_square, damping = float(rest @ precision @ rest), FIRST_DAMPING
    for _ in range(GAUSS_NEWTON_STEPS):
        moves = np.eye(len(p)) * RELATIVE_MOVE * np.maximum(np.abs(p), 1e-3)
        jacobian = np.column_stack(
            [(model(p + move, x) - model(p - move, x)) / (2 * move.sum()) for move in moves]
        )
        normal = jacobian.T @ precision @ jacobian
        ridge = damping * np.diag(np.maximum(np.diag(normal), 1e-12))
        change = np.linalg.solve(normal + ridge, jacobian.T @ precision @ rest)
        tried = y - model(p + change, x)
        distance = float(tried @ precision @ tried)
        if distance < chi_square:
            gained = chi_square - distance
            p, rest, chi_square, damping = p + change, tried, distance, damping / 10
            if gained < LEAST_GAIN:
                break
        elif damping > LARGEST_DAMPING:
            break
        else:
            damping *= 10
    return chi_square, tuple(float(value) for value in p)
