"""Gives checked rows what they need to land: system columns, the order of the contract, dlt's row
id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.contract import Column, ColumnType, landed_columns
from pipelines.contract import entity as contract_entity
from pipelines.schema import arrow_schema, arrow_schema_of

# DuckDB's own row group. A Parquet row group of just this size is written once; any other size is
# written again when the file is checkpointed, which costs as much as the load itself.
ROW_GROUP_ROWS = 122_880
UNIT = 31  # control character that parts the columns in the hashed text
LOAD_FAILED = "load_failed"
WHOLE_FILE = "file"  # stands for the entity where a file as a whole is meant
UNHASHED = ("_line_number",)  # where a row stood says nothing about its content


@dataclass(frozen=True)
class Stamp:
    """Where a batch of rows comes from."""

    source: str
    feed: str
    run_id: str
    observed_at: datetime
    file_name: str
    file_hash: str
    read_at: datetime


def landed(
    con: duckdb.DuckDBPyConnection, entity: str, table: pa.Table, stamp: Stamp, first: int
) -> pa.Table:
    """Rows in exactly the columns of `raw_<source>.<entity>`, and `_dlt_id`.

    `table` is pseudonymised. `first` is the sequence number of its first row. `_dlt_id` is made
    here from run and sequence number, unique in the table, because dlt would write the whole file
    once more to add its own.
    """
    made = _computed(con, entity, table, first, stamp.run_id)
    constants = {
        "_source": stamp.source,
        "_feed": stamp.feed,
        "_run_id": stamp.run_id,
        "_observed_at": stamp.observed_at,
        "_file_hash": stamp.file_hash,
    }
    schema = arrow_schema(entity).append(pa.field("_dlt_id", pa.string()))
    columns = []
    for field in schema:
        if field.name in constants:
            value = pa.scalar(constants[field.name], field.type)
            columns.append(pa.repeat(value, table.num_rows))
        elif field.name in made.column_names:
            columns.append(made.column(field.name))
        else:
            columns.append(table.column(field.name).cast(field.type))
    return pa.table(columns, schema=schema)


def _computed(
    con: duckdb.DuckDBPyConnection, entity: str, table: pa.Table, first: int, run_id: str
) -> pa.Table:
    """`_native_id`, `_row_hash`, `_ingest_seq` and `_dlt_id` of each row, in order."""
    item = contract_entity(entity)
    keys = [f"{name}_key" if item.column(name).pii else name for name in item.key]
    native_id = " || '|' || ".join(f"coalesce(\"{key}\"::varchar, '')" for key in keys)
    # Only columns with values, each with its name: the hash outlives new contract columns.
    content = (
        column
        for column in landed_columns(entity)
        if column.name in table.column_names
        and column.name not in UNHASHED
        and table.column(column.name).null_count < table.num_rows
    )
    row_hash = content_hash("''", content)
    con.register("rows", table)
    made = con.execute(
        f"select {native_id} as _native_id, {row_hash} as _row_hash,"
        " $first + row_number() over () - 1 as _ingest_seq,"
        " $run || '.' || ($first + row_number() over () - 1) as _dlt_id from rows",
        {"first": first, "run": run_id},
    ).to_arrow_table()
    con.unregister("rows")
    return made


def content_hash(first: str, columns: Iterable[Column]) -> str:
    """SQL of the MD5 over an expression and the columns that have a value, each with its name:
    the same whatever the session's time zone and formats.
    """
    parts = [first]
    for column in columns:
        is_instant = column.type is ColumnType.TIMESTAMP
        text = f'epoch_us("{column.name}")' if is_instant else f'"{column.name}"'
        parts.append(f"'{column.name}=' || {text}::varchar")
    return f"md5(concat_ws(chr({UNIT}), {', '.join(parts)}))"


def row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in tables of exactly `ROW_GROUP_ROWS`, the last one shorter."""
    held: list[pa.Table] = []
    held_rows = 0
    for table in tables:
        held.append(table)
        held_rows += table.num_rows
        while held_rows >= ROW_GROUP_ROWS:
            joined = pa.concat_tables(held)
            yield joined.slice(0, ROW_GROUP_ROWS).combine_chunks()
            held = [joined.slice(ROW_GROUP_ROWS)]
            held_rows -= ROW_GROUP_ROWS
    if held_rows:
        yield pa.concat_tables(held).combine_chunks()


def quarantine_id(source: str, entity: str, payload: str) -> str:
    """SHA-256 of source, entity and the canonical form of the payload: reading a row again adds
    nothing.
    """
    return hashlib.sha256(f"{source}|{entity}|{payload}".encode("utf-8", "replace")).hexdigest()


def canonical(payload: str | None) -> str:
    """JSON with sorted keys and no blanks; text that is no JSON stays as it is."""
    try:
        value: Any = json.loads(payload or "")
    except ValueError:
        return payload or ""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def quarantined(rejects: pa.Table, stamp: Stamp) -> list[dict[str, Any]]:
    """Rejects as rows of the quarantine table."""
    rows = []
    for reject in rejects.to_pylist():
        payload = canonical(reject["payload"])
        rows.append(
            reject
            | {
                "quarantine_id": quarantine_id(stamp.source, reject["entity"], payload),
                "payload": payload,
                "source": stamp.source,
                "feed": stamp.feed,
                "file_name": stamp.file_name,
                "file_hash": stamp.file_hash,
                "run_id": stamp.run_id,
                "seen_at": stamp.read_at,
            }
        )
    return rows


def operational(
    columns: tuple[Column, ...], rows: list[dict[str, Any]], run_id: str, first: int
) -> pa.Table:
    """Rows of a table beside the data (ledger, quarantine, …) as Arrow, with `_dlt_id`; the n-th
    row gets number `first` + n.
    """
    landed_rows = pa.Table.from_pylist(rows, schema=arrow_schema_of(columns))
    ids = [f"{run_id}.{first + n}" for n in range(len(rows))]
    return landed_rows.append_column("_dlt_id", pa.array(ids, pa.string()))


def lost_rows(
    files: Iterable[tuple[str, str, str]], run_id: str, seen_at: datetime, source: str
) -> list[dict[str, Any]]:
    """Quarantine rows for files, as (feed, name, hash), whose rows the build file refused."""
    rows = []
    for feed, file_name, file_hash in files:
        payload = canonical(json.dumps({"feed": feed, "file": file_name, "sha256": file_hash}))
        rows.append(
            {
                "quarantine_id": quarantine_id(source, WHOLE_FILE, payload),
                "source": source,
                "feed": feed,
                "entity": WHOLE_FILE,
                "reason": LOAD_FAILED,
                "payload": payload,
                "file_name": file_name,
                "file_hash": file_hash,
                "action": "rejected",
                "run_id": run_id,
                "seen_at": seen_at,
            }
        )
    return rows
