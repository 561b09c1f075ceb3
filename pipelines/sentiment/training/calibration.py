"""Temperatures that make probabilities honest, fitted on development texts by language."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.engines.linear import softmax
from pipelines.sentiment.measures import calibration_error
from pipelines.sentiment.tables import LANGUAGES

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

LOWEST, HIGHEST, STEPS = 0.5, 5.0, 231  # temperatures tried, evenly on a log scale
LEAST_ROWS = 300  # fewer labelled texts of a language: the common temperature


def temperature_of(logits: Floats, labels: Integers) -> float:
    """The temperature of least negative log-likelihood."""
    tried = np.geomspace(LOWEST, HIGHEST, STEPS)
    rows = np.arange(len(labels))
    losses = [-np.log(softmax(logits / value)[rows, labels]).mean() for value in tried]
    return float(tried[int(np.argmin(losses))])


def temperatures_of(logits: Floats, labels: Integers, languages: Integers) -> Floats:
    """One temperature a language, and the common one for the rest and for an unknown language."""
    result = np.full(len(LANGUAGES) + 1, temperature_of(logits, labels))
    for language in range(len(LANGUAGES)):
        mine = languages == language
        if mine.sum() >= LEAST_ROWS:
            result[language] = temperature_of(logits[mine], labels[mine])
    return result


def cross_fitted_error(logits: Floats, labels: Integers) -> float:
    """Expected calibration error where each half is scored with the temperature of the other."""
    halves = np.arange(len(labels)) % 2
    probabilities = np.zeros(logits.shape)
    for half in (0, 1):
        value = temperature_of(logits[halves != half], labels[halves != half])
        probabilities[halves == half] = softmax(logits[halves == half] / value)
    return calibration_error(probabilities, labels)
