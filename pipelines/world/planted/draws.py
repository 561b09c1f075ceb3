"""Chance in arrays, the same on every machine: only uniform doubles of PCG64 are taken from numpy.

Each part of a world has its own stream, so that a new draw in one moves nothing in another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]  # float64; the stubs of numpy lose that in arithmetic
Integers = npt.NDArray[np.int64]

# The place in this list is part of the seed: append, never reorder.
STREAMS = (
    "people", "exposure", "replies", "orders", "values", "exits", "bots", "entry", "before",
    "before_values",
)  # fmt: skip
_TINY = 1e-300


class Stream:
    """Draws of one stream of one seed, in the order they are asked for."""

    def __init__(self, seed: int, name: str) -> None:
        sequence = np.random.SeedSequence([seed, 1000 + STREAMS.index(name)])
        self._generator = np.random.Generator(np.random.PCG64(sequence))

    def uniforms(self, count: int) -> Floats:
        """Numbers in [0, 1)."""
        return self._generator.random(count)

    def normals(self, count: int) -> Floats:
        """Standard normal numbers (Box and Muller 1958)."""
        radius = np.sqrt(-2 * np.log(1 - self.uniforms(count)))
        found: Floats = radius * np.cos(2 * np.pi * self.uniforms(count))
        return found

    def poissons(self, mean: Floats) -> Integers:
        """Poisson counts by inversion: one uniform each; for means below about 30."""
        uniform, chance = self.uniforms(len(mean)), np.exp(-mean)
        count = np.zeros(len(mean), dtype=np.int64)
        left = np.flatnonzero(uniform >= chance)
        reached, chance = chance[left], chance[left]
        number = 0
        while len(left) and number < 200:  # 200: where rounding leaves the sum below the uniform
            number += 1
            count[left] = number
            chance = chance * mean[left] / number
            reached = reached + chance
            more = uniform[left] >= reached
            left, chance, reached = left[more], chance[more], reached[more]
        return count

    def gammas(self, shape: Floats) -> Floats:
        """Gamma numbers of scale 1 (Marsaglia and Tsang 2000); shapes below 1 through shape + 1."""
        small = shape < 1
        d = np.where(small, shape + 1, shape) - 1 / 3
        found = np.zeros(len(shape))
        left = np.arange(len(shape))
        while len(left):
            z = self.normals(len(left))
            uniform = np.maximum(self.uniforms(len(left)), _TINY)
            cube = (1 + z / np.sqrt(9 * d[left])) ** 3
            safe = np.maximum(cube, _TINY)
            accepted = (cube > 0) & (
                np.log(uniform) < z * z / 2 + d[left] * (1 - cube + np.log(safe))
            )
            found[left[accepted]] = d[left[accepted]] * cube[accepted]
            left = left[~accepted]
        boost = np.maximum(self.uniforms(len(shape)), _TINY) ** (1 / shape)
        return np.where(small, found * boost, found)

    def betas(self, a: float, b: float, count: int) -> Floats:
        """Beta numbers."""
        first = self.gammas(np.full(count, a))
        found: Floats = first / (first + self.gammas(np.full(count, b)))
        return found
