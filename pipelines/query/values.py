"""Values of a result as text: safe for a terminal, a spreadsheet and a JSON parser."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal

NULL = "NULL"
SCALARS = (bool, int, float, str)  # JSON has them
# A spreadsheet runs a cell that begins so as a formula.
FORMULA = re.compile(r"\s*[=+\-@]|[\t\r]")
# Controls drive a terminal, direction marks reorder what is read: both are shown, not obeyed.
UNSAFE_CATEGORIES = ("Cc", "Cf", "Zl", "Zp", "Cs")
JOINER = "\u200d"  # part of emoji sequences
WIDE = ("W", "F")
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
RIGHT_TO_LEFT = ("R", "AL", "AN")
UNITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "XAF": 0, "XOF": 0}
USUAL_UNITS = 2  # decimal places of a currency that is not listed


def plain(value: object) -> str:
    """One value as text, without NULL; times are ISO 8601 UTC, nested values JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").replace("+00:00", "Z")
    if isinstance(value, dict | list | tuple):
        return json.dumps(jsonable(value), ensure_ascii=False)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def csv_cell(value: object) -> str:
    """One CSV cell; text that a spreadsheet would run begins with an apostrophe. NULL is empty."""
    if value is None:
        return ""
    text = plain(value)
    is_number = isinstance(value, int | float | Decimal)
    return f"'{text}" if not is_number and FORMULA.match(text) else text


def jsonable(value: object) -> object:
    """The value as JSON knows it: whole decimals are integers, NaN and infinity null."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime() | date() | time():
            return value.isoformat().replace("+00:00", "Z")
        case dict():
            return {str(key): jsonable(item) for key, item in value.items()}
        case list() | tuple():
            return [jsonable(item) for item in value]
    return value if value is None or isinstance(value, SCALARS) else plain(value)


def money(minor: int, currency: str | None) -> str:
    """Minor units of a currency as whole units with its decimal places: `1,234.50`."""
    digits = UNITS.get(currency or "", USUAL_UNITS)
    return f"{minor / 10**digits:,.{digits}f}"


def shown(value: object, width_limit: int) -> str:
    """One value for a terminal: controls visible, cut to a width, right-to-left text isolated."""
    if value is None:
        return NULL
    text = "".join(_visible(character) for character in plain(value))
    if width(text) > width_limit:
        text = _cut(text, width_limit - 1) + "…"
    if any(unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in text):
        return FIRST_STRONG_ISOLATE + text + POP_ISOLATE
    return text


def width(text: str) -> int:
    """Cells that a text takes on a terminal."""
    return sum(_cells(character) for character in text)


def unique(names: Iterable[str]) -> list[str]:
    """Names of columns, made different: `a, a` becomes `a, a_2`."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return result


def _visible(character: str) -> str:
    if unicodedata.category(character) not in UNSAFE_CATEGORIES or character == JOINER:
        return character
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(character, f"\\u{ord(character):04x}")


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in WIDE else 1


def _cut(text: str, limit: int) -> str:
    used = 0
    for position, character in enumerate(text):
        used += _cells(character)
        if used > limit:
            return text[:position]
    return text
