"""Removal effects of channels in a Markov chain of touches, solved exactly.

Lost without channel c is what would still have come of all that reaches a state with c for the
first time: with h = (I - Q)^-1 r, the conversions to come from each state, and S the states that
hold c, the sum of first arrivals at S times h_S. That is 1 - P_c / P of the chain restricted to the
other states, without the loss of digits of a difference.

Higher orders are walked: each turn moves everything on by one step, so that what is still on its
way bounds what is missing. Order 1, and chains in which little ever ends, are solved:

    n_S ([A^-1]_SS)^-1 h_S / P      A = I - Q, n: visits per path, P: conversions per path

Anderl, Becker, von Wangenheim, Schumann (2016), https://doi.org/10.1016/j.ijresmar.2016.03.001
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, eye_array
from scipy.sparse.linalg import splu

from pipelines.analytics.chain import Chain, Flow, can_pack, chain_of, flow_of
from pipelines.analytics.paths import Floats, Paths

DENSE_STATES = 2500  # up to here one dense inverse is faster than a sparse factorisation a channel
PATHS_PER_STATE = 10  # an order with more states than a tenth of the paths is refused
MOST_STEPS = 2000  # a walk that has not ended by then is solved instead
STILL_WALKING = 1e-20  # of what started: less than any digit shows
RARE_COUNT = 30  # transitions seen less often are called rare


@dataclass(frozen=True)
class Refused:
    """Why there is no result, in words for a reader."""

    reason: str


@dataclass(frozen=True)
class Removal:
    """What conversions and value lose without each channel, as shares of all.

    `values` is None where the paths are worth nothing in sum. `probability`: conversions per path.
    """

    conversions: Floats
    values: Floats | None
    probability: float
    state_count: int
    rare_transition_share: float


def removal_effects(paths: Paths, order: int = 1) -> Removal | Refused:
    """Removal effects of all channels at one order; Refused says why an order has no answer."""
    touched = paths.touched()
    weight = float((touched.conversions + touched.nulls).sum())
    if weight <= 0:
        return Refused("no path with a touch")
    if not touched.conversions.sum() > 0:
        return Refused("no conversion on any path")
    if not can_pack(touched.channel_count, order):
        return Refused(f"order {order} of {touched.channel_count} channels has too many states")
    chain = chain_of(touched, order)
    if order > 1 and chain.state_count > weight / PATHS_PER_STATE:
        return Refused(f"{chain.state_count} states for {weight:.0f} paths, at most a tenth")
    return solved(chain, flow_of(chain, touched), touched.channel_count)


def solved(chain: Chain, flow: Flow, channel_count: int) -> Removal:
    """Removal effects of a chain under a flow that holds a conversion."""
    lost = _lost_walking(chain, flow, channel_count) if chain.order > 1 else None
    if lost is None:
        is_dense = chain.state_count <= DENSE_STATES
        lost = (_lost_dense if is_dense else _lost_sparse)(chain, flow, channel_count)
    total, value = flow.conversions.sum(), flow.values.sum()
    # The last step of each path counts as a transition too; edges without flow were not seen.
    seen = np.concatenate([flow.edges, flow.starts, flow.conversions, flow.nulls])
    seen = seen[seen > 0]
    return Removal(
        lost[:, 0] / total,
        lost[:, 1] / value if value > 0 else None,
        float(total / flow.starts.sum()),
        chain.state_count,
        float((seen < RARE_COUNT).mean()),
    )


def credit(effects: Floats | None, total: float) -> Floats | None:
    """The matched total divided in proportion to removal effects; None where they are all 0."""
    if effects is None or not effects.sum() > 0:
        return None
    shares: Floats = effects / effects.sum()
    return shares * total


def _lost_walking(chain: Chain, flow: Flow, channel_count: int) -> Floats | None:
    """Conversions and value lost without each channel, [channel, 2]; None if too much goes on
    walking for too long."""
    per_visit = _per_visit(flow)
    size = chain.state_count
    shares = flow.edges * per_visit[chain.edge_from]
    steps = csr_matrix((shares, (chain.edge_from, chain.edge_to)), shape=(size, size))
    ends = np.stack([flow.conversions, flow.values], axis=1) * per_visit[:, None]
    held = np.stack([chain.containing(channel) for channel in range(channel_count)], axis=1)
    starts = np.repeat(flow.starts[:, None], channel_count, axis=1)
    to_come = _walked(steps, ends, np.ones((size, 1)))
    arrived = _walked(steps.T.tocsr(), starts / flow.starts.sum(), ~held)
    if to_come is None or arrived is None:
        return None
    lost: Floats = (arrived * held).T @ to_come * flow.starts.sum()
    return lost


def _walked(
    steps: csr_matrix, at_start: Floats, goes_on: Floats | NDArray[np.bool_]
) -> Floats | None:
    """What stands at each state, summed over all steps; `goes_on`: from where. None if too much
    is left after the most steps; what is left never grows."""
    moving, total = at_start, at_start.copy()
    for _ in range(MOST_STEPS):
        moving = steps @ (moving * goes_on)
        if moving.sum(axis=0).max(initial=0.0) <= STILL_WALKING:
            return total
        total += moving
    return None


def _lost_dense(chain: Chain, flow: Flow, channel_count: int) -> Floats:
    """Conversions and value lost without each channel, [channel, 2]."""
    per_visit = _per_visit(flow)
    system = np.eye(chain.state_count)
    system[chain.edge_from, chain.edge_to] -= flow.edges * per_visit[chain.edge_from]
    inverse = np.linalg.inv(system)
    ends = np.stack([flow.conversions, flow.values], axis=1)
    reached = inverse @ (ends * per_visit[:, None])
    lost = np.zeros((channel_count, 2))
    if chain.order == 1:  # a channel is one state: no system to solve
        own = flow.visits / np.diag(inverse)
        lost[chain.states[:, 0]] = own[:, None] * reached
        return lost
    for channel in range(channel_count):
        held = np.flatnonzero(chain.containing(channel))
        if len(held):
            inner = np.linalg.solve(inverse[np.ix_(held, held)], reached[held])
            lost[channel] = flow.visits[held] @ inner
    return lost


def _lost_sparse(chain: Chain, flow: Flow, channel_count: int) -> Floats:
    per_visit = _per_visit(flow)
    size = chain.state_count
    shares = flow.edges * per_visit[chain.edge_from]
    steps = csc_matrix((shares, (chain.edge_from, chain.edge_to)), shape=(size, size))
    system = csc_matrix(eye_array(size) - steps)
    ends = np.stack([flow.conversions, flow.values], axis=1)
    lost = np.zeros((channel_count, 2))
    for channel in range(channel_count):
        kept = np.flatnonzero(~chain.containing(channel))
        if len(kept) < size:
            reached = np.zeros(2)
            if len(kept):
                inner = splu(system[kept][:, kept]).solve((ends * per_visit[:, None])[kept])
                reached = flow.starts[kept] @ inner
            lost[channel] = ends.sum(axis=0) - reached
    return lost


def _per_visit(flow: Flow) -> Floats:
    shares: Floats = np.divide(
        1.0, flow.visits, out=np.zeros_like(flow.visits), where=flow.visits > 0
    )
    return shares
