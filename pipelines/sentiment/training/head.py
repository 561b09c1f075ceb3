"""Fits the head on sentence embeddings: one hidden layer, Adam, mean of several seeds; numpy only.

Recipe: input dropout 0.3, hidden 256 with ReLU and dropout 0.5, decoupled weight decay, cosine.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.artefact import Arrays
from pipelines.sentiment.engines.embed import head_inputs
from pipelines.sentiment.engines.linear import softmax
from pipelines.sentiment.tables import LANGUAGES

Vectors = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

HIDDEN = 256
SEEDS = (1, 2, 3)
EPOCHS, ROWS_A_STEP = 30, 128
RATE, DECAY = 1e-3, 0.3  # Adam's step; decay is decoupled and scaled by the rate
INPUT_KEPT, HIDDEN_KEPT = 0.7, 0.5
BETA_ONE, BETA_TWO, TINY = 0.9, 0.999, 1e-8
SHARE, RUSSIAN_SHARE = 0.6, 0.5  # of the head in its average with the linear engine


def fit_head(
    vectors: Vectors,
    languages: npt.NDArray[np.int64],
    targets: Floats,
    row_weights: Floats,
    seeds: tuple[int, ...] = SEEDS,
) -> Arrays:
    """Arrays of the head, as the engine reads them; the same input gives the same arrays."""
    centre = vectors.mean(axis=0)
    spread = np.maximum(vectors.std(axis=0), TINY)
    inputs = head_inputs(vectors, languages, centre, spread).astype(np.float32)
    fitted = [_fit_one(inputs, targets, row_weights, seed) for seed in seeds]
    share = np.full(len(LANGUAGES) + 1, SHARE, dtype=np.float32)
    share[LANGUAGES.index("ru")] = RUSSIAN_SHARE
    names = ("first", "first_bias", "second", "second_bias")
    arrays = {
        name: np.stack([one[place] for one in fitted]).astype(np.float16)
        for place, name in enumerate(names)
    }
    return arrays | {"centre": centre, "spread": spread, "share": share}


def _fit_one(
    inputs: Vectors, targets: Floats, row_weights: Floats, seed: int
) -> list[npt.NDArray[np.float64]]:
    generator = np.random.default_rng(seed)
    width = inputs.shape[1]
    parameters = [
        generator.normal(0, np.sqrt(2 / width), (width, HIDDEN)),
        np.zeros(HIDDEN),
        generator.normal(0, np.sqrt(1 / HIDDEN), (HIDDEN, targets.shape[1])),
        np.zeros(targets.shape[1]),
    ]
    means = [np.zeros_like(value) for value in parameters]
    squares = [np.zeros_like(value) for value in parameters]
    steps = EPOCHS * (len(inputs) // ROWS_A_STEP)
    step = 0
    for _ in range(EPOCHS):
        order = generator.permutation(len(inputs))
        for start in range(0, len(order) - ROWS_A_STEP + 1, ROWS_A_STEP):
            rows = order[start : start + ROWS_A_STEP]
            gradients = _gradients(
                parameters, inputs[rows], targets[rows], row_weights[rows], generator
            )
            step += 1
            rate = RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            for place, gradient in enumerate(gradients):
                means[place] += (1 - BETA_ONE) * (gradient - means[place])
                squares[place] += (1 - BETA_TWO) * (gradient**2 - squares[place])
                moved = means[place] / (1 - BETA_ONE**step)
                moved /= np.sqrt(squares[place] / (1 - BETA_TWO**step)) + TINY
                if parameters[place].ndim > 1:
                    moved = moved + DECAY * parameters[place]
                parameters[place] -= rate * moved
    return parameters


def _gradients(
    parameters: list[npt.NDArray[np.float64]],
    inputs: Vectors,
    targets: Floats,
    row_weights: Floats,
    generator: np.random.Generator,
) -> list[npt.NDArray[np.float64]]:
    first, first_bias, second, second_bias = parameters
    kept = inputs * ((generator.random(inputs.shape) < INPUT_KEPT) / INPUT_KEPT)
    before = kept @ first + first_bias
    mask = (before > 0) * ((generator.random(before.shape) < HIDDEN_KEPT) / HIDDEN_KEPT)
    hidden = before * mask
    error = softmax(hidden @ second + second_bias) - targets
    error *= row_weights[:, None] / len(inputs)
    back = (error @ second.T) * mask
    return [kept.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]
