from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.contract import ENTITIES
from pipelines.loading.raw import prepare_build
from pipelines.schema import OPERATIONAL_TABLES
from tests.support.drop import Drop


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path)
    drop.messages_feed()
    return drop


def test_prepare_build_when_nothing_exists_then_all_tables_and_the_run(drop: Drop) -> None:
    run = drop.run()
    prepare_build(run)
    prepare_build(run)
    made = set(drop.rows("select schema_name, table_name from duckdb_tables()"))
    files = {entity.name for entity in ENTITIES} | set(OPERATIONAL_TABLES) | {"_dlt_loads"}
    assert {table for schema, table in made if schema == "raw_files"} == files
    assert ("ops", "current_run") in made
    # Models read every source, in use or not.
    assert {("raw_bluesky", "likes"), ("raw_hubspot", "deal_changes")} <= made
    assert drop.rows("select run_id, as_of from ops.current_run") == [(run.run_id, run.as_of)]
    assert drop.settings.build_file.stat().st_mode & 0o777 == 0o600


def test_prepare_build_when_the_contract_gained_a_column_then_it_is_added(drop: Drop) -> None:
    prepare_build(drop.run())
    with duckdb.connect(str(drop.settings.build_file)) as con:
        con.execute("alter table raw_files.messages drop column rating")
    prepare_build(drop.run())
    assert drop.rows("select rating from raw_files.messages") == []
