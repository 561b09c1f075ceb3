"""What readers hand to the checks, and what the checks hand on."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from pipelines.files.refused import FileRefused

REPLACEMENT = "\ufffd"
UNUSABLE = re.compile("[\0\ud800-\udfff]")  # NUL and lone surrogates: no text column can hold them
SHOWN_CHARACTERS = 1_000  # of one text of a record that is refused for its size

REJECTS_SCHEMA = pa.schema(
    [
        ("entity", pa.string()),
        ("reason", pa.string()),
        ("field", pa.string()),
        ("payload", pa.string()),
        ("line_number", pa.int64()),
        ("action", pa.string()),
    ]
)


@dataclass(frozen=True)
class Refusal:
    """A record that never became a row: its line, one word for the reason, the record as JSON."""

    line: int
    reason: str
    payload: str


@dataclass(frozen=True)
class RecordBatch:
    """Records of a file as columns, in the order of the file.

    `columns`: one array per header, text or typed. `lines`: physical line (or record number) where
    each begins. `repaired`: records in which unusable characters were replaced (NULL: none).
    `numbers`: per header, which cells were numbers and not text. `extra`: JSON of keys that no
    mapping uses; `originals`: JSON of the whole record; both only for formats whose headers differ
    from record to record.
    """

    headers: tuple[str, ...]
    columns: tuple[Any, ...]
    lines: Any
    refusals: tuple[Refusal, ...] = ()
    repaired: Any = None
    numbers: Mapping[str, Any] = field(default_factory=dict)
    extra: Any = None
    originals: Any = None


@dataclass(frozen=True)
class FileBatch:
    """One checked part of a file.

    `rows_read`: records in it. `entities`: accepted rows per contract entity: every contract column
    in contract order under its clear name (lists as text joined by `;`), then `_line_number`,
    `_version_at`, `_is_deleted`, `_is_text_repaired`, `_is_text_cut`, `_payload` (JSON of headers
    that no mapping uses, NULL when there are none). `rejects`: REJECTS_SCHEMA, one row per refused
    entity row or repair; a record that no entity could be read from stands under the feed's first
    entity. `rejected_records`: records of which at least one entity row was refused.
    """

    rows_read: int
    entities: dict[str, pa.Table]
    rejects: pa.Table
    rejected_records: int


def text_array(values: Sequence[str | None]) -> tuple[Any, list[int]]:
    """Arrow text and the positions whose unusable characters were replaced by U+FFFD."""
    try:
        return pa.array(values, pa.string()), []
    except UnicodeEncodeError:
        repaired = [i for i, value in enumerate(values) if value and UNUSABLE.search(value)]
        fixed = list(values)
        for index in repaired:
            fixed[index] = UNUSABLE.sub(REPLACEMENT, fixed[index] or "")
        return pa.array(fixed, pa.string()), repaired


def mask(length: int, positions: Iterable[int]) -> Any:
    """Boolean array that is true at `positions`; None when there are none."""
    chosen = set(positions)
    return pa.array([index in chosen for index in range(length)]) if chosen else None


def as_json(record: Mapping[str, Any]) -> str:
    """A record as JSON text that every reader can hold."""
    return UNUSABLE.sub(REPLACEMENT, json.dumps(record, ensure_ascii=False, default=str))


def shortened(record: Mapping[str, str | None]) -> dict[str, str | None]:
    """The record with each text cut to what a person needs to recognise it."""
    return {key: value[:SHOWN_CHARACTERS] if value else value for key, value in record.items()}


def checked_headers(names: Iterable[Any]) -> tuple[str, ...]:
    """Header names as they are used everywhere: NFC, trimmed, unnamed ones numbered. Raises
    `duplicate_headers`.
    """
    headers = []
    for position, name in enumerate(names, start=1):
        text = UNUSABLE.sub(REPLACEMENT, "" if name is None else str(name))
        headers.append(unicodedata.normalize("NFC", text.strip()) or f"unnamed_{position}")
    if repeated := sorted({name for name in headers if headers.count(name) > 1}):
        raise FileRefused("duplicate_headers", ", ".join(repeated))
    return tuple(headers)
