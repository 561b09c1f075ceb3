"""Poisson bootstrap over counted paths: intervals of channel figures that repeat themselves.

A draw gives every conversion and every non-conversion a Poisson(1) weight. Summed over a path with
C conversions of value V and sum of squares Q, the drawn count is W ~ Poisson(C) and the drawn value
has mean V W / C and variance W (Q / C - (V / C)^2) given W: the variance of a resample of W values
out of C, with divisor C. (Divisor C - 1 would widen the interval of small paths.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from pipelines.analytics.chain import chain_of, flow_of
from pipelines.analytics.markov import Refused, credit, removal_effects, solved
from pipelines.analytics.paths import Floats, Paths

DRAWS = 200
LOW_PERCENT, HIGH_PERCENT = 2.5, 97.5


def generator(input_hash: str) -> np.random.Generator:
    """PCG64 seeded by what is computed: a rerun draws the same."""
    seed = int.from_bytes(hashlib.sha256(input_hash.encode()).digest()[:16], "big")
    return np.random.Generator(np.random.PCG64(seed))


def resampled(paths: Paths, random: np.random.Generator, draws: int = DRAWS) -> Iterator[Paths]:
    """The paths with the counts of each draw."""
    counts = paths.conversions
    mean = np.divide(paths.values, counts, out=np.zeros_like(counts), where=counts > 0)
    square = np.divide(paths.squares, counts, out=np.zeros_like(counts), where=counts > 0)
    variance = np.maximum(0.0, square - mean**2)
    for _ in range(draws):
        won = random.poisson(counts).astype(np.float64)
        lost = random.poisson(paths.nulls).astype(np.float64)
        noise = np.sqrt(won * variance) * random.standard_normal(len(counts))
        yield paths.weighted(won, lost, won * mean + noise)


def markov_intervals(
    paths: Paths, order: int, input_hash: str, draws: int = DRAWS
) -> tuple[Floats, Floats] | Refused:
    """2.5 and 97.5 percent of the value credited to each channel, in the unit of the values.

    A draw without a conversion or without value credits nothing to anybody.
    """
    touched = paths.touched()
    whole = removal_effects(touched, order)
    if isinstance(whole, Refused):
        return whole
    chain, drawn = chain_of(touched, order), []
    for sample in resampled(touched, generator(input_hash), draws):
        figures = None
        if sample.conversions.sum() > 0:
            effects = solved(chain, flow_of(chain, sample), touched.channel_count)
            figures = credit(effects.values, float(sample.values.sum()))
        drawn.append(np.zeros(touched.channel_count) if figures is None else figures)
    low, high = np.percentile(np.array(drawn), [LOW_PERCENT, HIGH_PERCENT], axis=0)
    return low, high
