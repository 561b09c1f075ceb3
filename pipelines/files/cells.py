"""Where a contract column's raw value comes from, as SQL over the registered batch."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from enum import Enum, auto

from pipelines.files.feeds import FILE, LINE, Feed, Mapping
from pipelines.files.numbers import quoted


class Kind(Enum):
    """What a raw value is before any check."""

    TEXT = auto()
    INTEGER = auto()
    FLOAT = auto()
    DECIMAL = auto()
    BOOLEAN = auto()
    LOCAL_TIME = auto()  # a wall clock time without a zone
    INSTANT = auto()
    DATE = auto()
    LIST = auto()
    NESTED = auto()


NUMBERS = (Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL)
_KINDS = {
    "TINYINT": Kind.INTEGER, "SMALLINT": Kind.INTEGER, "INTEGER": Kind.INTEGER,
    "BIGINT": Kind.INTEGER,
    "UTINYINT": Kind.INTEGER, "USMALLINT": Kind.INTEGER, "UINTEGER": Kind.INTEGER,
    "UBIGINT": Kind.INTEGER,
    "HUGEINT": Kind.INTEGER, "UHUGEINT": Kind.INTEGER, "FLOAT": Kind.FLOAT, "DOUBLE": Kind.FLOAT,
    "BOOLEAN": Kind.BOOLEAN, "TIMESTAMP": Kind.LOCAL_TIME, "TIMESTAMP WITH TIME ZONE": Kind.INSTANT,
    "DATE": Kind.DATE,
}  # fmt: skip
# A float holds so many decimal digits exactly; with more, what was written can no longer be known.
DOUBLE_DIGITS, SINGLE_DIGITS = 15, 6


def kind_of(duckdb_type: str) -> Kind:
    """Kind of a DuckDB type; types without a kind of their own are treated as their text."""
    if duckdb_type.endswith("]"):
        return Kind.LIST
    if duckdb_type.startswith(("STRUCT", "MAP", "UNION")):
        return Kind.NESTED
    if duckdb_type.startswith("DECIMAL"):
        return Kind.DECIMAL
    return _KINDS.get(duckdb_type, Kind.TEXT)


@dataclass(frozen=True)
class Cell:
    """A raw value.

    `sql`: the value in its own type; empty texts are NULL already. `is_number`: SQL condition, true
    where the file holds a number and not a text. `digits`: significant digits that are exact; None:
    all of them. `column`: column of the registered batch that is this value but for `null_values`;
    None: it is computed.
    """

    kind: Kind
    sql: str
    is_number: str = "false"
    digits: int | None = None
    column: str | None = None

    @property
    def text(self) -> str:
        """SQL of the value as VARCHAR."""
        match self.kind:
            case Kind.TEXT:
                return self.sql
            case Kind.LIST:
                return f"array_to_string({self.sql}, ';')"
            case Kind.NESTED:
                return f"CAST(to_json({self.sql}) AS VARCHAR)"
            case _:
                return f"CAST({self.sql} AS VARCHAR)"


def typed_cell(sql: str, duckdb_type: str, null_values: tuple[str, ...]) -> Cell:
    """The cell of a value whose DuckDB type is known."""
    kind = kind_of(duckdb_type)
    if kind is Kind.TEXT:
        return text_cell(
            sql if duckdb_type == "VARCHAR" else f"CAST({sql} AS VARCHAR)", null_values
        )
    digits = {"DOUBLE": DOUBLE_DIGITS, "FLOAT": SINGLE_DIGITS}.get(duckdb_type)
    return Cell(kind, sql, "true" if kind in NUMBERS else "false", digits)


def text_cell(sql: str, null_values: tuple[str, ...], is_number: str = "false") -> Cell:
    """The cell of a text; the feed's `null_values` are NULL."""
    if len(null_values) == 1:
        return Cell(Kind.TEXT, f"nullif({sql}, {quoted(null_values[0])})", is_number)
    for value in null_values:
        sql = f"nullif({sql}, {quoted(value)})"
    return Cell(Kind.TEXT, sql, is_number)


@dataclass(frozen=True)
class Scope:
    """Everything a mapping may refer to: the cells of headers and of expressions (by their SQL)."""

    feed: Feed
    headers: Dictionary[str, Cell]
    expressions: Dictionary[str, Cell]
    file_stem: str
    has_currency: bool = False  # the entity in hand maps `currency`

    def header(self, name: str) -> Cell:
        """Cell of a header or pseudo header; NULL where the file has none of that name."""
        if name == LINE:
            return Cell(Kind.TEXT, "CAST(__line AS VARCHAR)")
        if name == FILE:
            return Cell(Kind.TEXT, quoted(self.file_stem))
        return self.headers.get(name, Cell(Kind.TEXT, "CAST(NULL AS VARCHAR)"))

    def resolve(self, mapping: Mapping) -> Cell:
        """Cell of a mapping's raw value, before its `map`."""
        if mapping.expression is not None:
            return self.expressions[mapping.expression]
        if mapping.value is not None:
            return Cell(Kind.TEXT, quoted(mapping.value))
        cells = [self.header(name) for name in mapping.source]
        if len(cells) == 1:
            return cells[0]
        branches = " ".join(f"WHEN {c.text} IS NOT NULL THEN {c.is_number}" for c in cells)
        digits = min((c.digits for c in cells if c.digits is not None), default=None)
        merged = f"coalesce({', '.join(c.text for c in cells)})"
        return Cell(Kind.TEXT, merged, f"CASE {branches} ELSE false END", digits)
