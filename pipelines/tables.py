"""Tables of DuckDB in dictionaries: columns looked up once, tables kept as declared, rows moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

Types = dict[tuple[str, str], dict[str, str]]  # by schema and table, by column


def rows_of(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Iterable[Any] | Mapping[str, Any] = (),
) -> list[dict[str, Any]]:
    """All rows of a query as dictionaries."""
    bound = parameters if isinstance(parameters, Mapping) else list(parameters)
    cursor = connection.execute(sql, bound) if bound else connection.execute(sql)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Add rows to a table, column by name. `table`: with its schema."""
    connection.register("found_rows", rows)
    connection.execute(f"insert into {table} by name select * from found_rows")
    connection.unregister("found_rows")


def replace_rows(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]
) -> int:
    """Put these rows in the place of all that are in a table; returns how many.

    All rows name the same columns. In a transaction of the caller: readers see all or nothing.
    """
    listed = list(rows)
    connection.execute(f"delete from {table}")
    if listed:
        insert_rows(connection, table, pa.Table.from_pylist(listed))
    return len(listed)


def types_in(connection: duckdb.DuckDBPyConnection, database: str) -> Types:
    """Types of the columns, in their order, of all tables of an attached database.

    One look for all: each look goes over every column there is.
    """
    types: Types = {}
    for schema, table, column, kind in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        f" semi join (from duckdb_tables() where database_name = '{database}') using (table_oid)"
        f" where database_name = '{database}' order by table_oid, column_index"
    ).fetchall():
        types.setdefault((schema, table), {})[column] = kind
    return types


def ensure_tables(
    connection: duckdb.DuckDBPyConnection, wanted: Mapping[tuple[str, str], Mapping[str, str]]
) -> None:
    """Make the tables that are absent, and add the columns that are new. `wanted`: as `Types`."""
    (database,) = connection.execute("select current_database()").fetchone() or ("memory",)
    known = types_in(connection, database)
    for schema in dict.fromkeys(schema for schema, _ in wanted):
        connection.execute(f"create schema if not exists {schema}")
    for (schema, table), types in wanted.items():
        if (schema, table) not in known:
            columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
            connection.execute(f"create table {schema}.{table} ({columns})")
            continue
        for name in [name for name in types if name not in known[schema, table]]:
            connection.execute(f'alter table {schema}.{table} add column "{name}" {types[name]}')
