"""Values of JSON as values of columns: each column at once, and which rows do not fit.

Whatever is not exactly readable is refused, never rounded or guessed; a text that cannot be stored
as it is is repaired and marked.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.contract import ColumnType
from pipelines.schema import ARROW_TYPES

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LARGEST_INTEGER = 2**63 - 1
LARGEST_EXACT_DOUBLE = 2**53  # every integer up to here is a double
LATEST_MILLISECONDS = 253_402_300_799_999  # the end of the year 9999
REPLACEMENT = "\ufffd"
SURROGATE_OR_NUL = re.compile("[\0\ud800-\udfff]")
BAD_TYPE = "bad_type"
# What nearly every API writes; years that Python has, seconds that exist.
PLAIN_INSTANT = (
    r"^(19|20)\d\d-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{3}|\.\d{6})?(Z|[+-](0\d|1[0-4]):[0-5]\d)$"
)


@dataclass(frozen=True)
class Converted:
    """A column. `bad`: rows whose value does not fit (NULL here); `repaired`: rows with a mended
    text.
    """

    values: pa.Array
    bad: tuple[int, ...] = ()
    repaired: tuple[int, ...] = ()


class _UnreadableError(ValueError):
    """The value is not exactly readable as its type."""


def convert(kind: ColumnType, values: Sequence[Any]) -> Converted:
    """One column of JSON values; empty texts are NULL in every type but text."""
    if kind is ColumnType.TEXT:
        return _texts(values)
    at_once = _at_once(kind, values)
    if at_once is not None:
        return Converted(at_once)
    one = ONE_VALUE[kind]
    found: list[Any] = []
    bad: list[int] = []
    for index, value in enumerate(values):
        if value is None or value == "":
            found.append(None)
            continue
        try:
            found.append(one(value))
        except (ValueError, OverflowError, TypeError):
            found.append(None)
            bad.append(index)
    stored = pa.int64() if kind is ColumnType.TIMESTAMP else ARROW_TYPES[kind]
    column = pa.array(found, stored)
    return Converted(column.cast(ARROW_TYPES[kind]), tuple(bad))


def _at_once(kind: ColumnType, values: Sequence[Any]) -> pa.Array | None:
    """The column as Arrow reads it, where Arrow and `ONE_VALUE` agree on every value; else None."""
    types = set(map(type, values)) - {type(None)}
    if not types:
        return pa.nulls(len(values), ARROW_TYPES[kind])
    try:
        if types == {int} and kind in (ColumnType.INTEGER, ColumnType.MONEY):
            return pa.array(values, pa.int64())
        if types <= {int, float} and kind is ColumnType.DOUBLE:
            doubles = pa.array(values, pa.float64())  # raises where an integer is none exactly
            if pc.all(pc.is_finite(doubles)).as_py():
                return doubles
        if types == {bool} and kind is ColumnType.BOOLEAN:
            return pa.array(values, pa.bool_())
        if types == {str} and kind is ColumnType.TIMESTAMP:
            texts = pa.array(values, pa.string())
            if pc.all(pc.match_substring_regex(texts, PLAIN_INSTANT)).as_py():
                return texts.cast(ARROW_TYPES[kind])
    except (pa.ArrowInvalid, OverflowError, UnicodeEncodeError):
        pass  # one value does not fit: find out which
    return None


def _texts(values: Sequence[Any]) -> Converted:
    column = _stored(values)
    if column is None:
        values = [v if v is None or type(v) is str else _as_text(v) for v in values]
        column = _stored(values)
    if column is not None and not pc.any(pc.match_substring(column, "\0")).as_py():
        return Converted(column)
    clean = [v if v is None else SURROGATE_OR_NUL.sub(REPLACEMENT, v) for v in values]
    repaired = tuple(
        n for n, pair in enumerate(zip(values, clean, strict=True)) if len(set(pair)) > 1
    )
    return Converted(pa.array(clean, pa.string()), (), repaired)


def _stored(values: Sequence[Any]) -> pa.Array | None:
    """The texts as Arrow stores them; None where one is no text, or has a lone surrogate."""
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
        return None


def _as_text(value: Any) -> str:
    """Numbers with all their digits, true and false, and JSON for the rest."""
    if value is True or value is False:
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else json_text(value)


def json_text(value: Any) -> str:
    """Compact JSON; a lone surrogate is written as its escape."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _integer(value: Any) -> int:
    if isinstance(value, float) and (not value.is_integer() or abs(value) > LARGEST_EXACT_DOUBLE):
        raise _UnreadableError
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _UnreadableError
    number = int(value)
    if not -LARGEST_INTEGER - 1 <= number <= LARGEST_INTEGER:
        raise _UnreadableError
    return number


def _double(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _UnreadableError
    number = float(value)
    if not math.isfinite(number):
        raise _UnreadableError
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _UnreadableError


def _instant(value: Any) -> int:
    """Microseconds since the epoch of ISO 8601 with an offset, or of epoch milliseconds."""
    if isinstance(value, str) and not value.lstrip("-").isdigit():
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise _UnreadableError
        return (instant - EPOCH) // MICROSECOND
    milliseconds = _integer(value)
    if abs(milliseconds) > LATEST_MILLISECONDS:
        raise _UnreadableError
    return milliseconds * 1000


def _date(value: Any) -> date:
    if not isinstance(value, str):
        raise _UnreadableError
    return date.fromisoformat(value)


ONE_VALUE: dict[ColumnType, Callable[[Any], Any]] = {
    ColumnType.INTEGER: _integer,
    ColumnType.MONEY: _integer,
    ColumnType.DOUBLE: _double,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.TIMESTAMP: _instant,
    ColumnType.DATE: _date,
}
