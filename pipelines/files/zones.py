"""Wall clock times of a zone as SQL: their offset from UTC, and whether the clock skipped or
repeated them.

Rules of time zones come from `zoneinfo` alone; DuckDB's own copy may be of another year. The rules
become a search tree of CASE expressions, so that millions of times need no join and keep their
order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

FIRST_YEAR = 1990  # earlier times are refused (`bad_time`)
LAST_YEAR = 2100
PLAIN, GAP, OVERLAP = 0, 1, 2
_SHIFT = 100_000  # seconds; keeps coded offsets positive
_KINDS = 4


@dataclass(frozen=True)
class Change:
    """From the instant `at` (UTC) the zone is `after` seconds ahead of UTC; until then `before`."""

    at: datetime
    before: int
    after: int


def _offset(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


@cache
def changes(time_zone: str, last_year: int) -> tuple[int, tuple[Change, ...]]:
    """The offset at the beginning of 1990, seconds, and all later changes up to the end of
    `last_year`.
    """
    zone = ZoneInfo(time_zone)
    moment = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    end = datetime(min(last_year, LAST_YEAR) + 1, 1, 1, tzinfo=UTC)
    first = offset = _offset(zone, moment)
    found = []
    while moment < end:
        following = moment + timedelta(days=1)
        if (after := _offset(zone, following)) != offset:
            low, high = moment, following
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            found.append(Change(high, offset, after))
            offset = after
        moment = following
    return first, tuple(found)


def _tree(column: str, pieces: list[tuple[str, int]]) -> str:
    """SQL for the value of the last piece that begins at or before `column`; the first has no
    beginning.
    """
    if len(pieces) == 1:
        return str(pieces[0][1])
    middle = len(pieces) // 2
    below, above = _tree(column, pieces[:middle]), _tree(column, pieces[middle:])
    return f"CASE WHEN {column} < {pieces[middle][0]} THEN {below} ELSE {above} END"


def _code(offset: int, kind: int) -> int:
    return (offset + _SHIFT) * _KINDS + kind


def local_code(column: str, time_zone: str, last_year: int) -> str:
    """SQL: a code of offset and kind for a local TIMESTAMP. In a gap and in an overlap the earlier
    offset counts.
    """
    offset, found = changes(time_zone, last_year)
    pieces = [("", _code(offset, PLAIN))]
    for change in found:
        low, high = sorted((change.before, change.after))
        kind = GAP if change.after > change.before else OVERLAP
        for seconds, code in (
            (low, _code(change.before, kind)),
            (high, _code(change.after, PLAIN)),
        ):
            wall = (change.at + timedelta(seconds=seconds)).replace(tzinfo=None)
            pieces.append((f"TIMESTAMP '{wall}'", code))
    return _tree(column, pieces)


def code_offset(code: str) -> str:
    """SQL: offset in seconds of a code of `local_code`."""
    return f"(CAST({code} // {_KINDS} - {_SHIFT} AS BIGINT))"


def code_kind(code: str) -> str:
    """SQL: PLAIN, GAP or OVERLAP of a code of `local_code`."""
    return f"({code} % {_KINDS})"


def local_time(column: str, time_zone: str, last_year: int) -> str:
    """SQL: the wall clock TIMESTAMP of a TIMESTAMPTZ."""
    offset, found = changes(time_zone, last_year)
    pieces = [("", offset)] + [(f"TIMESTAMPTZ '{c.at}'", c.after) for c in found]
    return (
        f"(make_timestamp(epoch_us({column}) + 1000000 * CAST({_tree(column, pieces)} AS BIGINT)))"
    )
