"""An oracle for Markov chains: dictionaries and fractions, straight from the definition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

START = ("start",)
Counted = tuple[Sequence[int], int, int, int]  # path, conversions, non-conversions, value


def removal_effects(rows: Sequence[Counted], order: int, channels: int) -> list[list[Fraction]]:
    """[conversions, value] lost without each channel, as shares; exact."""
    whole = [absorbed(rows, order, None, place) for place in (0, 1)]
    return [
        [
            1 - absorbed(rows, order, c, place) / whole[place] if whole[place] else Fraction(0)
            for place in (0, 1)
        ]
        for c in range(channels)
    ]


def absorbed(rows: Sequence[Counted], order: int, removed: int | None, place: int) -> Fraction:
    """Probability of conversion (0) or expected value (1) from the start without a channel."""
    moves: dict[tuple, dict[tuple, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    ends: dict[tuple, Fraction] = defaultdict(Fraction)
    out: dict[tuple, Fraction] = defaultdict(Fraction)
    for path, won, lost, value in rows:
        states = [tuple(path[i : i + order]) for i in range(max(1, len(path) - order + 1))]
        walk = [START] + [s for i, s in enumerate(states) if i == 0 or s != states[i - 1]]
        for one, other in pairwise(walk):
            moves[one][other] += won + lost
            out[one] += won + lost
        out[walk[-1]] += won + lost
        ends[walk[-1]] += (won, value)[place]
    alive = [s for s in out if out[s] and (s == START or removed not in s)]
    number = {s: i for i, s in enumerate(alive)}
    rows_of = []
    for s in alive:
        row = [Fraction(0)] * (len(alive) + 1)
        row[number[s]] += 1
        for other, weight in moves[s].items():
            if other in number:
                row[number[other]] -= weight / out[s]
        row[-1] = ends[s] / out[s]
        rows_of.append(row)
    return eliminated(rows_of)[number[START]]


def eliminated(rows: list[list[Fraction]]) -> list[Fraction]:
    """Solution of a linear system by Gauss and Jordan."""
    size = len(rows)
    for column in range(size):
        pivot = next(i for i in range(column, size) if rows[i][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        scale = rows[column][column]
        rows[column] = [cell / scale for cell in rows[column]]
        for i in range(size):
            if i != column and rows[i][column]:
                factor = rows[i][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[column], strict=True)]
    return [row[-1] for row in rows]
