"""Runs one query in the sandbox and writes its result as a table, CSV, JSON or Parquet."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import duckdb
import pyarrow as pa
import pyarrow.parquet

from pipelines.errors import ExitCode, RorError
from pipelines.query.sandbox import Limits, check_statement, sandbox
from pipelines.query.values import csv_cell, jsonable, shown, unique, width
from pipelines.settings import Settings

BATCH_ROWS = 10_000
TABLE_ROWS = 1_000  # more rows than anybody reads on a terminal
CELL_WIDTH = 60
FORMATS = ("table", "csv", "json", "parquet")
Rows = Iterator[tuple[Any, ...]]


def run_query(
    settings: Settings,
    sql: str,
    *,
    kind: str = "table",
    out: Path | None = None,
    row_limit: int = TABLE_ROWS,
    seconds: float = 60.0,
    memory_mb: int = 1024,
) -> str:
    """Run one SELECT on the published file and write its rows to `out`, or to standard output.

    `kind`: table, csv, json (an array of objects) or parquet (needs `out`). `row_limit`: rows shown
    in a table, 0: all; the other kinds hold all rows. Returns a line about the file written, empty
    without one. Exit 64 for refused or wrong SQL, 69 nothing published, 73 memory or output not
    writable, 75 time is up.
    """
    if kind not in FORMATS or (kind == "parquet" and out is None):
        why = "parquet needs an output file" if kind == "parquet" else f"unknown format {kind!r}"
        raise RorError("sql", "format", why, "ror sql --help", ExitCode.USAGE)
    with sandbox(settings, Limits(seconds, memory_mb)) as con:
        check_statement(con, sql)
        # Closed in any case: DuckDB waits for open results before it opens the file again.
        with con.execute(sql).to_arrow_reader(BATCH_ROWS) as reader:
            if kind == "parquet" and out is not None:
                count = _write_parquet(reader, out)
            else:
                with _text_target(out) as stream:
                    count = _write_text(kind, stream, reader, row_limit)
    return f"{count:,} rows in {out}" if out else ""


def _write_text(kind: str, stream: TextIO, reader: pa.RecordBatchReader, row_limit: int) -> int:
    rows = _rows(_batches(reader))
    if kind == "table":
        return _write_table(stream, reader.schema, rows, row_limit)
    return (_write_csv if kind == "csv" else _write_json)(stream, reader.schema, rows)


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Batches as they come; faults that Arrow wrapped become DuckDB's again."""
    try:
        yield from reader
    except (OSError, pa.ArrowException) as error:
        text = str(error)
        if text.startswith("INTERRUPT"):
            raise duckdb.InterruptException(text) from error
        if text.startswith("Out of Memory"):
            raise duckdb.OutOfMemoryException(text) from error
        raise duckdb.DataError(text) from error


def _rows(batches: Iterator[pa.RecordBatch]) -> Rows:
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _write_table(stream: TextIO, schema: pa.Schema, rows: Rows, row_limit: int) -> int:
    taken = list(islice(rows, row_limit or None))
    more = sum(1 for _ in rows)
    head = [shown(name, CELL_WIDTH) for name in schema.names]
    cells = [[shown(value, CELL_WIDTH) for value in row] for row in taken]
    widths = [max(width(text) for text in column) for column in zip(head, *cells, strict=True)]
    is_right = [_is_number(field.type) for field in schema]
    for line in (head, ["─" * size for size in widths], *cells):
        padded = [_pad(*cell) for cell in zip(line, widths, is_right, strict=True)]
        stream.write("  ".join(padded).rstrip() + "\n")
    if more:
        stream.write(f"… {more} more rows\n")
    return len(taken) + more


def _pad(text: str, size: int, is_right: bool) -> str:
    space = " " * (size - width(text))
    return space + text if is_right else text + space


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _write_csv(stream: TextIO, schema: pa.Schema, rows: Rows) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([csv_cell(name) for name in schema.names])
    count = 0
    for row in rows:
        writer.writerow([csv_cell(value) for value in row])
        count += 1
    return count


def _write_json(stream: TextIO, schema: pa.Schema, rows: Rows) -> int:
    names, count = unique(schema.names), 0
    stream.write("[")
    for row in rows:
        record = {name: jsonable(value) for name, value in zip(names, row, strict=True)}
        stream.write(",\n" if count else "\n")
        stream.write(json.dumps(record, ensure_ascii=False, allow_nan=False))
        count += 1
    stream.write("\n]\n")
    return count


def _write_parquet(reader: pa.RecordBatchReader, out: Path) -> int:
    count, names = 0, unique(reader.schema.names)
    fields = zip(reader.schema, names, strict=True)
    schema = pa.schema([field.with_name(name) for field, name in fields])
    with _replaced(out) as part, pyarrow.parquet.ParquetWriter(part, schema) as writer:
        for batch in _batches(reader):
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
            count += batch.num_rows
    return count


@contextmanager
def _text_target(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    with _replaced(out) as part, part.open("w", encoding="utf-8", newline="") as stream:
        yield stream


@contextmanager
def _replaced(out: Path) -> Iterator[Path]:
    """Write beside the target and move it there when it is complete."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(out)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "cannot be written"
        raise RorError(
            "sql", str(out), why, "choose another file", ExitCode.CANNOT_WRITE
        ) from error
    finally:
        part.unlink(missing_ok=True)
