from __future__ import annotations

import numpy as np
import pytest

from pipelines.sentiment.labelling import kappa_of
from pipelines.sentiment.measures import (
    calibration_error,
    confusion_of,
    is_kept,
    macro_f1,
    quality_of,
)

LABELS = np.array([0, 0, 1, 1, 2, 2])
FOUND = np.array(
    [[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [0.0, 0.9, 0.1], [0.0, 0.9, 0.1], [0.0, 0.1, 0.9], [0.9, 0.1, 0.0]]
)  # fmt: skip  # right, wrong, right, right, right, wrong


def test_macro_f1_when_computed_then_as_by_hand():
    # Negative: 1 of 2 found, 1 of 2 right: F1 1/2. Neutral: 2 of 2, 2 of 3: 4/5. Positive: 2/3.
    table = confusion_of(LABELS, FOUND.argmax(axis=1))
    assert table.tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 1]]
    assert macro_f1(table) == pytest.approx((1 / 2 + 4 / 5 + 2 / 3) / 3)


def test_calibration_when_all_are_as_sure_then_gap_of_accuracy_and_confidence():
    assert calibration_error(FOUND, LABELS) == pytest.approx(0.9 - 4 / 6)


def test_kept_when_bands_are_met_then_kept():
    rows = np.array([[0.5, 0.3, 0.2], [0.49, 0.3, 0.21], [0.55, 0.42, 0.03], [0.2, 0.2, 0.6]])
    assert is_kept(rows).tolist() == [True, False, False, True]


def test_quality_when_measured_then_interval_holds_the_value():
    found = quality_of(np.tile(FOUND, (20, 1)), np.tile(LABELS, 20))
    assert found.count == 120
    assert found.accuracy == pytest.approx(4 / 6)
    assert found.macro_f1_low < found.macro_f1 < found.macro_f1_high
    assert found.recalls == pytest.approx((0.5, 1.0, 0.5))


def test_kappa_when_computed_then_as_by_hand():
    # Agreed 4 of 6; by chance 2/6 x 2/6 + 2/6 x 3/6 + 2/6 x 1/6 = 1/3; (2/3 - 1/3) / (2/3) = 1/2.
    assert kappa_of(LABELS, FOUND.argmax(axis=1)) == pytest.approx(0.5)
