"""Equal to the published figures of independent packages, and to those of the first build.

csdid 0.4.3, differences 0.3.0 and diff-diff 3.13.0 gave the level figures, pyfixest 0.60.0 the
slope and the Poisson coefficients; how they were called stands in test_oracles.py.
"""

import csv
import math

import numpy as np
import pyarrow.parquet as pq
import pytest

from pipelines.analytics.causal import base_week
from pipelines.analytics.causal.adjusted import adjust, per_week
from pipelines.analytics.causal.cells import cells_of, screen
from pipelines.analytics.causal.curves import dose_shape
from pipelines.analytics.causal.dose import Doses, dose_response
from pipelines.analytics.causal.imputation import impute
from pipelines.analytics.causal.panel import NEVER
from tests.support.data import shared_data

PACKAGES = 1e-9
PRINTED = 1e-7  # the figures are given with seven digits


def expected_rows(name):
    with (shared_data("roi") / name).open() as file:
        return list(csv.DictReader(file))


def test_parity_panel_when_read_then_it_is_the_described_one(parity_panel, parity_moments):
    assert dict(zip((NEVER, *parity_moments.onsets), parity_moments.people, strict=True)) == {
        NEVER: 1200, 4: 127, 8: 790, 12: 785, 16: 98,
    }  # fmt: skip
    assert len(parity_panel.outcome) == 9_905
    assert parity_panel.outcome.sum() == pytest.approx(346_457.8796137201, rel=1e-14)


def test_level_effect_when_on_the_parity_panel_then_it_equals_csdid(parity_moments):
    found = base_week.overall(parity_moments, "level").effect
    assert found.value == pytest.approx(1.2032341556549921, abs=PACKAGES)
    assert found.standard_error == pytest.approx(0.42443931334176363, abs=PACKAGES)


def test_ratio_effect_when_on_the_parity_panel_then_it_equals_the_reference(parity_moments):
    found = base_week.overall(parity_moments, "ratio")
    assert found.effect.value == pytest.approx(1.4766597230822, abs=PACKAGES)
    assert found.effect.standard_error == pytest.approx(0.4066734434368, abs=PACKAGES)
    assert found.lift.value == pytest.approx(0.3081479151542, abs=PACKAGES)
    assert found.lift.standard_error == pytest.approx(0.1095027237841, abs=PACKAGES)


def test_event_study_when_on_the_parity_panel_then_it_equals_csdid(parity_moments):
    expected = expected_rows("did_event_study_expected.csv")
    weeks = [int(row["event_time"]) for row in expected]
    found = base_week.by_event_week(parity_moments, "level", weeks)
    assert list(found) == weeks
    for row in expected:
        effect = found[int(row["event_time"])].effect
        assert effect.value == pytest.approx(float(row["att_level"]), abs=PACKAGES)
        assert effect.standard_error == pytest.approx(float(row["se"]), abs=PACKAGES)


def test_imputation_when_on_the_parity_panel_then_lifts_equal_the_reference(parity_moments):
    cells = cells_of(parity_moments)
    plain, linear, curved = (impute(parity_moments, cells, order) for order in range(3))
    assert plain.lift.value == pytest.approx(0.190110333771, abs=1e-12)
    assert plain.lift.standard_error == pytest.approx(0.0423317, abs=PRINTED)
    assert linear.lift.value == pytest.approx(0.098187656777, abs=1e-12)
    assert linear.lift.standard_error == pytest.approx(0.1043890, abs=PRINTED)
    assert curved.lift.value == pytest.approx(0.151450892787, abs=1e-12)
    assert curved.lift.standard_error == pytest.approx(0.2588448, abs=PRINTED)


def test_slope_when_on_the_parity_panel_then_it_equals_pyfixest(parity_moments):
    cells = cells_of(parity_moments)
    fits = tuple(impute(parity_moments, cells, order) for order in range(3))
    slope = per_week(adjust(parity_moments, fits).slope)
    assert slope.value == pytest.approx(0.010216678952, abs=2e-10)
    assert slope.standard_error == pytest.approx(0.0103652, abs=PRINTED)


def test_imputation_when_over_all_horizons_then_lifts_equal_the_reference(parity_moments):
    cells = cells_of(parity_moments, horizon=parity_moments.weeks)
    found = [impute(parity_moments, cells, order).lift.value for order in range(2)]
    assert found == pytest.approx([0.196371642863, 0.091342188244], abs=1e-12)


def test_screen_when_on_the_parity_panel_then_all_cohorts_stay(parity_moments):
    kept, excluded = screen(parity_moments)
    assert kept.onsets == (4, 8, 12, 16)
    assert excluded == ()


@pytest.fixture(scope="module")
def poisson():
    table = pq.read_table(shared_data("roi") / "fe_poisson_parity.parquet")
    table = table.sort_by([("person_id", "ascending"), ("week_index", "ascending")])
    dose = table["dose"].to_numpy().reshape(2_000, 26)
    counts = table["purchases"].to_numpy().reshape(2_000, 26)
    return dose_response(Doses(np.full(2_000, NEVER), dose, counts))


def test_dose_response_when_on_the_parity_panel_then_it_equals_pyfixest(poisson):
    expected = expected_rows("fe_poisson_expected.csv")
    assert poisson.doses == tuple(int(row["dose"]) for row in expected)
    assert poisson.log_rate_ratio == pytest.approx([float(r["log_rr"]) for r in expected], abs=1e-6)
    errors = [math.sqrt(variance) for variance in np.diag(poisson.covariance)]
    assert errors == pytest.approx([float(row["se_cluster"]) for row in expected], abs=1e-6)


def test_dose_shape_when_the_true_log_rate_is_linear_then_exponential_is_named(poisson):
    shape = dose_shape(np.array(poisson.doses), poisson.log_rate_ratio, poisson.covariance)
    assert shape.family == "exponential"
    assert shape.curves[1].parameters[0] == pytest.approx(0.12, abs=0.01)
