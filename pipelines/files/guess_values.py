"""What a column of texts holds: numbers of which signs, dates of which format, or text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipelines.contract import ColumnType

_POINT = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_COMMA = re.compile(r"[+-]?(?:[0-9]{1,3}(?:[. \u00a0\u202f][0-9]{3})+|[0-9]+)(?:,[0-9]+)?")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+ ?(?:Z|UTC|[+-][0-9:]{2,5})?)?")
_BOOLEANS = {"true", "false", "yes", "no", "0", "1"}
DATE_FORMATS = (
    "%Y%m%d", "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S",
    "%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p",
    "%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S",
    "%d-%m-%Y", "%d-%m-%Y %H:%M", "%d %b %Y", "%b %d, %Y",
    "%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z",
)  # fmt: skip


@dataclass(frozen=True)
class ValueGuess:
    """Type of a column; `date_formats`: every known format that fits all its values; `decimal`: the
    decimal sign.
    """

    type: ColumnType
    date_formats: tuple[str, ...] = ()
    decimal: str | None = None
    thousands: str | None = None


def _fits(text: str, date_format: str) -> bool:
    try:
        year = datetime.strptime(text, date_format).year  # noqa: DTZ007 - only whether it fits
    except ValueError:
        return False
    return 1990 <= year <= 2100


def _thousands(values: Sequence[str], decimal: str) -> str:
    for sign in ",. \u00a0\u202f":
        if sign != decimal and any(
            re.search(rf"[0-9]{re.escape(sign)}[0-9]{{3}}(?![0-9])", v) for v in values
        ):
            return sign
    return ""


def guess_values(values: Sequence[str]) -> ValueGuess:
    """The narrowest type that all values fit; text when there are none."""
    values = [value.strip() for value in values if value.strip()]
    if not values:
        return ValueGuess(ColumnType.TEXT)
    if all(_ISO.fullmatch(value) for value in values):
        is_date = all(len(value) == len("2000-01-01") for value in values)
        return ValueGuess(ColumnType.DATE if is_date else ColumnType.TIMESTAMP)
    formats = tuple(f for f in DATE_FORMATS if all(_fits(value, f) for value in values))
    if formats:
        has_time = any("%H" in f or "%I" in f for f in formats)
        return ValueGuess(ColumnType.TIMESTAMP if has_time else ColumnType.DATE, formats)
    return _guess_plain(values)


def _guess_plain(values: Sequence[str]) -> ValueGuess:
    """A boolean, a number or a text."""
    if all(value.casefold() in _BOOLEANS for value in values):
        return ValueGuess(ColumnType.BOOLEAN)
    for pattern, decimal in ((_POINT, "."), (_COMMA, ",")):
        if all(pattern.fullmatch(value) for value in values):
            thousands = _thousands(values, decimal)
            if any(decimal in value for value in values):
                return ValueGuess(ColumnType.DOUBLE, (), decimal, thousands)
            return ValueGuess(ColumnType.INTEGER, (), None, thousands or None)
    return ValueGuess(ColumnType.TEXT)
