"""How well a chain of order k foretells paths: likelihood of what it has not seen, and AIC.

Orders collapse different states, so their chains tell of different events. To be comparable all
orders are judged on the same one: the next touch, CONVERSION or NULL, given the last k touches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.analytics.chain import distinct, packed
from pipelines.analytics.paths import Floats, Integers, Paths, summed

SMOOTHING = 0.5  # Krichevsky-Trofimov: half a sighting of everything that can come next
ENDS = 2  # CONVERSION and NULL


@dataclass(frozen=True)
class Prediction:
    """Natural logarithms. `log_likelihood`: of each fold under a chain of the others, summed.

    `aic`: 2 parameters - 2 log-likelihood of the chain of all paths, unsmoothed.
    """

    log_likelihood: float
    aic: float


def prediction(paths: Paths, folds: Floats, order: int) -> Prediction:
    """`folds`: [path, fold, 2] conversions and non-conversions; every person is in one fold."""
    touched = paths.lengths > 0
    counts, paths = folds[touched], paths.touched()
    places = paths.lengths + 1
    step_path = np.repeat(np.arange(len(paths)), places)
    place = np.arange(places.sum()) - np.repeat(np.cumsum(places) - places, places)
    first = paths.offsets[:-1][step_path]
    behind = np.minimum(place, order)
    contexts = _contexts(paths, first + place - behind, behind, step_path, order)
    context = distinct(contexts, (paths.channel_count + 1) ** order)[1].astype(np.int64)

    is_end = place == paths.lengths[step_path]
    following = paths.codes[np.where(is_end, 0, first + place)] if len(paths.codes) else place
    choices = paths.channel_count + ENDS
    walked = counts.sum(axis=2)
    rows = [
        (context[~is_end] * choices + following[~is_end], walked[step_path[~is_end]]),
        (context[is_end] * choices + paths.channel_count, counts[..., 0]),
        (context[is_end] * choices + paths.channel_count + 1, counts[..., 1]),
    ]
    keys = np.concatenate([key for key, _ in rows])
    weights = np.concatenate([weight for _, weight in rows])
    known, choice = distinct(keys, int(keys.max(initial=0)) + 1)
    seen = np.stack([summed(choice, weights[:, f], len(known)) for f in range(folds.shape[1])])
    return Prediction(_held_out(seen, known // choices, choices), _aic(seen, known // choices))


def _contexts(
    paths: Paths, starts: Integers, lengths: Integers, step_path: Integers, order: int
) -> Integers:
    """Packed keys of the last touches; a shorter context has a key of its own."""
    keys = packed(paths, starts, step_path, order)
    base = paths.channel_count + 1
    # `packed` reads `order` touches on; what lies past the context is cut off again.
    context: Integers = keys // base ** (order - lengths)
    return context


def _held_out(seen: Floats, context: Integers, choices: int) -> float:
    total, log_likelihood = seen.sum(axis=0), 0.0
    for held in seen:
        known = total - held
        of_context = np.bincount(context, known)[context]
        chance = (known + SMOOTHING) / (of_context + SMOOTHING * choices)
        log_likelihood += float((held * np.log(chance)).sum())
    return log_likelihood


def _aic(seen: Floats, context: Integers) -> float:
    is_seen = seen.sum(axis=0) > 0
    total, context = seen.sum(axis=0)[is_seen], context[is_seen]
    of_context = np.bincount(context, total)[context]
    parameters = len(total) - len(np.unique(context))
    return float(2 * parameters - 2 * (total * np.log(total / of_context)).sum())
