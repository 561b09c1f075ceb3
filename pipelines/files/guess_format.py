"""Format, encoding and delimiter of an unknown file, and a sample of its columns as texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.contract import ColumnType
from pipelines.files.delimited import OTHER_DELIMITERS, Dialect, parse_exactly, read_delimited
from pipelines.files.encoding import choose_encoding, decode, to_utf8
from pipelines.files.excel import read_workbook
from pipelines.files.feeds import Feed, Format
from pipelines.files.guess_values import guess_values
from pipelines.files.jsonl import parse_line, read_jsonl
from pipelines.files.opening import open_seekable, read_chunks, read_text_chunks
from pipelines.files.parquet import read_parquet
from pipelines.files.records import RecordBatch
from pipelines.files.refused import FileRefused
from pipelines.settings import Settings

SAMPLE_LINES = 200
SAMPLE_VALUES = 1_000
CYRILLIC_SHARE = 0.5  # of letters outside ASCII that, read as cp1251, are lower-case Cyrillic


@dataclass(frozen=True)
class FormatGuess:
    """How to read the file, and its first values per header."""

    format: Format
    encoding: str | None
    is_encoding_sure: bool
    delimiter: str | None
    has_headers: bool
    sample: dict[str, list[str]]


def _reading_feed(**values: Any) -> Feed:
    """A feed good enough for the readers: they need no entities."""
    return Feed.model_construct(feed="sample", entities=(), **values)


def _guess_encoding(path: Path, settings: Settings) -> tuple[str, bool]:
    try:
        feed = _reading_feed(format=Format.CSV)
        return choose_encoding(feed, path, path.name, settings), True
    except FileRefused as error:
        if error.reason != "wrong_encoding":
            raise
    other = bytes(b for c in read_text_chunks(path, path.name, settings) for b in c if b > 127)
    letters = other.decode("cp1251", "ignore")
    cyrillic = sum("а" <= letter <= "я" for letter in letters)
    return ("cp1251" if cyrillic > CYRILLIC_SHARE * len(letters) else "cp1252"), False


def _guess_dialect(text: str) -> tuple[Format, str | None]:
    """The delimiter that splits the lines into most columns, the same number in each."""
    best: tuple[int, str] | None = None
    for delimiter in OTHER_DELIMITERS:
        records = parse_exactly(text, Dialect(delimiter, '"')).records[:SAMPLE_LINES]
        widths = [len(record) for record in records]
        usual = max(set(widths), key=widths.count, default=1)
        is_regular = usual > 1 and widths.count(usual) >= 0.9 * len(widths)
        if is_regular and (best is None or usual > best[0]):
            best = (usual, delimiter)
    if best is not None:
        return (Format.TSV, None) if best[1] == "\t" else (Format.CSV, best[1])
    found = {len(r) for r in parse_exactly(text, Dialect(None, "")).records[:SAMPLE_LINES]}
    return (Format.WHITESPACE, None) if len(found) == 1 and found != {1} else (Format.CSV, None)


def _first_lines(chunks: Iterator[bytes]) -> str:
    text, _ = decode(next(chunks, b""))
    return text[: text.rfind("\n") + 1] or text


def _sample(batches: Iterator[RecordBatch]) -> dict[str, list[str]]:
    batch = next(batches, None)
    if batch is None:
        return {}
    return {
        header: [
            str(v) for v in _texts(column).slice(0, SAMPLE_VALUES).to_pylist() if v is not None
        ]
        for header, column in zip(batch.headers, batch.columns, strict=True)
    }


def _texts(column: Any) -> Any:
    try:
        return pc.cast(column, pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return column


def guess_format(path: Path) -> FormatGuess:
    """Look into the file. Raises FileRefused when it is no file that a feed can read."""
    settings = Settings()
    start = next(read_chunks(path, path.name, settings), b"")
    if start.startswith(b"PAR1"):
        with open_seekable(path, path.name, settings) as stream:
            return FormatGuess(
                Format.PARQUET, None, True, None, True, _sample(read_parquet(stream))
            )
    if start.startswith(b"PK\x03\x04"):
        feed = _reading_feed(format=Format.XLSX)
        with open_seekable(path, path.name, settings) as stream:
            batches = read_workbook(feed, stream, settings)
            return FormatGuess(Format.XLSX, None, True, None, True, _sample(batches))
    encoding, is_sure = _guess_encoding(path, settings)

    def chunks() -> Iterator[bytes]:
        return to_utf8(read_text_chunks(path, path.name, settings), encoding)

    text = _first_lines(chunks())
    if text.lstrip().startswith("{"):
        lines = [line for line in islice(text.split("\n"), SAMPLE_LINES) if line.strip()]
        keys = list(dict.fromkeys(key for line in lines for key in parse_line(line)))
        sample = _sample(read_jsonl(keys, chunks()))
        return FormatGuess(Format.JSONL, encoding, is_sure, None, True, sample)
    kind, delimiter = _guess_dialect(text)
    first = parse_exactly(text, Dialect.of(_reading_feed(format=kind, delimiter=delimiter)), 1)
    names = first.records[0] if first.records else []
    has_headers = all(guess_values([n]).type is ColumnType.TEXT for n in names)
    headers = () if has_headers else tuple(f"column_{i}" for i in range(1, len(names) + 1))
    feed = _reading_feed(format=kind, delimiter=delimiter, headers=headers)
    sample = _sample(read_delimited(feed, chunks()))
    return FormatGuess(kind, encoding, is_sure, delimiter, has_headers, sample)
