"""The SQL of what is measured: aggregates only, one number per check."""

from __future__ import annotations

from string import Template

from expectations.records import CheckRequest
from expectations.suites import DeclaredCheck, Rows

# What may never stand in a published text. Word borders are spelled out, `_` belongs to words: ids
# such as p_0123456789012345 are no telephone numbers, nor are the digits of a fraction a card's.
# Cards: the issuers' prefixes and lengths.
EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
_BEFORE = r"(^\.?|[^0-9A-Za-z_+.]|[^0-9]\.)"
_AFTER = r"($|[^0-9A-Za-z_.]|\.($|[^0-9]))"
PHONE = (
    _BEFORE
    + r"(\+[1-9]([ ().-]{0,2}[0-9]){7,14}|\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4})"
    + _AFTER
)
CARD = (
    _BEFORE
    + r"(4[0-9]{3}|5[1-5][0-9]{2}|2[2-7][0-9]{2}|6011|65[0-9]{2}|35[2-8][0-9])([ -]?[0-9]{4}){3}"
    + _AFTER
    + "|"
    + _BEFORE
    + r"3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}"
    + _AFTER
)
SHORTEST_NUMBER = 9  # characters: + and eight digits
# Ids and keys are digits or hashes by nature: in them only an e-mail address is a finding.
ID_SUFFIXES = ("_id", "_key", "_hash")


def rows_of(check: DeclaredCheck, request: CheckRequest) -> str:
    """What stands behind FROM for the check's rows."""
    if check.line.rows is Rows.OF_RUN:
        return f"(select * from {check.table} where _run_id = '{request.run_id}')"
    return check.table


def stands_alone(check: DeclaredCheck) -> bool:
    """Whether the check's SQL names its own rows."""
    return check.line.query is not None or check.line.personal_data


def measure_of(check: DeclaredCheck, request: CheckRequest, text_columns: list[str]) -> str:
    """The check's number as an expression, over its rows unless it `stands_alone`."""
    if check.line.personal_data:
        return personal_data_query(text_columns, rows_of(check, request))
    template = Template(check.line.measure or f"({check.line.query})")
    return template.safe_substitute(
        rows=rows_of(check, request),
        table=check.table,
        run_id=f"'{request.run_id}'",
        as_of_date=f"date '{request.as_of.date().isoformat()}'",
        as_of=f"timestamptz '{request.as_of_utc}'",
    )


def personal_data_query(text_columns: list[str], rows: str) -> str:
    """How many values of the text columns hold an e-mail address, telephone or card number.

    Words of a vocabulary repeat, so the slow expressions see each of them once; ids do not repeat,
    and only the address is looked for in them, after a glance for its `@`.
    """
    counts = ["0"]
    for column in text_columns:
        address = f"contains(text, '@') and regexp_matches(text, '{EMAIL}')"
        texts = f'(select "{column}"::varchar as text from {rows})'
        if column.endswith(ID_SUFFIXES):
            counts.append(f"(select count(*) from {texts} where {address})")
            continue
        number = (
            f"strlen(text) >= {SHORTEST_NUMBER}"
            f" and (regexp_matches(text, '{PHONE}') or regexp_matches(text, '{CARD}'))"
        )
        counts.append(
            "(select coalesce(sum(times), 0)"
            f" from (select text, count(*) as times from {texts} group by text)"
            f" where ({address}) or ({number}))"
        )
    return " + ".join(counts)


def arrival_query(table_schema: str, table: str, run_id: str) -> str:
    """Whether rows landed tonight, or a file came for a feed that ever fed the table."""
    own = f'"{table_schema}"."{table}"'
    return (
        f"select exists (select 1 from {own} where _run_id = '{run_id}')"
        f' or exists (select 1 from "{table_schema}".file_ledger as files'
        f" where files.run_id = '{run_id}' and files.feed in (select distinct _feed from {own}))"
    )
