"""Copies tables from the build file into the new file and takes evidence: rows and content hash."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from pipelines.errors import ExitCode, RorError
from pipelines.publish.tables import (
    RUN_COLUMN,
    RUN_COLUMN_TEXT,
    PublishedTable,
    literal,
    quoted,
)
from pipelines.tables import Types

# Above this many rows a copy is not sorted (a sort would spill) and repeats the text compression
# that the build file has, instead of analysing every text column again: a third of the copy.
LARGE_TABLE_ROWS = 1_000_000
REPEATABLE_COMPRESSIONS = ("dictionary", "fsst")


@dataclass(frozen=True)
class TableCopy:
    """What was copied; `content_hash` sums row hashes over `columns`, whatever the order."""

    schema: str
    name: str
    columns: tuple[str, ...]
    row_count: int
    content_hash: str
    is_stamped: bool

    @property
    def label(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"


def fingerprint(
    con: duckdb.DuckDBPyConnection, table: str, columns: Iterable[str]
) -> tuple[int, str]:
    """Rows and content hash of a table; `table` is a quoted qualified name."""
    listed = ", ".join(quoted(column) for column in columns)
    rows = con.execute(
        f"select count(*), coalesce(sum(hash({listed})::hugeint), 0)::varchar from {table}"
    ).fetchall()
    return int(rows[0][0]), str(rows[0][1])


def copy_table(
    con: duckdb.DuckDBPyConnection, table: PublishedTable, known: Types, run_id: str
) -> TableCopy:
    """Copy the declared columns of one table from `build` to `warehouse`, stamped with the run.

    `known`: the types of `build`. Exit 20 when it lacks the table or a declared column.
    """
    types = _types(known, table)
    names = tuple(name for name, _ in table.columns)
    source = quoted("build", table.schema, table.name)
    target = quoted("warehouse", table.schema, table.name)
    row_count, content_hash = fingerprint(con, source, names)
    is_large = row_count > LARGE_TABLE_ROWS
    is_stamped = RUN_COLUMN not in names
    hints = _compressions(con, table) if is_large else {}
    definitions = [f"{quoted(name)} {types[name]}{hints.get(name, '')}" for name in names]
    selected = [quoted(name) for name in names]
    if is_stamped:
        definitions.append(f"{quoted(RUN_COLUMN)} varchar")
        selected.append(literal(run_id))
    order = "" if is_large or not table.order_by else _order(table)
    con.execute(f"create schema if not exists {quoted('warehouse', table.schema)}")
    con.execute(f"create table {target} ({', '.join(definitions)})")
    con.execute(f"insert into {target} select {', '.join(selected)} from {source}{order}")
    return TableCopy(table.schema, table.name, names, row_count, content_hash, is_stamped)


def comment_on(con: duckdb.DuckDBPyConnection, table: PublishedTable) -> None:
    """Write the texts of a table and its columns into the new file, where BI tools show them."""
    target = quoted("warehouse", table.schema, table.name)
    columns = dict(table.columns)
    columns.setdefault(RUN_COLUMN, RUN_COLUMN_TEXT)
    comments = [f"comment on table {target} is {literal(table.description)}"]
    comments += [
        f"comment on column {target}.{quoted(name)} is {literal(text)}"
        for name, text in columns.items()
    ]
    con.execute(";".join(comments))


def _order(table: PublishedTable) -> str:
    return f" order by {', '.join(quoted(column) for column in table.order_by)}"


def _types(known: Types, table: PublishedTable) -> dict[str, str]:
    types = known.get((table.schema, table.name), {})
    missing = [name for name, _ in table.columns if name not in types]
    if missing:
        why = f"column {missing[0]} is missing" if types else "is no table of the build file"
        raise RorError("publish", table.label, why, "ror run", ExitCode.BLOCKED)
    return types


def _compressions(con: duckdb.DuckDBPyConnection, table: PublishedTable) -> dict[str, str]:
    rows = con.execute(
        "select column_name, lower(mode(compression))"
        f" from pragma_storage_info({literal(quoted('build', table.schema, table.name))})"
        " where segment_type = 'VARCHAR' group by column_name"
    ).fetchall()
    return {
        name: f" using compression {method}"
        for name, method in rows
        if method in REPEATABLE_COMPRESSIONS
    }
