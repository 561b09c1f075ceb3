"""Exact curves are named for what they are; vague ones are not named at all."""

import numpy as np
import pytest

from pipelines.analytics.causal.curves import dose_shape, time_shape

DOSE = np.arange(1.0, 11.0)
SHARP = np.eye(10) * 0.02**2


@pytest.mark.parametrize(
    ("family", "curve", "parameters"),
    [
        ("linear", np.log(1 + 0.15 * DOSE), (0.15,)),
        ("exponential", 0.12 * DOSE, (0.12,)),
        ("power", 0.5 * np.log(1 + DOSE), (0.5,)),
        ("saturating", np.log(1 + 0.8 * DOSE / (DOSE + 1.5)), (0.8, 1.5)),
    ],
)
def test_dose_shape_when_the_curve_is_exact_then_family_and_parameters_return(
    family, curve, parameters
):
    shape = dose_shape(DOSE, curve, SHARP)
    assert shape.family == family
    found = next(c for c in shape.curves if c.family == family)
    assert found.parameters == pytest.approx(parameters, rel=1e-4)
    assert found.chi_square == pytest.approx(0, abs=1e-5)


def test_dose_shape_when_all_is_flat_then_none():
    assert dose_shape(DOSE, np.zeros(10), SHARP).family == "none"


def test_dose_shape_when_errors_are_large_then_no_family_is_named():
    assert dose_shape(DOSE, 0.12 * DOSE, np.eye(10) * 0.6**2).family == "undetermined"


def test_dose_shape_when_nothing_is_measured_then_undetermined():
    assert dose_shape(DOSE, 0.12 * DOSE, np.eye(10) * 2.0**2).family == "undetermined"


WEEKS = np.arange(27.0)
CLEAR = np.eye(27) * 0.005**2


@pytest.mark.parametrize(
    ("family", "curve"),
    [
        ("constant", np.full(27, np.log(1.2))),
        ("linear", np.log(1.1 + 0.05 * WEEKS)),
        ("geometric", np.log(1.2) * (1 + WEEKS / 8)),
    ],
)
def test_time_shape_when_the_curve_is_exact_then_it_is_named(family, curve):
    assert time_shape(WEEKS, curve, CLEAR).family == family


def test_time_shape_when_growth_is_slight_then_linear_and_geometric_are_not_told_apart():
    assert time_shape(WEEKS, 0.1 + 0.002 * WEEKS, CLEAR).family == "undetermined"


def test_shapes_when_errors_hang_together_then_the_covariance_counts():
    """A common error of all weeks lifts the whole curve: its height is unsure, its shape is not."""
    common = CLEAR + 0.5**2
    assert time_shape(WEEKS, np.log(1.2) * (1 + WEEKS / 8), common).family == "geometric"
