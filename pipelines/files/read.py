"""Reads and checks one file of a feed, batch by batch, so that memory does not grow with the file.

bytes (unpacked, limited) ─▶ UTF-8 ─▶ records ─▶ checks ─▶ FileBatch
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow.compute as pc

from pipelines.clock import SystemClock
from pipelines.files.check import Checker
from pipelines.files.delimited import read_delimited
from pipelines.files.encoding import choose_encoding, to_utf8
from pipelines.files.excel import read_workbook
from pipelines.files.expressions import sandbox
from pipelines.files.feeds import Feed, Format
from pipelines.files.jsonl import read_jsonl
from pipelines.files.names import wanted_headers
from pipelines.files.opening import open_seekable, read_text_chunks
from pipelines.files.parquet import read_parquet
from pipelines.files.records import FileBatch, RecordBatch
from pipelines.files.refused import FileRefused
from pipelines.settings import Settings

__all__ = ["FileBatch", "FileRefused", "read_file", "used_encoding"]

BINARY = "binary"
FEW_ROWS = 9  # so many damaged records never speak against the encoding of a file


def read_file(
    feed: Feed, path: Path, name: str, settings: Settings, now: datetime | None = None
) -> Iterator[FileBatch]:
    """Checked batches of about 100,000 records.

    `path`: the private copy. `name`: the file's name in the inbox; it decides `.gz`, the period and
    `$file`. `now`: instant that no event may lie more than a day after; default: `settings.as_of`,
    else the machine's clock. Raises FileRefused for reasons that concern the whole file, also after
    batches: none of them may load then.
    """
    now = now or settings.as_of or SystemClock().now()
    checker = Checker(feed, name, settings, now)
    rows = damaged = 0
    share = settings.bad_share_limit if feed.max_bad_share is None else feed.max_bad_share
    try:
        for batch in _records(feed, path, name, settings):
            checked = checker.check(batch)
            rows += checked.rows_read
            damaged += _damaged(batch)
            yield checked
    finally:
        checker.close()
    if damaged > max(FEW_ROWS, int(share * rows)) or (rows >= 5 and damaged * 2 > rows):
        raise FileRefused("wrong_encoding", f"{damaged} of {rows} records hold undecodable bytes")


def used_encoding(feed: Feed, path: Path, name: str, settings: Settings | None = None) -> str:
    """Encoding with which `read_file` reads the file; `binary` for Parquet and Excel."""
    if feed.format in (Format.PARQUET, Format.XLSX):
        return BINARY
    return choose_encoding(feed, path, name, settings or Settings())


def _damaged(batch: RecordBatch) -> int:
    return 0 if batch.repaired is None else int(pc.sum(batch.repaired).as_py() or 0)


def _records(feed: Feed, path: Path, name: str, settings: Settings) -> Iterator[RecordBatch]:
    if feed.format in (Format.PARQUET, Format.XLSX):
        with open_seekable(path, name, settings) as stream:
            if feed.format is Format.PARQUET:
                yield from read_parquet(stream)
            else:
                yield from read_workbook(feed, stream, settings)
        return
    encoding = choose_encoding(feed, path, name, settings)
    chunks = to_utf8(read_text_chunks(path, name, settings), encoding)
    if feed.format is Format.JSONL:
        with sandbox(1, settings.memory_limit_mb) as connection:
            headers = wanted_headers(connection, feed)
        yield from read_jsonl(headers, chunks)
    else:
        yield from read_delimited(feed, chunks)
