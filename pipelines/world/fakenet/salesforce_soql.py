"""A part of SOQL: fields of one object, conditions joined by AND, order, limit, COUNT()."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pipelines.world.fakenet import salesforce_errors as errors
from pipelines.world.fakenet.salesforce_catalogue import SObject

Row = dict[str, Any]
_QUERY = re.compile(
    r"^\s*SELECT\s+(?P<fields>.+?)\s+FROM\s+(?P<object>\w+)"
    r"(?:\s+WHERE\s+(?P<where>.+?))?"
    r"(?:\s+ORDER\s+BY\s+(?P<order>[\w ,]+?))?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"^\s*(\w+)\s*(=|!=|<=|>=|<|>|\bIN\b)\s*(.+?)\s*$", re.IGNORECASE)
_AND = re.compile(r"\s+AND\s+", re.IGNORECASE)
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'")
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$")
_DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


@dataclass(frozen=True)
class Query:
    """A query taken apart. `fields` empty: COUNT()."""

    sobject: str
    fields: tuple[str, ...]
    conditions: tuple[tuple[str, str, Any], ...]
    order: tuple[tuple[str, bool], ...]  # field, descending
    limit: int | None


def parse(soql: str) -> Query:
    """The query; raises Refused when it is none that this part of SOQL knows."""
    found = _QUERY.match(soql)
    if found is None:
        raise errors.malformed(soql)
    chosen = found["fields"].strip()
    is_count = chosen.upper() == "COUNT()"
    fields = () if is_count else tuple(name.strip() for name in chosen.split(","))
    where = _AND.split(found["where"]) if found["where"] else []
    order = [part.split() for part in (found["order"] or "").split(",") if part.strip()]
    return Query(
        found["object"], fields, tuple(_condition(part, soql) for part in where),
        tuple((words[0], words[-1].upper() == "DESC") for words in order),
        int(found["limit"]) if found["limit"] else None,
    )  # fmt: skip


def _condition(text: str, soql: str) -> tuple[str, str, Any]:
    found = _CONDITION.match(text)
    if found is None:
        raise errors.malformed(soql)
    name, operator, literal = found[1], found[2].upper(), found[3]
    if operator == "IN":
        return name, operator, [one.replace("\\'", "'") for one in _TEXT.findall(literal)]
    return name, operator, _literal(literal, soql)


def _literal(text: str, soql: str) -> Any:
    if found := _TEXT.fullmatch(text):
        return found[1].replace("\\'", "'")
    if text.lower() in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text.lower()]
    if _INSTANT.match(text):
        return datetime.fromisoformat(text).astimezone(UTC)
    if _DATE.match(text):
        return date.fromisoformat(text)
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    raise errors.malformed(soql)


def checked(query: Query, sobject: SObject, hidden: frozenset[str]) -> Query:
    """The query with names as the catalogue writes them; raises Refused for an unknown field."""
    known = {name.lower(): name for name in sobject.fields if name not in hidden}

    def name_of(name: str) -> str:
        if name.lower() not in known:
            raise errors.no_field(name, sobject.name)
        return known[name.lower()]

    return Query(
        sobject.name, tuple(map(name_of, query.fields)),
        tuple((name_of(name), operator, value) for name, operator, value in query.conditions),
        tuple((name_of(name), is_falling) for name, is_falling in query.order), query.limit,
    )  # fmt: skip


def chosen(query: Query, rows: list[Row]) -> list[Row]:
    """The rows that the query asks for, in its order, with all fields."""
    found = [row for row in rows if all(_holds(row, *one) for one in query.conditions)]
    for name, is_falling in reversed(query.order):
        # NULL comes first, as there.
        found.sort(key=lambda row: (row[name] is not None, row[name] or ""), reverse=is_falling)
    return found[: query.limit]


def _holds(row: Row, name: str, operator: str, value: Any) -> bool:
    """Ids are compared with their case, texts without it, NULL only for equality."""
    found = row[name]
    if operator == "IN":
        return found in value
    if operator in ("=", "!="):
        is_id = name == "Id" or name.endswith("Id")
        both = (found, value)
        if not is_id and isinstance(found, str) and isinstance(value, str):
            both = (found.lower(), value.lower())
        return (both[0] == both[1]) is (operator == "=")
    return found is not None and COMPARISONS[operator](found, value)
