"""Poisson regression with one effect per person, for counts of people by weeks.

E[y_it] = a_i exp(x_it·β): given a person's total, the weeks are multinomial with p ∝ exp(x·β), so
that the a_i drop out. Newton on that likelihood; variance clustered by person, without a
small-sample factor. Hausman, Hall and Griliches (1984), https://doi.org/10.2307/1911191
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.analytics.causal.panel import Booleans, Floats

MAX_STEPS = 40
TOLERANCE = 1e-8  # Newton decrement; after its step a coefficient is off by 1e-8 errors
MAX_STEP = 2.0  # on the log scale: a first step from far away must not overshoot
CELLS_PER_BLOCK = 1_000_000

Codes = npt.NDArray[Any]  # integers of any width


@dataclass(frozen=True)
class Factor:
    """A category of every person-week: `codes` (people, weeks), 0 is the reference level.

    Levels in which nothing was ever counted have no finite effect; their cells are left out.
    """

    name: str
    codes: Codes
    levels: int


@dataclass(frozen=True)
class Column:
    """A number of every person-week (people, weeks) with one coefficient."""

    name: str
    values: npt.NDArray[np.generic]


@dataclass(frozen=True)
class PoissonFit:
    """`coefficients` (terms,) and `covariance`; `terms`: (factor, level) or (column, 0)."""

    terms: tuple[tuple[str, int], ...]
    coefficients: Floats
    covariance: Floats
    people: int
    converged: bool

    def place(self, name: str, level: int = 0) -> int | None:
        """Where a term stands; None when the data say nothing of it."""
        return self.terms.index((name, level)) if (name, level) in self.terms else None


def fit_fixed_effects(
    counts: npt.NDArray[np.generic], factors: Sequence[Factor], columns: Sequence[Column] = ()
) -> PoissonFit:
    """Coefficients of all levels but the reference; people without any count drop out."""
    problem = _Problem.of(counts, factors, columns)
    beta = np.zeros(len(problem.terms))
    converged = False
    for _ in range(MAX_STEPS):
        score, hessian, _ = problem.derivatives(beta)
        step = _solve(hessian, score)
        beta = beta + step * min(1.0, MAX_STEP / max(float(np.abs(step).max(initial=0.0)), 1e-300))
        if float(score @ step) < TOLERANCE:
            converged = True
            break
    _, hessian, meat = problem.derivatives(beta, with_meat=True)
    bread = _solve(hessian, np.eye(len(beta)))
    return PoissonFit(
        tuple(problem.terms), beta, bread @ meat @ bread.T, int(problem.rows.sum()), converged
    )


def totals(codes: Codes, levels: int, counts: npt.NDArray[np.generic] | None = None) -> Floats:
    """Σ counts, or the number of person-weeks, by level; in parts, to stay small in memory."""
    found = np.zeros(levels)
    step = max(1, CELLS_PER_BLOCK // max(codes.shape[1], 1))
    for first in range(0, len(codes), step):
        rows = slice(first, first + step)
        weight = None if counts is None else counts[rows].ravel().astype(np.float64)
        found += np.bincount(codes[rows].ravel(), weight, levels)
    return found


def _solve(matrix: Floats, right: Floats) -> Floats:
    """The solution; of least length where the data cannot tell terms apart."""
    try:
        return np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        return np.linalg.pinv(matrix) @ right


@dataclass(frozen=True)
class _Problem:
    counts: npt.NDArray[np.generic]
    factors: tuple[Factor, ...]
    columns: tuple[Column, ...]
    live: tuple[Booleans, ...]  # per factor: levels with a count
    terms: tuple[tuple[str, int], ...]
    keep: Booleans  # which of all levels and columns are terms
    rows: Booleans  # people with a count

    @classmethod
    def of(
        cls,
        counts: npt.NDArray[np.generic],
        factors: Sequence[Factor],
        columns: Sequence[Column],
    ) -> _Problem:
        live = tuple(totals(factor.codes, factor.levels, counts) > 0 for factor in factors)
        keep: list[bool] = []
        terms: list[tuple[str, int]] = []
        for factor, alive in zip(factors, live, strict=True):
            first = int(np.argmax(alive))  # the reference: the lowest level with a count
            kept = alive & (np.arange(factor.levels) != first)
            keep += kept.tolist()
            terms += [(factor.name, int(level)) for level in np.flatnonzero(kept)]
        return cls(
            counts, tuple(factors), tuple(columns), live,
            (*terms, *((column.name, 0) for column in columns)),
            np.array([*keep, *(True for _ in columns)], dtype=np.bool_), counts.sum(axis=1) > 0,
        )  # fmt: skip

    def derivatives(self, beta: Floats, with_meat: bool = False) -> tuple[Floats, Floats, Floats]:
        """Score, information and, on demand, Σ over people of score·scoreᵀ."""
        full = np.zeros(len(self.keep))
        full[self.keep] = beta
        size = len(full)
        score, hessian, meat = np.zeros(size), np.zeros((size, size)), np.zeros((size, size))
        for block in self._blocks():
            share, total = block.shares(full)
            expected = block.per_person(share)
            hessian += block.products(share * total[:, None])
            hessian -= (expected * total[:, None]).T @ expected
            own = block.per_person(block.counts) - expected * total[:, None]
            score += own.sum(axis=0)
            if with_meat:
                meat += own.T @ own
        kept = np.ix_(self.keep, self.keep)
        return score[self.keep], hessian[kept], meat[kept]

    def _blocks(self) -> Iterator[_Block]:
        people = np.flatnonzero(self.rows)
        step = max(1, CELLS_PER_BLOCK // max(self.counts.shape[1], 1))
        for first in range(0, len(people), step):
            chosen = people[first : first + step]
            codes = [factor.codes[chosen].astype(np.int64) for factor in self.factors]
            alive = np.ones(self.counts[chosen].shape, dtype=np.bool_)
            for code, live in zip(codes, self.live, strict=True):
                alive &= live[code]
            yield _Block(
                self.counts[chosen].astype(np.float64), codes, [f.levels for f in self.factors],
                [column.values[chosen].astype(np.float64) for column in self.columns], alive,
            )  # fmt: skip


@dataclass(frozen=True)
class _Block:
    """Some people: all sums over their cells that a Newton step needs."""

    counts: Floats
    codes: list[Codes]
    levels: list[int]
    columns: list[Floats]
    alive: Booleans

    def shares(self, beta: Floats) -> tuple[Floats, Floats]:
        """p (people, weeks), summing to one per person, and the person's total."""
        linear = np.zeros(self.counts.shape)
        start = 0
        for code, levels in zip(self.codes, self.levels, strict=True):
            linear += beta[start : start + levels][code]
            start += levels
        for place, values in enumerate(self.columns):
            linear += beta[start + place] * values
        linear -= linear.max(axis=1, keepdims=True)
        share = np.exp(linear) * self.alive
        return share / share.sum(axis=1, keepdims=True), self.counts.sum(axis=1)

    def per_person(self, weight: Floats) -> Floats:
        """Σ_t weight·x (people, levels and columns)."""
        people, weeks = weight.shape
        person = np.repeat(np.arange(people), weeks)
        parts = [
            np.bincount(
                person * levels + code.ravel(), weight.ravel(), people * levels
            ).reshape(people, levels)
            for code, levels in zip(self.codes, self.levels, strict=True)
        ]  # fmt: skip
        parts += [(weight * values).sum(axis=1, keepdims=True) for values in self.columns]
        return np.concatenate(parts, axis=1)

    def products(self, weight: Floats) -> Floats:
        """Σ over cells of weight·x xᵀ."""
        count = len(self.codes) + len(self.columns)
        pairs = {(i, j): self._pair(i, j, weight) for i in range(count) for j in range(i, count)}
        return np.block(
            [[pairs[i, j] if i <= j else pairs[j, i].T for j in range(count)] for i in range(count)]
        )

    def _pair(self, i: int, j: int, weight: Floats) -> Floats:
        first = len(self.codes)
        if i >= first:
            product = weight * self.columns[i - first] * self.columns[j - first]
            found: Floats = product.sum().reshape(1, 1)
            return found
        code, levels = self.codes[i].ravel(), self.levels[i]
        if j >= first:
            moved = (weight * self.columns[j - first]).ravel()
            return np.bincount(code, moved, levels).reshape(levels, 1)
        if i == j:
            return np.diag(np.bincount(code, weight.ravel(), levels))
        other, width = self.codes[j].ravel(), self.levels[j]
        table = np.bincount(code * width + other, weight.ravel(), levels * width)
        return table.reshape(levels, width)
