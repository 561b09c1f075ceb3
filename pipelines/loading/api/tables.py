"""The raw tables of an API: one per resource, and those that say what was asked and refused."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from pipelines.contract import Column, ColumnType
from pipelines.http import HTTP_TABLES
from pipelines.schema import QUARANTINE_COLUMNS, arrow_schema_of
from pipelines.sources.spec import Resource, Source

T, TS, INT, B = ColumnType.TEXT, ColumnType.TIMESTAMP, ColumnType.INTEGER, ColumnType.BOOLEAN

# What mapping knows of a row, and what is only known when it turns out to be news.
MAPPED_COLUMNS: tuple[Column, ...] = (
    Column("_account_id", T, "Account that was read; empty where the source has none."),
    Column("_native_id", T, "Key of the object: its key columns joined by `|`.", is_required=True),
    Column("_version_at", TS, "Orders the rows of one object: the source's stamp, else the read."),
    Column("_is_deleted", B, "The object has ended at the source.", is_required=True),
    Column("_is_text_repaired", B, "Unusable characters were replaced by U+FFFD."),
    Column("_payload", T, "JSON object of what the declaration does not name."),
)
LANDED_COLUMNS: tuple[Column, ...] = (
    Column("_row_hash", T, "Hash of the object's declared fields.", is_required=True),
    Column("_ingest_seq", INT, "Grows over everything a source ever landed.", is_required=True),
    Column("_observed_at", TS, "Start of the run that read the row.", is_required=True),
    Column("_slot", T, "Night that read it, as a date.", is_required=True),
    Column("_run_id", T, "Run that landed it.", is_required=True),
)

# A listing that was read to its end; it lands with its rows, so that the next night starts there.
READ_COLUMNS: tuple[Column, ...] = (
    Column("resource", T, "List that was read.", is_required=True),
    Column("account_id", T, "Account it was read for."),
    Column("window_since", TS, "Start of what was read; NULL: from the beginning."),
    Column("window_until", TS, "End of what was read, exclusive; NULL: everything there was."),
    Column("read_at", TS, "Start of the run.", is_required=True),
    Column("is_backfill", B, "Asked for; the next night does not start from here."),
    Column("slot", T, "Night that read it, as a date.", is_required=True),
    Column("run_id", T, "Run that read it.", is_required=True),
)

ABSENCE_COLUMNS: tuple[Column, ...] = (
    Column("resource", T, "Resource of the object.", is_required=True),
    Column("native_id", T, "Key of the object.", is_required=True),
    Column("is_absent", B, "Missing from a complete read; false: seen again.", is_required=True),
    Column("slot", T, "Night that noticed, as a date.", is_required=True),
)

OPERATIONAL: dict[str, tuple[Column, ...]] = {
    "complete_reads": READ_COLUMNS,
    "absences": ABSENCE_COLUMNS,
    "quarantine": QUARANTINE_COLUMNS,
    **HTTP_TABLES,
}


@cache
def field_columns(resource: Resource) -> tuple[Column, ...]:
    """Columns of the declared fields, pseudonymised."""
    return tuple(column for field in resource.fields for column in field.landed)


@cache
def mapped_schema(resource: Resource) -> pa.Schema:
    """A page after mapping."""
    return arrow_schema_of((*MAPPED_COLUMNS, *field_columns(resource)))


def raw_tables(source: Source) -> dict[str, tuple[Column, ...]]:
    """Every table of `raw_<source>` with its columns, without dlt's own."""
    resources = {
        resource.name: (*MAPPED_COLUMNS, *LANDED_COLUMNS, *field_columns(resource))
        for resource in source.resources
    }
    return resources | OPERATIONAL
