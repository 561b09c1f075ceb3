"""Chance that gives the same world on every machine.

Only the uniform doubles of PCG64 are taken from numpy: their stream is part of its promise,
that of its other
distributions is not. Each part of the world has its own stream,
so that a new draw in one moves nothing in another.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from statistics import NormalDist
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")

# The place in this list is part of the seed: append, never reorder.
STREAMS = (
    "people", "posts", "conversations", "audience", "orders", "clicks", "deals", "costs", "rates",
    "crm", "bluesky", "x", "instagram", "facebook", "mastodon", "stripe", "typeform", "linkedin",
    "salesforce", "recognition",
    "crossposts", "followers", "referrals", "exhibitions", "polls", "subscriptions",
)  # fmt: skip
_BLOCK = 4096  # doubles drawn at once; a block and single draws give the same stream
_NORMAL = NormalDist()


class Dice:
    """Draws of one stream of one seed."""

    def __init__(self, seed: int, stream: str) -> None:
        sequence = np.random.SeedSequence([seed, STREAMS.index(stream)])
        self._generator = np.random.Generator(np.random.PCG64(sequence))
        self._block: list[float] = []

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number in [low, high)."""
        if not self._block:
            self._block = self._generator.random(_BLOCK).tolist()
            self._block.reverse()
        return low + (high - low) * self._block.pop()

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return self.uniform() < probability

    def integer(self, low: int, high: int) -> int:
        """An integer in low..high, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items, all equally likely."""
        return items[int(self.uniform() * len(items))]

    def weighted(self, items: Sequence[Item], weights: Sequence[float]) -> Item:
        """One of the items, as likely as its weight."""
        bounds = list(accumulate(weights))
        return items[min(bisect(bounds, self.uniform() * bounds[-1]), len(items) - 1)]

    def normal(self) -> float:
        """A standard normal number."""
        return _NORMAL.inv_cdf(max(self.uniform(), 1e-12))

    def lognormal(self, median: float, sigma: float) -> float:
        """A lognormal number; `sigma` is the standard deviation of its logarithm."""
        return median * math.exp(sigma * self.normal())

    def poisson(self, mean: float) -> int:
        """A Poisson number; for means below about 30."""
        count, product, floor = 0, self.uniform(), math.exp(-mean)
        while product > floor:
            count += 1
            product *= self.uniform()
        return count

    def gamma(self, shape: float) -> float:
        """A Gamma number of scale 1, shape ≥ 1 (Marsaglia and Tsang 2000)."""
        d = shape - 1 / 3
        while True:
            z = self.normal()
            cube = (1 + z / math.sqrt(9 * d)) ** 3
            if cube > 0 and math.log(max(self.uniform(), 1e-300)) < z * z / 2 + d * (
                1 - cube + math.log(cube)
            ):
                return d * cube
