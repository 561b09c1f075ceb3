"""Accuracy, macro-F1, calibration and abstention of probabilities against labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.lexical import Floats

Labels = npt.NDArray[np.int64]

CLASSES = 3
BINS = 10
LEAST_CONFIDENCE, LEAST_MARGIN = 0.50, 0.15
RESAMPLES = 500
PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True)
class Quality:
    """Measures of one language and version. Rates in 0..1; `confusion`: rows are true classes."""

    count: int
    accuracy: float
    macro_f1: float
    macro_f1_low: float
    macro_f1_high: float
    recalls: tuple[float, float, float]
    calibration_error: float
    abstention_rate: float
    macro_f1_kept: float
    confusion: tuple[tuple[int, int, int], ...]


def quality_of(probabilities: Floats, labels: Labels) -> Quality:
    """Measures; the interval of macro-F1 is a bootstrap of rows with a fixed seed."""
    predicted = probabilities.argmax(axis=1)
    table = confusion_of(labels, predicted)
    kept = is_kept(probabilities)
    generator = np.random.default_rng(0)
    draws = [
        macro_f1(confusion_of(labels[rows], predicted[rows]))
        for rows in generator.integers(0, len(labels), size=(RESAMPLES, len(labels)))
    ]
    low, high = np.percentile(draws, PERCENTILES)
    recalls = table.diagonal() / np.maximum(table.sum(axis=1), 1)
    return Quality(
        count=len(labels),
        accuracy=float(np.mean(predicted == labels)),
        macro_f1=macro_f1(table),
        macro_f1_low=float(low),
        macro_f1_high=float(high),
        recalls=(float(recalls[0]), float(recalls[1]), float(recalls[2])),
        calibration_error=calibration_error(probabilities, labels),
        abstention_rate=float(np.mean(~kept)),
        macro_f1_kept=macro_f1(confusion_of(labels[kept], predicted[kept])),
        confusion=tuple((int(row[0]), int(row[1]), int(row[2])) for row in table),
    )


def confusion_of(labels: Labels, predicted: Labels) -> npt.NDArray[np.int64]:
    """(3, 3) counts; rows are true classes."""
    flat = np.bincount(labels * CLASSES + predicted, minlength=CLASSES * CLASSES)
    return flat.reshape(CLASSES, CLASSES).astype(np.int64)


def macro_f1(table: npt.NDArray[np.int64]) -> float:
    """Mean over the classes of F1; a class that neither occurs nor is predicted counts as 0."""
    hits = table.diagonal()
    sums = table.sum(axis=0) + table.sum(axis=1)
    return float(np.mean(2 * hits / np.maximum(sums, 1)))


def calibration_error(probabilities: Floats, labels: Labels) -> float:
    """Expected calibration error: |accuracy - confidence| over ten bins of confidence, weighted."""
    if not len(labels):
        return 0.0
    confidence = probabilities.max(axis=1)
    is_right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, weights=is_right - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))


def is_kept(probabilities: Floats) -> npt.NDArray[np.bool_]:
    """Rows sure enough for a label: largest at least 0.50, and 0.15 above the second."""
    ordered = np.sort(probabilities, axis=1)
    confidence, margin = ordered[:, -1], ordered[:, -1] - ordered[:, -2]
    result: npt.NDArray[np.bool_] = (confidence >= LEAST_CONFIDENCE) & (margin >= LEAST_MARGIN)
    return result
