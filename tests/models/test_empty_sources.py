"""A warehouse without a single row: every model builds, and every unit test of a model holds."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.publish import metric_views
from pipelines.settings import METRIC_VIEWS
from tests.support.acts import rows
from tests.support.dbt_runs import run_dbt
from tests.support.raw import RawWarehouse


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> RawWarehouse:
    raw = RawWarehouse(tmp_path_factory.mktemp("empty"))
    raw.build().close()
    return raw


def test_build_when_sources_are_empty_then_every_mart_exists_without_rows(
    empty: RawWarehouse,
) -> None:
    with duckdb.connect(str(empty.path), read_only=True) as con:
        marts = [
            name
            for (name,) in rows(
                con, "select table_name from information_schema.tables where table_schema = 'marts'"
            )
        ]
        assert len(marts) > 10
        counted = {name: rows(con, f"select count(*) from marts.{name}")[0][0] for name in marts}
    # The catalogue says what metrics mean, not what happened.
    assert {name for name, count in counted.items() if count} == {"metric_catalog"}


def test_metric_views_when_marts_are_built_then_each_fits_and_rates_are_unknown(
    empty: RawWarehouse,
) -> None:
    with duckdb.connect(str(empty.path), read_only=True) as con:
        for statement in metric_views(METRIC_VIEWS):
            if statement.startswith("create view"):
                select = statement.partition(" as ")[2].rstrip(";")
                assert rows(con, select) == [], statement[:60]


def test_models_when_their_unit_tests_run_then_all_hold(empty: RawWarehouse) -> None:
    run_dbt(empty.home, "test", "--select", "test_type:unit")
