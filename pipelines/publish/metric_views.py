"""The views of schema `metrics`: made in the new file from texts that were compiled ahead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.errors import ExitCode, RorError

COMMENT = "--"


def metric_views(file: Path) -> tuple[str, ...]:
    """Statements of a file that has one a line. Exit 78 when it cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        why = "cannot be read"
        raise RorError("publish", file.name, why, "make docs", ExitCode.CONFIGURATION) from error
    return tuple(line for line in lines if line and not line.startswith(COMMENT))


def create_views(con: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
    """Create the views in the attached `warehouse`, of its own tables only.

    No database stands in the texts: whoever attaches the file under whatever name can read them.
    Exit 78 when one does not fit the tables.
    """
    con.execute("create schema if not exists warehouse.metrics")
    con.execute("use warehouse")
    try:
        for statement in statements:
            con.execute(statement)
    except duckdb.Error as error:
        where = statement.split(" ", 3)[2]
        why = "the view does not fit the published tables"
        raise RorError("publish", where, why, "make docs", ExitCode.CONFIGURATION) from error
    finally:
        con.execute("use memory")


def verify_views(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of views of the attached `warehouse` that a reader could not query."""
    names = con.execute(
        "select view_name from duckdb_views() where database_name = 'warehouse'"
        " and schema_name = 'metrics' and not internal order by view_name"
    ).fetchall()
    return [name for (name,) in names if not _answers(con, name)]


def _answers(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    try:
        con.execute(f'select * from warehouse.metrics."{name}" limit 0')
    except duckdb.Error:
        return False
    return True
