"""What is there to query: the public tables, their rows, the first sentence of their text."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.query.sandbox import Limits, sandbox
from pipelines.settings import Settings


@dataclass(frozen=True)
class TableSummary:
    """One public table; `text` says what one row is."""

    schema: str
    name: str
    rows: int
    text: str


def tables(settings: Settings) -> list[TableSummary]:
    """Public tables by schema and name; exit 69 before the first publication."""
    with sandbox(settings, Limits()) as con:
        found = con.execute(
            "select schema_name, table_name, coalesce(comment, '') from duckdb_tables()"
            " order by schema_name, table_name"
        ).fetchall()
        summaries = []
        for schema, name, comment in found:
            rows = con.execute(f'select count(*) from "{schema}"."{name}"').fetchall()
            summaries.append(TableSummary(schema, name, rows[0][0], _first_sentence(comment)))
    return summaries


def _first_sentence(text: str) -> str:
    head, stop, _ = text.partition(". ")
    return head + "." if stop else text
