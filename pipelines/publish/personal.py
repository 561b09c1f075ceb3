"""Finds personal data that must not be public: e-mail addresses, phone numbers and payment cards in text columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from pipelines.publish.tables import literal, quoted

EMAIL = r"[\p{L}\p{N}._%+\-]+@[\p{L}\p{N}\-]+(\.[\p{L}\p{N}\-]+)*\.\p{L}{2,}"
# International with a plus sign, or written in the usual groups: (495) 123-45-67, 212-555-0187.
PHONE = (
    r"(^|[^\p{L}\p{N}.:\-])(\+[1-9]([ ().\-]{0,2}[0-9]){8,14}"
    r"|(\([0-9]{3}\)[ .\-]?|[0-9]{3}[ .\-])[0-9]{3}[ .\-][0-9]{2}[ .\-]?[0-9]{2})([^\p{N}]|$)"
)
CARD_CANDIDATE = r"(^|[^\p{N}])([2-6]([ \-]?[0-9]){12,18})([^\p{N}]|$)"
# Lengths and first digits of the large issuers; without them a tenth of all long ids would pass the check digit.
CARD_ISSUERS = re.compile(
    r"4\d{12}(\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(011|5\d\d)\d{12}"
)
# A mask is made to be shown. Ids and keys are digits by nature; an address in them is still a leak.
MASKED_SUFFIXES = ("_masked",)
IDENTIFIER_SUFFIXES = ("_id", "_key", "_hash", "_sha")
TEXT_TYPES = ("VARCHAR", "JSON", "ENUM")  # also inside lists, structs and maps
# Distinct values first where the file stores a dictionary: a few values instead of millions of rows.
DICTIONARY_COMPRESSION = "dictionary"


@dataclass(frozen=True)
class PersonalFinding:
    """Values of one kind in one column; never the values themselves."""

    column: str
    kind: str
    value_count: int


def personal_data(
    con: duckdb.DuckDBPyConnection, database: str, schema: str, table: str
) -> list[PersonalFinding]:
    """Search every text column of an attached table, nested types included."""
    rows = con.execute(
        "select column_name, data_type from duckdb_columns() where database_name = ?"
        " and schema_name = ? and table_name = ? order by column_index",
        [database, schema, table],
    ).fetchall()
    texts = [name for name, kind in rows if any(text in kind for text in TEXT_TYPES)]
    dictionaries = _dictionary_columns(con, quoted(database, schema, table))
    found = []
    for column in texts:
        if not column.endswith(MASKED_SUFFIXES):
            found += _search(con, quoted(database, schema, table), column, column in dictionaries)
    return found


def _search(
    con: duckdb.DuckDBPyConnection, table: str, column: str, is_dictionary: bool
) -> list[PersonalFinding]:
    distinct = "distinct " if is_dictionary else ""
    values = f"(select {distinct}{quoted(column)}::varchar as value from {table})"
    searched = {"e-mail address": f"contains(value, '@') and {_matches(EMAIL)}"}
    if not column.endswith(IDENTIFIER_SUFFIXES):
        searched |= {"phone number": _matches(PHONE), "card": _matches(CARD_CANDIDATE)}
    counts = con.execute(
        f"select {', '.join(f'count(*) filter ({test})' for test in searched.values())} from {values}"
    ).fetchone()
    found = dict(zip(searched, counts or (), strict=True))
    if found.get("card"):
        found["card"] = _count_cards(con, values)
    return [PersonalFinding(column, kind, count) for kind, count in found.items() if count]


def _matches(pattern: str) -> str:
    return f"regexp_matches(value, {literal(pattern)})"


def _count_cards(con: duckdb.DuckDBPyConnection, values: str) -> int:
    candidates = con.execute(
        f"select distinct unnest(regexp_extract_all(value, {literal(CARD_CANDIDATE)}, 2)) from {values}"
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


def _dictionary_columns(con: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    rows = con.execute(
        "select column_name from pragma_storage_info(?) where segment_type = 'VARCHAR'"
        " group by column_name having lower(mode(compression)) = ?",
        [table, DICTIONARY_COMPRESSION],
    ).fetchall()
    return {name for (name,) in rows}
