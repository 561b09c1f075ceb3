"""Writers of the demo's file dialects: the same rows give the same bytes, no clock comes in."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from pyarrow.csv import ConvertOptions, read_csv

Row = dict[str, Any]
ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that zip can say
_CREATED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def italian_number(minor: int) -> str:
    """`1.234,56` from 123456 minor units."""
    return f"{minor / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def english_number(minor: int) -> str:
    """`1,234.56` from 123456 minor units."""
    return f"{minor / 100:,.2f}"


def delimited(rows: Sequence[Row], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Text with a header row and CRLF record ends; a row ends early at a cell that is None."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter)
    writer.writerow(rows[0].keys() if rows else ())
    for row in rows:
        cells = list(row.values())
        writer.writerow(cells[: cells.index(None)] if None in cells else cells)
    return target.getvalue().encode(encoding)


def gzipped(content: bytes) -> bytes:
    """Gzip without name and time."""
    return gzip.compress(content, mtime=0)


def json_lines(rows: Sequence[Row]) -> bytes:
    """One JSON object per line; fields that are None are left out."""
    lines = (
        json.dumps({k: v for k, v in row.items() if v is not None}, ensure_ascii=False)
        for row in rows
    )
    return "".join(f"{line}\n" for line in lines).encode()


def parquet(rows: Sequence[Row], schema: pa.Schema) -> bytes:
    """One Parquet file; by way of text, because arrays from Python objects would import pandas."""
    table = schema.empty_table()
    if rows:
        options = ConvertOptions(column_types={field.name: field.type for field in schema})
        table = read_csv(io.BytesIO(delimited(rows)), convert_options=options)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue().to_pybytes())


def workbook(rows: Sequence[Row], sheet: str) -> bytes:
    """A workbook with one sheet; openpyxl stamps it with the clock, which is taken out again."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    page.append(list(rows[0].keys()) if rows else [])
    for row in rows:
        page.append(list(row.values()))
    stamped, fixed = io.BytesIO(), io.BytesIO()
    book.save(stamped)
    epoch = datetime(*ZIP_TIME).strftime("%Y-%m-%dT%H:%M:%SZ").encode()  # noqa: DTZ001  zip has no zones
    with zipfile.ZipFile(stamped) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _CREATED.sub(epoch, content)
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return fixed.getvalue()
