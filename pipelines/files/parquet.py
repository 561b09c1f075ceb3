"""Parquet: typed columns straight into the checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.files.records import RecordBatch, checked_headers
from pipelines.files.refused import FileRefused

BATCH_ROWS = 100_000
SMALLEST_BATCH_ROWS = 1_000
BATCH_BYTES = 64 * 1024 * 1024  # wide rows come in smaller batches


def _batch_rows(file: Any) -> int:
    """Rows of a batch so that a batch of wide rows stays within memory."""
    meta = file.metadata
    size: int = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
    row_bytes = max(1, size // max(1, int(meta.num_rows)))
    return max(SMALLEST_BATCH_ROWS, min(BATCH_ROWS, BATCH_BYTES // row_bytes))


def _plain(column: Any, header: str) -> Any:
    """The column in a type that the checks know: plain text, microseconds, no dictionaries."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type), header)
    try:
        if pa.types.is_timestamp(kind) and kind.unit != "us":
            target = pa.timestamp("us", tz=kind.tz)
            return pc.cast(
                column, options=pc.CastOptions(target_type=target, allow_time_truncate=True)
            )
        if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            return column.cast(pa.string())
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            # Taken as it is: `clean` finds and repairs bytes that are no UTF-8.
            return pa.Array.from_buffers(
                pa.string(),
                len(plain := column.cast(pa.binary())),
                plain.buffers(),
                offset=plain.offset,
            )
        if pa.types.is_decimal(kind) and kind.precision > 38:
            return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise FileRefused("bad_type", f"column {header} cannot be held") from error
    return column


def read_parquet(stream: IO[bytes]) -> Iterator[RecordBatch]:
    """Record batches of about 100,000 rows; lines are record numbers.

    Raises FileRefused: not_parquet, damaged_file, duplicate_headers, bad_type.
    """
    try:
        file = pq.ParquetFile(stream, pre_buffer=False)
        headers = checked_headers(file.schema_arrow.names)
    except (pa.ArrowInvalid, OSError) as error:
        raise FileRefused("not_parquet", "it is no Parquet file") from error
    first = 1
    try:
        for batch in file.iter_batches(batch_size=_batch_rows(file), use_threads=False):
            columns = [_plain(c, h) for c, h in zip(batch.columns, headers, strict=True)]
            lines = pa.array(range(first, first + batch.num_rows), pa.int64())
            yield RecordBatch(headers, tuple(columns), lines)
            first += batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise FileRefused("damaged_file", f"damaged after record {first - 1}") from error
