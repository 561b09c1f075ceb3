"""Tables of schema `solved`: what Python found, where the second half of the build reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

SCHEMA = "solved"


def replace_rows(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]
) -> int:
    """Put these rows in the place of all that are in a solved table; returns how many.

    All rows name the same columns. In a transaction of the caller: readers see all or nothing.
    """
    listed = list(rows)
    connection.execute(f"delete from {SCHEMA}.{table}")
    if listed:
        found = pa.Table.from_pylist(listed)
        connection.register("found_rows", found)
        connection.execute(f"insert into {SCHEMA}.{table} by name select * from found_rows")
        connection.unregister("found_rows")
    return len(listed)


def rows_of(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Iterable[Any] | Mapping[str, Any] = (),
) -> list[dict[str, Any]]:
    """All rows of a query as dictionaries."""
    bound = parameters if isinstance(parameters, Mapping) else list(parameters)
    cursor = connection.execute(sql, bound)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
