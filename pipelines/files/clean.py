"""Usable text: NFC, no NUL, valid UTF-8, at most 256 KiB per text and 1 MiB per record.

Whole columns are looked at as one run of bytes, so that ordinary text costs next to nothing.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.files.records import (
    REPLACEMENT,
    RecordBatch,
    Refusal,
    as_json,
    shortened,
    text_array,
)

LONGEST_TEXT_BYTES = 256 * 1024
LARGEST_RECORD_BYTES = 1024 * 1024


@dataclass(frozen=True)
class CleanBatch:
    """A batch of usable text; `repaired` and `cut` mark records (None: none)."""

    batch: RecordBatch
    repaired: Any
    cut: Any


def clean(batch: RecordBatch) -> CleanBatch:
    """Refuse records that are too large, then repair and cut texts."""
    batch = _without_large(batch)
    repaired, cut = batch.repaired, None
    columns = []
    for column in batch.columns:
        if pa.types.is_string(column.type):
            array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
            array, was_repaired, was_cut = _clean_text(array)
            repaired, cut = _either(repaired, was_repaired), _either(cut, was_cut)
            columns.append(array)
        else:
            columns.append(column)
    return CleanBatch(replace(batch, columns=tuple(columns)), repaired, cut)


def _either(first: Any, second: Any) -> Any:
    if first is None or second is None:
        return second if first is None else first
    return pc.or_(first, second)


def _text_bytes(array: Any) -> bytes:
    """The array's texts as one run of bytes."""
    _, offsets, data = array.buffers()
    if data is None or len(array) == 0:
        return b""
    positions = memoryview(offsets).cast("i")
    start, end = positions[array.offset], positions[array.offset + len(array)]
    return bytes(memoryview(data)[start:end])


def _clean_text(array: Any) -> tuple[Any, Any, Any]:
    """The usable array, then which rows were repaired and which cut (None: none)."""
    repaired = cut = None
    data = _text_bytes(array)
    if b"\0" in data:
        repaired = pc.fill_null(pc.match_substring(array, "\0"), False)
        array = pc.replace_substring(array, "\0", REPLACEMENT)
    if not data.isascii():
        try:
            array.validate(full=True)
        except pa.ArrowInvalid:
            array, damaged = _decoded(array)
            repaired = _either(repaired, damaged)
        if not unicodedata.is_normalized("NFC", data.decode("utf-8", "replace")):
            array = pc.utf8_normalize(array, form="NFC")
    lengths = pc.binary_length(array)
    if (pc.max(lengths).as_py() or 0) > LONGEST_TEXT_BYTES:
        cut = pc.fill_null(pc.greater(lengths, LONGEST_TEXT_BYTES), False)
        array = pc.if_else(cut, _shortened(array), array)
    return array, repaired, cut


def _decoded(array: Any) -> tuple[Any, Any]:
    """For bytes that are no UTF-8: texts decoded with U+FFFD, and which rows needed it."""
    values = array.cast(pa.binary()).to_pylist()
    texts = [None if v is None else v.decode("utf-8", "replace") for v in values]
    damaged = [
        v is not None and t != v.decode("utf-8", "ignore")
        for v, t in zip(values, texts, strict=True)
    ]
    return text_array(texts)[0], pa.array(damaged)


def _shortened(array: Any) -> Any:
    """Texts over the limit, cut between two characters; all others NULL."""
    return pa.array(
        [
            value.encode()[:LONGEST_TEXT_BYTES].decode("utf-8", "ignore") if is_long else None
            for value, is_long in zip(
                array.to_pylist(),
                pc.greater(pc.binary_length(array), LONGEST_TEXT_BYTES).to_pylist(),
                strict=True,
            )
        ],
        pa.string(),
    )


def _without_large(batch: RecordBatch) -> RecordBatch:
    """The batch without records over 1 MiB; each becomes a refusal with its texts shortened."""
    lengths = [
        pc.fill_null(pc.binary_length(c), 0)
        for c in batch.columns
        if pa.types.is_string(c.type) and len(c)
    ]
    if sum(pc.max(length).as_py() for length in lengths) <= LARGEST_RECORD_BYTES:
        return batch  # not even the longest texts together reach the limit
    total = pc.cast(lengths[0], pa.int64())
    for length in lengths[1:]:
        total = pc.add(total, pc.cast(length, pa.int64()))
    is_small = pc.less_equal(total, LARGEST_RECORD_BYTES)
    if isinstance(is_small, pa.ChunkedArray):
        is_small = is_small.combine_chunks()
    large = pc.indices_nonzero(pc.invert(is_small)).to_pylist()
    refusals = [
        Refusal(
            batch.lines[i].as_py(),
            "too_large",
            as_json(
                shortened(
                    {
                        h: None if (v := c[i].as_py()) is None else str(v)
                        for h, c in zip(batch.headers, batch.columns, strict=True)
                    }
                )
            ),
        )
        for i in large
    ]

    def keep(array: Any) -> Any:
        return None if array is None else array.filter(is_small)

    return replace(
        batch,
        columns=tuple(map(keep, batch.columns)),
        lines=keep(batch.lines),
        refusals=(*batch.refusals, *refusals),
        repaired=keep(batch.repaired),
        numbers={header: keep(array) for header, array in batch.numbers.items()},
        extra=keep(batch.extra),
        originals=keep(batch.originals),
    )
