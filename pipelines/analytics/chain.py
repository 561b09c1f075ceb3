"""The absorbing chain of order k behind a set of paths.

    start -> state -> ... -> state -> CONVERSION or NULL

A state is the last k channels; a path shorter than k is one state, the whole path. Equal states
next to each other are one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.analytics.paths import Floats, Integers, Paths, summed

LARGEST_KEY = 2**62  # a state is packed into one 64-bit integer
LOOKUP_KEYS = 2**22  # up to this many keys a table is faster than sorting


@dataclass(frozen=True)
class Chain:
    """Which states and transitions the paths walk; how often, `flow` says.

    `states`: [state, place] channel codes, -1 where a state is shorter than the order.
    `edge_from`, `edge_to`: the distinct transitions between states. `step_edge`, `step_path`: one
    entry per step of a path along an edge. `first_state`, `last_state`: one entry per path.
    """

    order: int
    states: Integers
    edge_from: Integers
    edge_to: Integers
    step_edge: Integers
    step_path: Integers
    first_state: Integers
    last_state: Integers

    @property
    def state_count(self) -> int:
        """States beside start, CONVERSION and NULL."""
        return len(self.states)

    def containing(self, channel: int) -> NDArray[np.bool_]:
        """Which states hold a channel."""
        held: NDArray[np.bool_] = (self.states == channel).any(axis=1)
        return held


@dataclass(frozen=True)
class Flow:
    """How much goes where: weights of edges, and what starts, passes and ends at each state."""

    edges: Floats
    starts: Floats
    visits: Floats
    conversions: Floats
    nulls: Floats
    values: Floats


def can_pack(channel_count: int, order: int) -> bool:
    """Whether a state of this order fits the packed form."""
    return bool((channel_count + 1) ** order < LARGEST_KEY)


def chain_of(paths: Paths, order: int) -> Chain:
    """The chain of the paths, all of which have a touch."""
    counts = np.maximum(1, paths.lengths - order + 1)
    numbers: Integers = np.arange(len(paths), dtype=_compact(len(paths)))
    window_path: Integers = np.repeat(numbers, counts)
    keys = paths.codes + 1 if order == 1 else _windows(paths, counts, window_path, order)
    is_new = np.ones(len(keys), bool)
    is_new[1:] = (keys[1:] != keys[:-1]) | (window_path[1:] != window_path[:-1])
    window_path, keys = window_path[is_new], keys[is_new]

    known, state = distinct(keys, (paths.channel_count + 1) ** order)
    del keys
    is_step = window_path[1:] == window_path[:-1]
    walked = state[:-1][is_step] * np.int64(len(known))
    walked += state[1:][is_step]
    edge_keys, step_edge = distinct(walked, len(known) ** 2)
    del walked
    ends = np.flatnonzero(np.append(~is_step, True)) if len(state) else np.array([], np.int64)
    return Chain(
        order,
        _unpacked(known, paths.channel_count + 1, order),
        edge_keys // max(1, len(known)),
        edge_keys % max(1, len(known)),
        step_edge,
        window_path[1:][is_step],
        state[np.append(0, ends[:-1] + 1)] if len(state) else ends,
        state[ends],
    )


def flow_of(chain: Chain, paths: Paths) -> Flow:
    """Weights of the chain under the counts of the paths."""
    weights = paths.conversions + paths.nulls
    states, edges = chain.state_count, len(chain.edge_from)
    starts = summed(chain.first_state, weights, states)
    carried = summed(chain.step_edge, weights[chain.step_path], edges)
    return Flow(
        carried,
        starts,
        # What enters a state leaves it: visits need no solve.
        starts + summed(chain.edge_to, carried, states),
        summed(chain.last_state, paths.conversions, states),
        summed(chain.last_state, paths.nulls, states),
        summed(chain.last_state, paths.values, states),
    )


def _windows(paths: Paths, counts: Integers, window_path: Integers, order: int) -> Integers:
    """Every window of every path, packed."""
    first_window = np.concatenate([[0], np.cumsum(counts)])
    starts = np.arange(first_window[-1]) - np.repeat(first_window[:-1], counts)
    starts += paths.offsets[:-1][window_path]
    return packed(paths, starts, window_path, order)


def packed(paths: Paths, starts: Integers, window_path: Integers, order: int) -> Integers:
    """One integer per window of up to `order` touches from `starts` on, cut at the path's end."""
    ends = paths.offsets[1:][window_path]
    keys = np.zeros(len(starts), np.int64)
    for place in range(order):
        inside = starts + place < ends
        touched = paths.codes[np.where(inside, starts + place, 0)] + 1
        keys = keys * (paths.channel_count + 1) + np.where(inside, touched, 0)
    return keys


def distinct(keys: Integers, key_count: int) -> tuple[Integers, Integers]:
    """Distinct keys in order, and for each key its place among them, in 32 bits where they do."""
    if key_count > LOOKUP_KEYS:
        known, places = np.unique(keys, return_inverse=True)
        return known, places.astype(np.int64)
    is_used = np.zeros(key_count, bool)
    is_used[keys] = True
    known = np.flatnonzero(is_used)
    places = np.zeros(key_count, _compact(len(known)))
    places[known] = np.arange(len(known))
    return known, places.take(keys)


def _compact(count: int) -> type[np.int32] | type[np.int64]:
    """The type of numbers below `count`: there is one for each of millions of steps."""
    return np.int32 if count < 2**31 else np.int64


def _unpacked(keys: Integers, base: int, order: int) -> Integers:
    digits = np.empty((len(keys), order), np.int64)
    for place in reversed(range(order)):
        keys, digits[:, place] = np.divmod(keys, base)
    return digits - 1
