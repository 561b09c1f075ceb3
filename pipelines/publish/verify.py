"""Reopens the closed file and holds it against the build: rows, content, run, privacy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.errors import ExitCode, RorError
from pipelines.publish.connection import assert_storage, attach, memory_connection, refuse_wal
from pipelines.publish.copy import TableCopy, fingerprint
from pipelines.publish.metric_views import verify_views
from pipelines.publish.personal import personal_data
from pipelines.publish.tables import RUN_COLUMN, literal, quoted
from pipelines.settings import Settings
from pipelines.tables import types_in


def verify_file(settings: Settings, file: Path, run_id: str, copies: Sequence[TableCopy]) -> None:
    """Exit 20 at the first difference between the new file and what was to be copied."""
    refuse_wal(file)
    with memory_connection(settings) as con:
        attach(con, file, "warehouse")
        assert_storage(con, "warehouse")
        _verify_names(con, copies)
        types = types_in(con, "warehouse")
        for copy in copies:
            _verify_content(con, copy)
            if copy.is_stamped:
                _verify_run(con, copy, run_id)
            _verify_privacy(con, copy, types[copy.schema, copy.name])
        for view in verify_views(con):
            raise _refusal(f"metrics.{view}", "is a view that readers cannot query")


def _verify_names(con: duckdb.DuckDBPyConnection, copies: Sequence[TableCopy]) -> None:
    rows = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables()"
        " where database_name = 'warehouse'"
    ).fetchall()
    found, wanted = {name for (name,) in rows}, {copy.label for copy in copies}
    if found != wanted:
        raise _refusal(min(found ^ wanted), "is in only one of file and publication list")


def _verify_content(con: duckdb.DuckDBPyConnection, copy: TableCopy) -> None:
    rows, content = fingerprint(con, quoted("warehouse", copy.schema, copy.name), copy.columns)
    if rows != copy.row_count:
        raise _refusal(copy.label, f"{rows} rows published, {copy.row_count} built")
    if content != copy.content_hash:
        raise _refusal(copy.label, "content differs from the build file")


def _verify_run(con: duckdb.DuckDBPyConnection, copy: TableCopy, run_id: str) -> None:
    mixed = con.execute(
        f"select count(*) from {quoted('warehouse', copy.schema, copy.name)}"
        f" where {quoted(RUN_COLUMN)} is distinct from {literal(run_id)}"
    ).fetchone()
    if mixed != (0,):
        raise _refusal(copy.label, "has rows of another run")


def _verify_privacy(
    con: duckdb.DuckDBPyConnection, copy: TableCopy, types: Mapping[str, str]
) -> None:
    for finding in personal_data(con, quoted("warehouse", copy.schema, copy.name), types):
        raise RorError(
            "publish",
            f"{copy.label}.{finding.column}",
            f"{finding.value_count} values look like {finding.kind}; the last version stays served",
            "mask the column or take it off the published columns",
            ExitCode.BLOCKED,
        )


def _refusal(where: str, why: str) -> RorError:
    return RorError(
        "publish", where, f"{why}; the last version stays served", "ror run", ExitCode.BLOCKED
    )
