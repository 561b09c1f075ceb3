"""Panels that the tests share: planted ones, and the parity panel of the real data folder."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.truth.trials import question_of
from pipelines.analytics.causal.moments import moments_of
from pipelines.analytics.causal.panel import NEVER, Panel, panel_from_tables
from pipelines.world.planted.history import plant
from pipelines.world.planted.parameters import scenario
from tests.support.data import shared_data


@pytest.fixture(scope="package")
def parity_tables():
    """Cohorts and outcomes of 3,000 people over 24 weeks."""
    folder = shared_data("roi")
    people = pq.read_table(folder / "did_parity_people.parquet")
    revenue = pq.read_table(folder / "did_parity_revenue.parquet")
    onset = people["onset_week_index"].to_numpy()
    cohorts = pa.table(
        {"person_id": people["person_id"], "onset_week_index": pa.array(onset, mask=onset == 0)}
    )
    return cohorts, revenue.rename_columns(["person_id", "week_index", "outcome"])


@pytest.fixture(scope="package")
def parity_panel(parity_tables):
    return panel_from_tables(*parity_tables, weeks=24)


@pytest.fixture(scope="package")
def parity_moments(parity_panel):
    return moments_of(parity_panel)


@pytest.fixture(scope="package")
def small_world():
    """S1, 2,000 people."""
    return plant(scenario("S1", 2_000, seed=11))


@pytest.fixture(scope="package")
def small_question(small_world):
    return question_of(small_world)


@pytest.fixture
def tiny_panel():
    """Two controls and two joiners of week 2, four weeks, whole numbers to count by hand.

    Controls 1 2 3 4 and 1 2 3 4; joiners 2 4 9 12 and 0 0 0 0.
    """
    rows = [(0, w, w + 1) for w in range(4)] + [(1, w, w + 1) for w in range(4)]
    rows += [(2, 0, 2), (2, 1, 4), (2, 2, 9), (2, 3, 12)]
    person, week, outcome = (np.array(column) for column in zip(*rows, strict=True))
    return Panel(4, np.array([NEVER, NEVER, 2, 2]), person, week, outcome.astype(float))
