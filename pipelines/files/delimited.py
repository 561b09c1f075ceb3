"""CSV, TSV and blank-separated text, exactly: only LF and CRLF end a record.

Blocks in which each line is a record go through Arrow's reader. Those with line ends or bare CRs
inside a field, ragged or blank lines or damage go through the standard library's, which tells the
line of each record. Both give the same rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from pipelines.files.encoding import DAMAGE, decode
from pipelines.files.feeds import Feed, Format
from pipelines.files.lines import LONGEST_RECORD_BYTES, LineBlocks
from pipelines.files.records import (
    RecordBatch,
    Refusal,
    as_json,
    checked_headers,
    mask,
    shortened,
    text_array,
)
from pipelines.files.refused import FileRefused

BARE_CR = re.compile(r"\r(?!\n)")
CR_STAND_IN = "\0"  # free for it: `decode` leaves no NUL in a text
OTHER_DELIMITERS = ",;\t|"
BLANKS = re.compile("[ \t]+")
GUARD = "~"
EXTRA_FIELDS = "$extra"  # in the payload of a ragged row: fields beyond the headers

csv.field_size_limit(LONGEST_RECORD_BYTES)


class _BlockEndedError(Exception):
    """The reader asked for a line beyond the block."""


@dataclass(frozen=True)
class Dialect:
    """How a line splits; `delimiter` None means runs of blanks."""

    delimiter: str | None
    quote: str

    @classmethod
    def of(cls, feed: Feed) -> Dialect:
        """The dialect a feed declares."""
        if feed.format is Format.WHITESPACE:
            return cls(None, "")
        return cls(feed.delimiter or ("\t" if feed.format is Format.TSV else ","), feed.quote)


@dataclass(frozen=True)
class Parsed:
    """Records of a block: fields, the line in the block (1-based) where each begins, and text not
    yet consumed.
    """

    records: list[list[str]]
    starts: list[int]
    rest: str


def parse_exactly(text: str, dialect: Dialect, most: int | None = None) -> Parsed:
    """Split text into records; blank lines are skipped. `rest` begins at the first record without
    an end.

    `most`: stop after so many records.
    """
    split = _parse_quoted if dialect.delimiter else _parse_blanks
    if not BARE_CR.search(text):
        return split(text, dialect, most)
    parsed = split(BARE_CR.sub(CR_STAND_IN, text), dialect, most)
    records = [[f.replace(CR_STAND_IN, "\r") for f in record] for record in parsed.records]
    return Parsed(records, parsed.starts, parsed.rest.replace(CR_STAND_IN, "\r"))


def _parse_quoted(text: str, dialect: Dialect, most: int | None) -> Parsed:
    def lines() -> Iterator[str]:
        yield from io.StringIO(text, newline="\n")
        raise _BlockEndedError

    reader = csv.reader(
        lines(),
        delimiter=dialect.delimiter or ",",
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
    )
    records, starts, done = [], [], 0
    try:
        for fields in reader:
            if fields:
                records.append(fields)
                starts.append(done + 1)
            done = reader.line_num
            if len(records) == most:
                break
    except _BlockEndedError:
        pass
    return Parsed(records, starts, _after_lines(text, done))


def _parse_blanks(text: str, _: Dialect, most: int | None) -> Parsed:
    records, starts, done = [], [], 0
    for number, line in enumerate(io.StringIO(text, newline="\n"), start=1):
        stripped = line.removesuffix("\n").removesuffix("\r").strip(" \t")
        done = number
        if stripped:
            records.append(BLANKS.split(stripped))
            starts.append(number)
        if len(records) == most:
            break
    return Parsed(records, starts, _after_lines(text, done))


def _after_lines(text: str, count: int) -> str:
    """The text behind its first `count` lines."""
    if text.count("\n") <= count and (text.endswith("\n") or text.count("\n") < count):
        return ""
    position = 0
    for _ in range(count):
        position = text.index("\n", position) + 1
    return text[position:]


def parse_fast(block: bytes, dialect: Dialect, width: int) -> pa.Table | None:
    """The block's columns by Arrow's reader, one record per line; None where that is not sure to be
    exact.

    A known line is put behind the block: when it comes back as the last record, and there are as
    many records as lines, then no quoted field reached over the end of a line.
    """
    if not block or dialect.delimiter is None or not dialect.delimiter.isascii():
        return None
    if block.count(b"\r") != block.count(b"\r\n") or b"\0" in block:
        return None
    if b"\n\n" in block or b"\n\r\n" in block or block.startswith((b"\n", b"\r\n")):
        return None
    names = [str(index) for index in range(width)]
    guard = dialect.delimiter.join([GUARD] * width).encode() + b"\n"
    block = (block if block.endswith(b"\n") else block + b"\n") + guard
    quote = dialect.quote if dialect.quote and dialect.quote.encode() in block else False
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(block),
            arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(block) + 1),
            arrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=quote,
                newlines_in_values=bool(quote),
                ignore_empty_lines=False,
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # ragged rows or undecodable bytes: the exact reader says where
        return None
    count = table.num_rows - 1
    is_whole = table.num_rows == block.count(b"\n") and all(
        column[count].as_py() == GUARD for column in table.columns
    )
    return table.slice(0, count) if is_whole else None


def read_delimited(
    feed: Feed, chunks: Iterator[bytes], use_fast: bool = True
) -> Iterator[RecordBatch]:
    """Record batches of a text file whose bytes are UTF-8 already (see `encoding.to_utf8`).

    With declared `headers` the first record is data; `header_row` lines before it are skipped
    either way. Raises FileRefused: duplicate_headers, wrong_delimiter, unclosed_quote,
    record_too_long, empty_file.
    """
    dialect = Dialect.of(feed)
    blocks = LineBlocks(chunks)
    line = _skip_lines(blocks, feed.header_row - 1) + 1
    headers = checked_headers(feed.headers)
    if not headers:
        headers, consumed = _header_record(blocks, dialect)
        line += consumed
    is_first = True
    while block := blocks.take():
        table = parse_fast(block, dialect, len(headers)) if use_fast else None
        if table is not None:
            lines = pa.array(range(line, line + table.num_rows), pa.int64())
            yield RecordBatch(headers, tuple(table.columns), lines)
            line += table.num_rows
        else:
            text, is_damaged = decode(block)
            parsed = parse_exactly(text, dialect)
            consumed = text.count("\n") - parsed.rest.count("\n")
            if parsed.rest and blocks.is_last:
                raise FileRefused("unclosed_quote", f"line {line + consumed}")
            if parsed.rest:
                blocks.give_back(_behind_line(block, consumed))
            batch = _batch(headers, parsed, line, is_damaged)
            if is_first and parsed.records and not len(batch.lines):
                raise FileRefused(
                    "wrong_delimiter", f"no record has the {len(headers)} fields of the header"
                )
            yield batch
            line += consumed
        is_first = False


def _behind_line(block: bytes, count: int) -> bytes:
    position = 0
    for _ in range(count):
        position = block.index(b"\n", position) + 1
    return block[position:]


def _skip_lines(blocks: LineBlocks, count: int) -> int:
    if count:
        block = blocks.take()
        blocks.give_back(_behind_line(block, min(count, block.count(b"\n"))))
    return count


def _header_record(blocks: LineBlocks, dialect: Dialect) -> tuple[tuple[str, ...], int]:
    """Headers, and how many physical lines they took; the rest goes back to `blocks`."""
    block = blocks.take()
    text, _ = decode(block)
    parsed = parse_exactly(text, dialect, most=1)
    if not parsed.records:
        raise FileRefused("empty_file", "there is no header row")
    names = parsed.records[0]
    if len(names) == 1 and (found := [d for d in OTHER_DELIMITERS if d in names[0]]):
        raise FileRefused("wrong_delimiter", f"the header row is divided by {found[0]!r}")
    consumed = text.count("\n") - parsed.rest.count("\n")
    blocks.give_back(_behind_line(block, consumed))
    return checked_headers(names), consumed


def _batch(headers: tuple[str, ...], parsed: Parsed, line: int, is_damaged: bool) -> RecordBatch:
    """Columns of the records that have the header's width; the others become refusals with their
    lines.
    """
    width = len(headers)
    records, starts = parsed.records, parsed.starts
    refusals: list[Refusal] = []
    if set(map(len, records)) - {width}:
        pairs = list(zip(records, starts, strict=True))
        refusals = [_ragged(headers, r, line + s - 1) for r, s in pairs if len(r) != width]
        good = [(r, s) for r, s in pairs if len(r) == width]
        records, starts = [r for r, _ in good], [s for _, s in good]
    repaired = None
    if is_damaged:
        damaged = [i for i, r in enumerate(records) if any(DAMAGE in f for f in r)]
        repaired = mask(len(records), damaged)
    columns: list[Any] = [text_array(c)[0] for c in zip(*records, strict=True)]
    empty = [pa.array([], pa.string())] * width
    lines = pa.array([line + s - 1 for s in starts], pa.int64())
    return RecordBatch(headers, tuple(columns or empty), lines, tuple(refusals), repaired=repaired)


def _ragged(headers: tuple[str, ...], fields: list[str], line: int) -> Refusal:
    shown: dict[str, str | None] = dict(zip(headers, chain(fields), strict=False))
    payload: dict[str, Any] = dict(shortened(shown))
    if len(fields) > len(headers):
        payload[EXTRA_FIELDS] = [f[:100] for f in fields[len(headers) :]][:100]
    return Refusal(line, "ragged_row", as_json(payload))
