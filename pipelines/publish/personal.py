"""Finds personal data that must not be public: e-mail addresses, phone and card numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from pipelines.publish.tables import literal, quoted

# `*` is what masks are made of: `A***@example.org` is no address. Loose on purpose: what looks like
# an address is one. ASCII classes compile ten times faster than Unicode ones.
EMAIL = r"[^\s@*<>]@[^\s@*<>]+\.[^\s@*<>\d.]{2,}"
# International with a plus sign, or written in the usual groups: (495) 123-45-67, 212-555-0187.
PHONE = (
    r"(^|[^0-9A-Za-z.:\-])(\+[1-9]([ ().\-]{0,2}[0-9]){8,14}"
    r"|(\([0-9]{3}\)[ .\-]?|[0-9]{3}[ .\-])[0-9]{3}[ .\-][0-9]{2}[ .\-]?[0-9]{2})($|[^0-9])"
)
CARD_CANDIDATE = r"(^|[^0-9])([2-6]([ \-]?[0-9]){12,18})($|[^0-9])"
# Lengths and first digits of the large issuers: without them a tenth of all long ids would pass
# the check digit.
CARD_ISSUERS = re.compile(
    r"4\d{12}(\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(011|5\d\d)\d{12}"
)
# A mask is made to be shown. Ids are digits by nature; an address in them is still a leak.
MASKED_SUFFIX = "_masked"
IDENTIFIER_SUFFIXES = ("_id", "_key", "_hash", "_sha")
TEXT_TYPES = ("VARCHAR", "JSON", "ENUM")  # also inside lists, structs and maps


@dataclass(frozen=True)
class PersonalFinding:
    """How many values of one kind stand in one column; never the values themselves."""

    column: str
    kind: str
    value_count: int


def personal_data(
    con: duckdb.DuckDBPyConnection, table: str, types: Mapping[str, str]
) -> list[PersonalFinding]:
    """Search every text column of a table, nested types included, in column order.

    `table`: its quoted name, with the database where it is attached; `types`: of its columns.
    """
    texts = [
        name
        for name, kind in types.items()
        if any(text in kind for text in TEXT_TYPES) and not name.endswith(MASKED_SUFFIX)
    ]
    if not texts:
        return []
    values = _values(con, table, texts)
    rows = con.execute(
        f"select name, count(*) filter ({_matches(EMAIL)}),"
        f" count(*) filter (not is_identifier and {_matches(PHONE)}),"
        f" count(*) filter (not is_identifier and {_matches(CARD_CANDIDATE)})"
        f" from ({values}) where not is_identifier or contains(value, '@') group by name"
    ).fetchall()
    found = []
    for column, emails, phones, candidates in sorted(rows, key=lambda row: texts.index(row[0])):
        cards = _count_cards(con, table, column) if candidates else 0
        counts = {"an e-mail address": emails, "a phone number": phones, "a card number": cards}
        found += [PersonalFinding(column, kind, count) for kind, count in counts.items() if count]
    return found


def _values(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> str:
    """All texts of a table as rows (name, is_identifier, value).

    Where the file stores a dictionary the distinct values come first: a few instead of millions.
    """
    rows = con.execute(
        f"select column_name from pragma_storage_info({literal(table)})"
        " where segment_type = 'VARCHAR'"
        " group by column_name having lower(mode(compression)) = 'dictionary'"
    ).fetchall()
    dictionaries = {name for (name,) in rows}
    return " union all ".join(
        f"select {literal(column)} as name,"
        f" {column.endswith(IDENTIFIER_SUFFIXES)} as is_identifier,"
        f" value from (select {'distinct ' if column in dictionaries else ''}"
        f"{quoted(column)}::varchar as value from {table})"
        for column in columns
    )


def _matches(pattern: str) -> str:
    return f"regexp_matches(value, {literal(pattern)})"


def _count_cards(con: duckdb.DuckDBPyConnection, table: str, column: str) -> int:
    candidates = con.execute(
        f"select distinct unnest(regexp_extract_all(value, {literal(CARD_CANDIDATE)}, 2))"
        f" from (select {quoted(column)}::varchar as value from {table})"
        f" where {_matches(CARD_CANDIDATE)}"
    ).fetchall()
    return sum(is_card_number(str(candidate)) for (candidate,) in candidates)


def is_card_number(text: str) -> bool:
    """Length, first digits and check digit (Luhn, ISO/IEC 7812-1) of a payment card."""
    digits = re.sub(r"[ \-]", "", text)
    if not CARD_ISSUERS.fullmatch(digits):
        return False
    doubled = [int(d) * 2 for d in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(d // 10 + d % 10 for d in doubled)) % 10 == 0
