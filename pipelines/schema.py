"""The contract in the spellings of Arrow and DuckDB, and the raw tables beside the entities."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from pipelines.contract import Column, ColumnType, landed_columns

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    ColumnType.TEXT: pa.string(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.DOUBLE: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    ColumnType.DATE: pa.date32(),
    ColumnType.MONEY: pa.int64(),
}

DUCKDB_TYPES: dict[ColumnType, str] = {
    ColumnType.TEXT: "VARCHAR",
    ColumnType.INTEGER: "BIGINT",
    ColumnType.DOUBLE: "DOUBLE",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    ColumnType.DATE: "DATE",
    ColumnType.MONEY: "BIGINT",
}

# One row per file whose rows were landed; it travels in the same load package as the rows, so that
# a file counts as loaded exactly when its rows are.
FILE_LEDGER_COLUMNS: tuple[Column, ...] = (
    Column("feed", ColumnType.TEXT, "Feed the file belongs to.", is_required=True),
    Column("file_name", ColumnType.TEXT, "Name of the file in the inbox.", is_required=True),
    Column("file_hash", ColumnType.TEXT, "SHA-256 of the content.", is_required=True),
    Column("byte_count", ColumnType.INTEGER, "Size of the file in bytes."),
    Column("feed_hash", ColumnType.TEXT, "SHA-256 of the declaration that the file was read by."),
    Column("mode", ColumnType.TEXT, "append, snapshot or corrections.", is_required=True),
    Column("encoding", ColumnType.TEXT, "Text encoding that was used."),
    Column("rows_read", ColumnType.INTEGER, "Records in the file.", is_required=True),
    Column("rows_loaded", ColumnType.INTEGER, "Records that landed.", is_required=True),
    Column("rows_rejected", ColumnType.INTEGER, "Records in quarantine.", is_required=True),
    Column("period_at", ColumnType.TIMESTAMP, "Period in the file's name, when it has one."),
    Column("loaded_at", ColumnType.TIMESTAMP, "When its content first landed.", is_required=True),
    Column("run_id", ColumnType.TEXT, "Run that landed it.", is_required=True),
    Column(
        "ingest_seq",
        ColumnType.INTEGER,
        "Sequence number of the file's first row.",
        is_required=True,
    ),
)

QUARANTINE_COLUMNS: tuple[Column, ...] = (
    Column("quarantine_id", ColumnType.TEXT, "sha256(source|entity|payload).", is_required=True),
    Column("source", ColumnType.TEXT, "System the row came from.", is_required=True),
    Column("feed", ColumnType.TEXT, "Feed or resource.", is_required=True),
    Column("entity", ColumnType.TEXT, "Contract entity it was meant for.", is_required=True),
    Column("reason", ColumnType.TEXT, "bad_type, missing_key, out_of_range, ...", is_required=True),
    Column("field", ColumnType.TEXT, "Column that was refused."),
    Column("payload", ColumnType.TEXT, "The row as JSON; private, may hold personal data."),
    Column("file_name", ColumnType.TEXT, "File that held the row."),
    Column("file_hash", ColumnType.TEXT, "SHA-256 of that file."),
    Column("line_number", ColumnType.INTEGER, "Physical line where the record begins; 1-based."),
    Column("action", ColumnType.TEXT, "rejected or repaired.", is_required=True),
    Column("run_id", ColumnType.TEXT, "Run that refused it.", is_required=True),
    Column("seen_at", ColumnType.TIMESTAMP, "When the run refused it.", is_required=True),
)

OPERATIONAL_TABLES: dict[str, tuple[Column, ...]] = {
    "file_ledger": FILE_LEDGER_COLUMNS,
    "quarantine": QUARANTINE_COLUMNS,
}


def arrow_schema_of(columns: tuple[Column, ...]) -> pa.Schema:
    """Arrow schema with one field per column, in order; everything nullable."""
    return pa.schema([pa.field(c.name, ARROW_TYPES[c.type]) for c in columns])


@cache
def arrow_schema(entity: str) -> pa.Schema:
    """Arrow schema of `raw_<system>.<entity>` as it is handed to dlt."""
    return arrow_schema_of(landed_columns(entity))


def duckdb_columns(columns: tuple[Column, ...]) -> str:
    """Column list for CREATE TABLE, dlt's own two columns included."""
    own = [f'"{c.name}" {DUCKDB_TYPES[c.type]}' for c in columns]
    return ", ".join([*own, "_dlt_load_id VARCHAR", "_dlt_id VARCHAR"])
