"""JSON Lines: one object per line, read strictly.

Only keys that the feed mentions become columns, as text; all others go as JSON into `extra`, so
that an object with thousands of keys never makes thousands of columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from pipelines.files.clean import LARGEST_RECORD_BYTES
from pipelines.files.encoding import DAMAGE, decode
from pipelines.files.lines import LineBlocks
from pipelines.files.records import (
    SHOWN_CHARACTERS,
    RecordBatch,
    Refusal,
    as_json,
    mask,
    text_array,
)

MOST_KEYS = 2_000  # in one record, nested ones counted
MOST_LEVELS = 64
WHOLE_LINE = "$text"  # in the payload of a line that is no object: its beginning


class _RefusedError(Exception):
    """Carries the reason for which a line is no usable record."""


class _Decimal(float):
    """A JSON number with a fraction that remembers how it was written: money must not pass through
    binary.
    """

    literal: str

    def __new__(cls, literal: str) -> _Decimal:
        number = super().__new__(cls, literal)
        number.literal = literal
        return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _RefusedError("duplicate_keys")
    return result


def _check_size(value: Any) -> None:
    """Raise when a record is nested too deep or has too many keys."""
    keys, level = 0, [value]
    for _ in range(MOST_LEVELS + 1):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                keys += len(item)
                below.extend(v for v in item.values() if isinstance(v, dict | list))
            elif isinstance(item, list):
                below.extend(v for v in item if isinstance(v, dict | list))
        if keys > MOST_KEYS:
            raise _RefusedError("too_complex")
        if not below:
            return
        level = below
    raise _RefusedError("too_complex")


def parse_line(line: str) -> dict[str, Any]:
    """The object of a line. Raises _RefusedError: not_an_object, duplicate_keys, too_complex,
    too_large, bad_type.
    """
    if len(line.encode("utf-8", "surrogatepass")) > LARGEST_RECORD_BYTES:
        raise _RefusedError("too_large")
    try:
        value = json.loads(
            line, object_pairs_hook=_unique, parse_float=_Decimal, parse_constant=str
        )
    except json.JSONDecodeError as error:
        raise _RefusedError("not_an_object") from error
    except RecursionError as error:
        raise _RefusedError("too_complex") from error
    except ValueError as error:  # an integer of thousands of digits
        raise _RefusedError("bad_type") from error
    if not isinstance(value, dict):
        raise _RefusedError("not_an_object")
    if len(value) > MOST_KEYS or any(isinstance(v, dict | list) for v in value.values()):
        _check_size(value)
    return value


def _as_text(value: Any) -> str:
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, _Decimal):
        return value.literal
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass
class _Columns:
    """Cells of the records read so far."""

    headers: Sequence[str]
    cells: dict[str, list[str | None]] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    extra: list[str | None] = field(default_factory=list)
    originals: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cells = {header: [] for header in self.headers}
        self.numbers = {header: [] for header in self.headers}

    def add(self, record: dict[str, Any], line: int, text: str) -> None:
        """Append one record; empties `record` of the keys that have a column."""
        row = len(self.lines)
        for header, cells in self.cells.items():
            value = record.pop(header, None)
            if value is None or isinstance(value, str):
                cells.append(value)
            else:
                cells.append(_as_text(value))
                if isinstance(value, int | float) and not isinstance(value, bool):
                    self.numbers[header].append(row)
        if DAMAGE in text:
            self.damaged.append(row)
        self.extra.append(json.dumps(record, ensure_ascii=False) if record else None)
        self.originals.append(text)
        self.lines.append(line)

    def batch(self, refusals: list[Refusal]) -> RecordBatch:
        """Everything added, as Arrow."""
        count = len(self.lines)
        columns, repaired = [], set(self.damaged)
        for cells in self.cells.values():
            column, fixed = text_array(cells)
            columns.append(column)
            repaired.update(fixed)
        nothing = pa.array([False] * count, pa.bool_())
        found = {header: mask(count, rows) for header, rows in self.numbers.items()}
        return RecordBatch(
            tuple(self.headers),
            tuple(columns),
            pa.array(self.lines, pa.int64()),
            tuple(refusals),
            repaired=mask(count, repaired),
            numbers={h: nothing if rows is None else rows for h, rows in found.items()},
            extra=text_array(self.extra)[0],
            originals=text_array(self.originals)[0],
        )


def read_jsonl(headers: Sequence[str], chunks: Iterator[bytes]) -> Iterator[RecordBatch]:
    """Record batches of a JSON Lines file whose bytes are UTF-8; `headers`: the keys that the feed
    mentions.
    """
    blocks = LineBlocks(chunks)
    number = 1
    while block := blocks.take():
        text, _ = decode(block)
        columns, refusals = _Columns(headers), []
        for line in text.removesuffix("\n").split("\n"):
            if line.strip():
                try:
                    columns.add(parse_line(line), number, line)
                except _RefusedError as error:
                    shown = {WHOLE_LINE: line[:SHOWN_CHARACTERS]}
                    refusals.append(Refusal(number, str(error), as_json(shown)))
            number += 1
        yield columns.batch(refusals)
