"""The CDNOW customers: published parameters and our own reference figures."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from pipelines.analytics import bgnbd, gamma_gamma
from pipelines.analytics.bgnbd import Customers
from pipelines.analytics.gamma_gamma import Spending
from tests.support.data import shared_data


@pytest.fixture(scope="module")
def cdnow():
    with shared_data("retention/cdnow_calibration.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    names = ("frequency", "recency_weeks", "age_weeks", "monetary_value")
    x, recency, age, mean = (np.array([float(row[name]) for row in rows]) for name in names)
    return Customers(x, recency, age, np.ones(len(x))), mean


def test_bgnbd_when_fitted_to_cdnow_then_parameters_and_likelihood_are_the_known_ones(cdnow):
    found = bgnbd.fit(cdnow[0])
    assert found.parameters == pytest.approx([0.2425929, 4.4135315, 0.7928862, 2.4257538], rel=1e-4)
    assert found.standard_errors == pytest.approx(
        [0.012557, 0.378221, 0.185719, 0.705345], rel=1e-3
    )
    assert found.log_likelihood == pytest.approx(-9582.425560567, abs=1e-6)
    assert found.is_converged
    one = Customers(*(np.array([v]) for v in (2.0, 30.43, 38.86, 1.0)))
    purchases = bgnbd.expected_purchases(found.parameters, one, 39.0)
    assert purchases == pytest.approx([1.2259], abs=1e-4)
    total = bgnbd.expected_purchases(found.parameters, cdnow[0], 39.0).sum()
    assert total == pytest.approx(1653.4233, rel=1e-4)
    alive = bgnbd.alive_probability(found.parameters, cdnow[0]).mean()
    assert alive == pytest.approx(0.8134393, abs=1e-5)


def test_gamma_gamma_when_fitted_to_cdnow_then_values_are_the_known_ones(cdnow):
    people, mean = cdnow
    repeat = people.frequency > 0
    assert repeat.sum() == 946
    spending = Spending(people.frequency[repeat], mean[repeat], np.ones(946))
    found = gamma_gamma.fit(spending)
    assert found.parameters == pytest.approx([6.24880, 3.74459, 15.44775], rel=1e-3)
    assert found.log_likelihood == pytest.approx(-4055.92324350, abs=1e-5)
    assert gamma_gamma.correlation(spending) == pytest.approx(0.11388, abs=1e-5)
    value = gamma_gamma.expected_value(found.parameters, people.frequency[:3], mean[:3])
    assert value == pytest.approx([24.658616, 18.911480, 35.171002], abs=1e-4)
