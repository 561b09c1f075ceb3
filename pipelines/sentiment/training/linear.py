"""Fits the linear engine: multinomial logistic regression on n-grams and dense features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from pipelines.sentiment.features import (
    CHARACTER_BITS,
    DENSE_NAMES,
    OWN_NAMES,
    RISING_NAMES,
    WORD_BITS,
    Batch,
    character_slots,
    word_slots,
)
from pipelines.sentiment.tables import LANGUAGES

Floats = npt.NDArray[np.float64]
CLASSES = 3
OWN = [*(DENSE_NAMES.index(name) for name in OWN_NAMES), len(DENSE_NAMES)]  # and the constant
LEAST_TEXTS = 2  # an n-gram of fewer texts has no weight
NORM_STEPS = 63  # squared document weights in 6 bits
WEIGHT_STEPS = 127  # weights in 8 bits
MOST_ITERATIONS = 120
LANGUAGE_SCALE = 0.4  # dense features per language are held closer to 0 than the common ones


@dataclass(frozen=True)
class Grams:
    """How n-grams become a row of the design: used `slots`, quantised squared document weights
    `norms` and the `norm_unit` they are counted in, of one table."""

    slots: npt.NDArray[np.int64]
    norms: npt.NDArray[np.uint8]
    norm_unit: float

    @property
    def scale(self) -> Floats:
        """Document weight of each slot."""
        return np.asarray(np.sqrt(self.norms * self.norm_unit), dtype=np.float64)


@dataclass(frozen=True)
class Design:
    """What turns batches into rows: both tables of n-grams, mean and deviation of the dense."""

    characters: Grams
    words: Grams
    centre: Floats
    spread: Floats


@dataclass(frozen=True)
class Weights:
    """A fitted model: (slots, 3) weights of n-grams without document weight, dense weights
    (languages + 1, features, 3), whose last row is for an unknown language, and bias likewise."""

    characters: Floats
    words: Floats
    dense: Floats
    bias: Floats


def counts_of(batch: Batch) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """How often each message holds each character and word feature."""
    tokens = batch.tokens
    rows, columns = [], []
    message = np.searchsorted(tokens.bounds, np.arange(len(tokens.points)), side="right") - 1
    for slots, is_gram in character_slots(tokens):
        places = np.flatnonzero(is_gram)
        rows.append(message[places])
        columns.append(slots[places])
    characters = _counted(rows, columns, tokens.message_count, CHARACTER_BITS)
    pairs = list(word_slots(tokens, batch.analysis))
    words = _counted(
        [row for _, row in pairs], [slot for slot, _ in pairs], tokens.message_count, WORD_BITS
    )
    return characters, words


def _counted(
    rows: list[npt.NDArray[np.int64]],
    columns: list[npt.NDArray[np.int64]],
    count: int,
    bits: int,
) -> sparse.csr_matrix:
    row, column = np.concatenate(rows), np.concatenate(columns)
    ones = np.ones(len(row), dtype=np.float32)
    return sparse.csr_matrix((ones, (row, column)), shape=(count, 1 << bits))


def grams_of(counts: sparse.csr_matrix) -> Grams:
    """Document weights ln((1 + N) / (1 + df)) + 1 of the n-grams that at least two texts hold."""
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    slots = np.flatnonzero(frequency >= LEAST_TEXTS)
    weight = np.log((1 + counts.shape[0]) / (1 + frequency[slots])) + 1
    unit = float(np.max(weight**2) / NORM_STEPS)
    norms = np.maximum(np.round(weight**2 / unit), 1).astype(np.uint8)
    return Grams(slots, norms, unit)


def rows_of(counts: sparse.csr_matrix, grams: Grams) -> sparse.csr_matrix:
    """Weighted rows, divided by sqrt(sum of squared document weights), as scoring does it."""
    used = counts[:, grams.slots]
    norm = used @ (grams.norms * grams.norm_unit)
    return sparse.diags(1 / np.sqrt(np.maximum(norm, 1.0))) @ used @ sparse.diags(grams.scale)


def design_of(batch: Batch, counts: tuple[sparse.csr_matrix, sparse.csr_matrix]) -> Design:
    """The design that a training batch gives."""
    spread = batch.dense.std(axis=0)
    return Design(
        grams_of(counts[0]),
        grams_of(counts[1]),
        batch.dense.mean(axis=0),
        np.where(spread > 0, spread, 1.0),
    )


def matrix_of(
    batch: Batch, counts: tuple[sparse.csr_matrix, sparse.csr_matrix], design: Design
) -> sparse.csr_matrix:
    """Rows of the regression: characters | words | dense | dense of the language | language."""
    characters, words = counts
    dense = (batch.dense - design.centre) / design.spread
    dense = np.hstack([dense, np.ones((len(dense), 1))])
    own = dense[:, OWN]
    width = own.shape[1]
    blocks = np.zeros((len(dense), len(LANGUAGES) * width))
    for language in range(len(LANGUAGES)):
        mine = batch.languages == language
        blocks[mine, language * width : (language + 1) * width] = own[mine] * LANGUAGE_SCALE
    return sparse.hstack(
        [
            rows_of(characters, design.characters),
            rows_of(words, design.words),
            sparse.csr_matrix(dense),
            sparse.csr_matrix(blocks),
        ],
        format="csr",
    )


def fit(
    matrix: sparse.csr_matrix,
    targets: Floats,
    row_weights: Floats,
    strength: float,
    dense_at: int,
) -> Floats:
    """(columns, 3) weights that minimise strength x weighted cross-entropy + |w|^2 / 2.

    `targets`: (n, 3) shares that sum to 1; soft labels are welcome. `dense_at`: first dense
    column; the rising ones are held from pulling towards negative, whatever the sample says.
    """
    matrix = sparse.csr_matrix(matrix, dtype=np.float64)
    transposed = matrix.T.tocsr()
    shape = (matrix.shape[1], CLASSES)

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(shape)
        logits = matrix @ weights
        logits -= logits.max(axis=1, keepdims=True)
        totals = np.log(np.exp(logits).sum(axis=1, keepdims=True))
        logs = logits - totals
        value = -strength * np.sum(row_weights[:, None] * targets * logs) + flat @ flat / 2
        error = (np.exp(logs) - targets) * row_weights[:, None]
        return value, (strength * (transposed @ error) + weights).ravel()

    lowest, highest = np.full(shape, -np.inf), np.full(shape, np.inf)
    rising = [dense_at + DENSE_NAMES.index(name) for name in RISING_NAMES]
    lowest[rising, 2] = highest[rising, 0] = 0.0
    result = optimize.minimize(
        loss,
        np.zeros(shape[0] * shape[1]),
        jac=True,
        method="L-BFGS-B",
        bounds=optimize.Bounds(lowest.ravel(), highest.ravel()),
        options={"maxiter": MOST_ITERATIONS, "maxcor": 6, "ftol": 1e-7},
    )
    fitted: Floats = result.x.reshape(shape)
    return fitted


def weights_of(fitted: Floats, design: Design) -> Weights:
    """Weights as scoring uses them: n-grams with their document weight, dense ones on raw
    features, per language; an unknown language gets the common ones and the mean of the rest."""
    character_count, word_count = len(design.characters.slots), len(design.words.slots)
    dense_at = character_count + word_count
    width = len(design.centre) + 1
    common = fitted[dense_at : dense_at + width]
    blocks = fitted[dense_at + width :].reshape(len(LANGUAGES), len(OWN), CLASSES)
    own = np.zeros((len(LANGUAGES), width, CLASSES))
    own[:, OWN] = blocks * LANGUAGE_SCALE
    every = common[None] + np.concatenate([own, own.mean(axis=0, keepdims=True)])
    dense = every[:, :-1] / design.spread[None, :, None]
    bias = every[:, -1] - np.einsum("d,ldc->lc", design.centre, dense)
    return Weights(
        characters=fitted[:character_count] * design.characters.scale[:, None],
        words=fitted[character_count:dense_at] * design.words.scale[:, None],
        dense=dense,
        bias=bias,
    )


def quantised(weights: Floats) -> tuple[npt.NDArray[np.int8], float]:
    """Weights of negative and positive against neutral, in 8 bits, and their unit."""
    contrast = weights[:, [0, 2]] - weights[:, [1]]
    unit = float(np.quantile(np.abs(contrast), 0.9999) / WEIGHT_STEPS) or 1.0
    steps = np.clip(np.round(contrast / unit), -WEIGHT_STEPS, WEIGHT_STEPS)
    return steps.astype(np.int8), unit
