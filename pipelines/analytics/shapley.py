"""Shapley values of channels: closed form of the additive game, and the rate game by transform.

Shapley (1953), A value for n-person games.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import numpy as np

from pipelines.analytics.paths import Floats, Integers, Paths, summed

LARGEST_GAME = 20  # players; 2^20 coalitions
PATHS_PER_COALITION = 100


@dataclass(frozen=True)
class RateGame:
    """Shapley values of the conversion rate.

    `players`: channel codes in groups, most common channels first; above 20 channels the last group
    is all the rest. `values`: one a player, may be negative. `is_supported`: each coalition rests
    on at least 100 paths.
    """

    players: tuple[tuple[int, ...], ...]
    values: Floats
    rate: float
    is_supported: bool


def additive(paths: Paths) -> tuple[Floats, Floats]:
    """Credit per channel for conversions and value: each path is divided evenly over its set.

    It is the Shapley value of v(S) = what paths whose channels all lie in S are worth.
    """
    path, channel = _memberships(paths)
    share = 1.0 / np.bincount(path, minlength=len(paths))[path]
    return (
        summed(channel, share * paths.conversions[path], paths.channel_count),
        summed(channel, share * paths.values[path], paths.channel_count),
    )


def rate_game(paths: Paths, largest: int = LARGEST_GAME) -> RateGame:
    """Shapley values of v(S) = conversions per path among paths whose channels all lie in S."""
    touched = paths.touched()
    path, channel = _memberships(touched)
    weights = touched.conversions + touched.nulls
    use = summed(channel, weights[path], touched.channel_count)
    common = [int(c) for c in np.lexsort((np.arange(len(use)), -use)) if use[c] > 0]
    players: list[tuple[int, ...]] = [(c,) for c in common]
    if len(players) > largest:
        players = [*players[: largest - 1], tuple(common[largest - 1 :])]
    if not players:
        return RateGame((), np.array([]), 0.0, is_supported=False)
    player_of = np.zeros(touched.channel_count, np.int64)
    for number, group in enumerate(players):
        player_of[list(group)] = number
    bits = np.zeros(len(touched), np.int64)
    np.bitwise_or.at(bits, path, 1 << player_of[channel])
    won = _below(summed(bits, touched.conversions, 1 << len(players)))
    seen = _below(summed(bits, weights, 1 << len(players)))
    rate = np.divide(won, seen, out=np.zeros_like(won), where=seen > 0)
    alone = seen[1 << np.arange(len(players))]
    return RateGame(
        tuple(players),
        _shapley(rate, len(players)),
        float(rate[-1]),
        # Every coalition holds a lone player's paths, so the smallest is one of theirs.
        is_supported=bool(alone.min() >= PATHS_PER_COALITION),
    )


def _memberships(paths: Paths) -> tuple[Integers, Integers]:
    """Distinct pairs of path and channel."""
    path = np.repeat(np.arange(len(paths)), paths.lengths)
    pairs = np.unique(path * paths.channel_count + paths.codes)
    return pairs // paths.channel_count, pairs % paths.channel_count


def _below(amounts: Floats) -> Floats:
    """Sum over all subsets of each set of players (zeta transform)."""
    sums = amounts.astype(np.float64)
    width = 1
    while width < len(sums):
        halves = sums.reshape(-1, 2, width)
        halves[:, 1] += halves[:, 0]
        width *= 2
    return sums


def _shapley(game: Floats, player_count: int) -> Floats:
    sizes = np.bitwise_count(np.arange(len(game), dtype=np.uint32))
    orders = factorial(player_count)
    chance = np.array(
        [factorial(s) * factorial(player_count - s - 1) / orders for s in range(player_count)]
    )
    values = np.empty(player_count)
    for player in range(player_count):
        halves = game.reshape(-1, 2, 1 << player)
        without = sizes.reshape(-1, 2, 1 << player)[:, 0]
        values[player] = (chance[without] * (halves[:, 1] - halves[:, 0])).sum()
    return values
