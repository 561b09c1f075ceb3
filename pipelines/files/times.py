"""Times and dates in texts, as SQL: declared formats first, then epoch numbers, then ISO 8601."""

from __future__ import annotations

from pipelines.files.feeds import Feed
from pipelines.files.numbers import quoted

MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MINUTE = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_CLOCK = rf"{_MINUTE}(?::[0-5][0-9](?:\.[0-9]{{1,9}})?)?"
_LOCAL = rf"({_DATE}(?:[T ]{_CLOCK})?)"
_OFFSET = r"(Z|z|UTC|([+-])([0-9]{2}):?([0-9]{2})?)"
_INSTANT = rf"({_DATE}[T ]{_CLOCK}) ?{_OFFSET}"
_USUAL_INSTANT = (
    rf"{_DATE}[T ]{_MINUTE}:[0-5][0-9](?:\.[0-9]{{1,9}})?(?:Z|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)"
)


def _formats(feed: Feed, with_offset: bool) -> list[str]:
    return [f for f in feed.date_formats if ("%z" in f or "%Z" in f) == with_offset]


def _parsed(text: str, formats: list[str]) -> list[str]:
    return [f"try_strptime(trim({text}), {quoted(f)})" for f in formats]


def epoch_instant(number: str, unit: str) -> str:
    """SQL: TIMESTAMPTZ of a number of `s`, `ms` or `us` since 1970; NULL when it is out of all
    bounds.
    """
    scaled = (
        f"try_cast(round(try_cast({number} AS DECIMAL(38, 6)) * {MICROSECONDS[unit]}) AS BIGINT)"
    )
    bounded = (
        f"CASE WHEN {scaled} BETWEEN -62135596800000000 AND 253402300799999999 THEN {scaled} END"
    )
    return f"make_timestamptz({bounded})"


def instant(text: str, feed: Feed) -> str:
    """SQL: TIMESTAMPTZ of a text that says its offset itself; NULL when it does not."""
    part = {n: f"regexp_extract(trim({text}), {quoted(_INSTANT)}, {n})" for n in range(1, 6)}
    minutes = (
        f"(CASE WHEN {part[3]} = '' THEN 0 ELSE (CASE {part[3]} WHEN '-' THEN -1 ELSE 1 END)"
        f" * (60 * try_cast({part[4]} AS INTEGER)"
        f" + coalesce(try_cast(nullif({part[5]}, '') AS INTEGER), 0)) END)"
    )
    iso = (
        f"CASE WHEN regexp_full_match(trim({text}), {quoted(_USUAL_INSTANT)})"
        f" THEN try_cast(trim({text}) AS TIMESTAMPTZ)"
        f" WHEN regexp_full_match(trim({text}), {quoted(_INSTANT)})"
        f" THEN make_timestamptz(epoch_us(try_cast({part[1]} AS TIMESTAMP))"
        f" - 60000000 * CAST({minutes} AS BIGINT)) END"
    )
    found = [*_parsed(text, _formats(feed, with_offset=True)), iso]
    if feed.epoch_unit:
        is_number = f"regexp_full_match(trim({text}), '-?[0-9]+([.][0-9]+)?')"
        taken = " AND ".join(f"{p} IS NULL" for p in _parsed(text, _formats(feed, False))) or "true"
        epoch = epoch_instant(f"trim({text})", feed.epoch_unit)
        found.append(f"CASE WHEN {is_number} AND {taken} THEN {epoch} END")
    return f"coalesce({', '.join(found)})"


def local(text: str, feed: Feed) -> str:
    """SQL: TIMESTAMP of a text without an offset, as the wall clock showed it; NULL when it is
    none.
    """
    iso = (
        f"CASE WHEN regexp_full_match(trim({text}), {quoted(_LOCAL)})"
        f" THEN try_cast(trim({text}) AS TIMESTAMP) END"
    )
    return f"coalesce({', '.join([*_parsed(text, _formats(feed, with_offset=False)), iso])})"


def written_date(text: str) -> str:
    """SQL: DATE as an ISO text writes it, whatever its offset; NULL when it is none."""
    return (
        f"CASE WHEN regexp_full_match(trim({text}), {quoted(f'(?:{_LOCAL}|{_INSTANT})')})"
        f" THEN try_cast(left(trim({text}), 10) AS DATE) END"
    )
