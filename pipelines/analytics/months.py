"""One month of journeys under one model that divides whole channels: solved, or refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipelines.analytics.bootstrap import markov_intervals
from pipelines.analytics.chain import Chain, Flow, chain_of, flow_of
from pipelines.analytics.markov import Refused, Removal, credit, removal_effects
from pipelines.analytics.paths import Floats, Paths
from pipelines.analytics.prediction import prediction
from pipelines.analytics.shapley import rate_game

VERSION = "1"  # raised when the arithmetic changes: solved months are then solved again
OTHERS = "(other channels)"  # the rare channels of a rate game, taken as one player
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Month:
    """Journeys of a month; `names`: channel by code; `folds`: [path, fold, 2], see `prediction`."""

    paths: Paths
    folds: Floats
    names: list[str]

    def input_hash(self, parameters: str) -> str:
        """Hash of all that the result rests on; names count, not the numbers that stand for them.

        The months' paths must come in an order that depends on their names only.
        """
        digest = hashlib.sha256(json.dumps([VERSION, parameters, self.names]).encode())
        paths = self.paths
        for part in (paths.codes, paths.offsets, paths.values, paths.squares, self.folds):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Solved:
    """Rows for `solved.attribution_runs`, `_effects` and `_transitions`."""

    run: dict[str, Any]
    effects: Rows = field(default_factory=list)
    transitions: Rows = field(default_factory=list)


def solve_markov(month: Month, parameters: str) -> Solved:
    """Removal effects, credit shares with intervals, and the chain itself."""
    order = int(json.loads(parameters).get("order", 1))
    run = _run(month, parameters)
    found = removal_effects(month.paths, order)
    if isinstance(found, Refused):
        return Solved(run | {"refusal": found.reason})
    paths = month.paths.touched()
    chain = chain_of(paths, order)
    told = prediction(month.paths, month.folds, order)
    run |= {
        "conversion_probability": found.probability,
        "state_count": found.state_count,
        "rare_transition_share": found.rare_transition_share,
        "log_likelihood": told.log_likelihood,
        "aic": told.aic,
    }
    return Solved(
        run,
        _effects(month, found, markov_intervals(paths, order, run["input_hash"])),
        _transitions(month, chain, flow_of(chain, paths)),
    )


def solve_rate_game(month: Month, parameters: str) -> Solved:
    """Shapley values of the conversion rate as shares of it."""
    run, game = _run(month, parameters), rate_game(month.paths)
    if not game.rate > 0:
        return Solved(run | {"refusal": "no conversion on any path"})
    effects = [
        {
            "channel_id": month.names[group[0]] if len(group) == 1 else OTHERS,
            "removal_effect": float(value),
            "removal_effect_value": None,
            "conversion_share": float(value / game.rate),
            "value_share": None,
            "ci_low_minor": None,
            "ci_high_minor": None,
            "is_supported": game.is_supported,
        }
        for group, value in zip(game.players, game.values, strict=True)
    ]
    return Solved(run | {"conversion_probability": game.rate}, effects)


def _run(month: Month, parameters: str) -> dict[str, Any]:
    touched = month.paths.touched()
    return {
        "path_count": int((touched.conversions + touched.nulls).sum()),
        "conversion_probability": None,
        "state_count": None,
        "rare_transition_share": None,
        "log_likelihood": None,
        "aic": None,
        "refusal": None,
        "input_hash": month.input_hash(parameters),
    }


def _effects(
    month: Month, found: Removal, intervals: tuple[Floats, Floats] | Refused
) -> list[dict[str, Any]]:
    conversions, values = credit(found.conversions, 1.0), credit(found.values, 1.0)
    if conversions is None:
        return []
    rows = []
    for code, name in enumerate(month.names):
        has_interval = values is not None and not isinstance(intervals, Refused)
        low, high = (
            (float(side[code]) for side in intervals)
            if has_interval and not isinstance(intervals, Refused)
            else (None, None)
        )
        rows.append(
            {
                "channel_id": name,
                "removal_effect": float(found.conversions[code]),
                "removal_effect_value": None if found.values is None else float(found.values[code]),
                "conversion_share": float(conversions[code]),
                "value_share": None if values is None else float(values[code]),
                "ci_low_minor": low,
                "ci_high_minor": high,
                "is_supported": True,
            }
        )
    return rows


def _transitions(month: Month, chain: Chain, flow: Flow) -> list[dict[str, Any]]:
    states = [[month.names[code] for code in state if code >= 0] for state in chain.states]
    started = float(flow.starts.sum())
    steps = [(["(start)"], s, n, started) for s, n in zip(states, flow.starts, strict=True)]
    edges = zip(chain.edge_from, chain.edge_to, flow.edges, strict=True)
    steps += [(states[one], states[two], n, float(flow.visits[one])) for one, two, n in edges]
    for end, counts in (("(conversion)", flow.conversions), ("(null)", flow.nulls)):
        ended = zip(states, counts, flow.visits, strict=True)
        steps += [(state, [end], n, float(total)) for state, n, total in ended]
    return [
        {
            "markov_order": chain.order,
            "from_state": one,
            "to_state": two,
            "transition_count": int(count),
            "probability": float(count / total),
        }
        for one, two, count, total in steps
        if count > 0
    ]
