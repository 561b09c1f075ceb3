"""Excel workbooks: values of one sheet, never formulas; dates of both epochs.

A workbook is a ZIP archive of XML, so the sizes it declares are checked before anything is
unpacked.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

import pyarrow as pa
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from pipelines.files.feeds import Feed
from pipelines.files.opening import RATIO_FREE_BYTES
from pipelines.files.records import (
    RecordBatch,
    Refusal,
    as_json,
    checked_headers,
    mask,
    text_array,
)
from pipelines.files.refused import FileRefused
from pipelines.settings import MEBIBYTE, Settings

BATCH_ROWS = 20_000


def _check_archive(stream: IO[bytes], settings: Settings) -> None:
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FileRefused("not_a_workbook", "it is no Excel workbook (.xlsx)") from error
    size = sum(member.file_size for member in members)
    stored = sum(member.compress_size for member in members)
    if size > settings.max_file_mb * MEBIBYTE:
        raise FileRefused("too_large", f"more than {settings.max_file_mb} MiB")
    if size > max(stored * settings.max_compression_ratio, RATIO_FREE_BYTES):
        raise FileRefused("compression_ratio", f"more than {settings.max_compression_ratio}:1")
    stream.seek(0)


def _sheet(stream: IO[bytes], feed: Feed) -> Any:
    try:
        book = load_workbook(stream, read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, OSError, SyntaxError) as error:
        raise FileRefused("not_a_workbook", "it is no Excel workbook (.xlsx)") from error
    if feed.sheet is not None and feed.sheet not in book.sheetnames:
        raise FileRefused("missing_sheet", f"there is no sheet {feed.sheet!r}")
    sheet = book[feed.sheet] if feed.sheet is not None else book.worksheets[0]
    sheet.reset_dimensions()  # the size a sheet declares is often wrong
    return sheet


def _as_text(value: Any) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case dt.datetime():
            return value.isoformat(
                sep=" ", timespec="microseconds" if value.microsecond else "seconds"
            )
        case float():
            return repr(value)
        case _:
            return str(value)


def read_workbook(feed: Feed, stream: IO[bytes], settings: Settings) -> Iterator[RecordBatch]:
    """Record batches of one sheet; lines are row numbers of the sheet. Empty rows are skipped.

    Raises FileRefused: not_a_workbook, missing_sheet, empty_file, duplicate_headers, too_large,
    compression_ratio.
    """
    _check_archive(stream, settings)
    numbered = enumerate(_sheet(stream, feed).iter_rows(values_only=True), start=1)
    rows = islice(numbered, feed.header_row - 1, None)
    headers = checked_headers(feed.headers)
    if not headers:
        first = next(rows, (0, ()))[1]
        while first and first[-1] is None:
            first = first[:-1]
        if not first:
            raise FileRefused("empty_file", "there is no header row")
        headers = checked_headers(first)
    while part := list(islice(rows, BATCH_ROWS)):
        yield _batch(headers, [(n, row) for n, row in part if any(v is not None for v in row)])


def _batch(headers: tuple[str, ...], rows: list[tuple[int, tuple[Any, ...]]]) -> RecordBatch:
    width = len(headers)
    lines, records, refusals = [], [], []
    for number, row in rows:
        if any(value is not None for value in row[width:]):
            shown = {h: _as_text(v) for h, v in zip(headers, row, strict=False)}
            refusals.append(Refusal(number, "ragged_row", as_json(shown)))
        else:
            lines.append(number)
            records.append((*row[:width], *(None,) * (width - len(row))))
    columns, numbers, repaired = [], {}, set()
    for header, values in zip(
        headers, zip(*records, strict=True) if records else ((),) * width, strict=True
    ):
        column, fixed = text_array([_as_text(value) for value in values])
        columns.append(column)
        repaired.update(fixed)
        numbers[header] = pa.array(
            [isinstance(v, int | float) and not isinstance(v, bool) for v in values], pa.bool_()
        )
    return RecordBatch(
        headers,
        tuple(columns),
        pa.array(lines, pa.int64()),
        tuple(refusals),
        repaired=mask(len(lines), repaired),
        numbers=numbers,
    )
