"""The rows of an answer, and those of them that are too complex to keep."""

from __future__ import annotations

from typing import Any

from pipelines.http.body import are_too_complex
from pipelines.http.limits import Limits
from pipelines.http.records import Exchange, at


def rows_of(exchange: Exchange) -> tuple[Any, ...]:
    """What stands at the request's `rows_path`: a list's items, or one object as one row."""
    if exchange.reply is None or exchange.request.rows_path is None:
        return ()
    found = at(exchange.reply.payload, exchange.request.rows_path)
    if isinstance(found, list):
        return tuple(found)
    return (found,) if isinstance(found, dict) else ()


def by_complexity(rows: tuple[Any, ...], limits: Limits) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Rows within the limits of nesting and keys, and rows beyond them."""
    if not are_too_complex(rows, limits):
        return rows, ()
    is_bad = [are_too_complex([row], limits) for row in rows]
    good = tuple(row for row, bad in zip(rows, is_bad, strict=True) if not bad)
    return good, tuple(row for row, bad in zip(rows, is_bad, strict=True) if bad)
