"""HubSpot's search: filter groups, sorts, and the end at ten thousand results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipelines.world.fakenet.facade import Reply
from pipelines.world.fakenet.hubspot_catalogue import PROPERTIES
from pipelines.world.fakenet.hubspot_errors import invalid
from pipelines.world.fakenet.hubspot_objects import object_json, values
from pipelines.world.fakenet.store import Seen

MOST_RESULTS, MOST_PER_PAGE, DEFAULT_PER_PAGE = 10_000, 200, 10
MOST_GROUPS, MOST_FILTERS_PER_GROUP, MOST_FILTERS = 6, 10, 25
KNOWN_KEYS = {"after", "filterGroups", "limit", "properties", "query", "sorts"}

Key = float | str
Test = Callable[[str | None, dict[str, Any], str], bool]


def comparable(text: str, kind: str) -> Key:
    """A value as the index orders it: numbers and times by size, text without case."""
    if kind == "datetime":
        if text.lstrip("-").isdigit():
            return float(text)
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000
    return float(text) if kind == "number" else text.lower()


def _compare(holds: Callable[[Any, Any], bool]) -> Test:
    def test(value: str | None, condition: dict[str, Any], kind: str) -> bool:
        wanted = comparable(str(condition["value"]), kind)
        return value is not None and holds(comparable(value, kind), wanted)

    return test


def _between(value: str | None, condition: dict[str, Any], kind: str) -> bool:
    low, high = (comparable(str(condition[key]), kind) for key in ("value", "highValue"))
    return value is not None and low <= comparable(value, kind) <= high  # type: ignore[operator]


def _in(value: str | None, condition: dict[str, Any], kind: str) -> bool:
    return value is not None and comparable(value, kind) in {
        comparable(str(v), kind) for v in condition["values"]
    }


def _not_equal(value: str | None, condition: dict[str, Any], kind: str) -> bool:
    return value is None or comparable(value, kind) != comparable(str(condition["value"]), kind)


def _contains(value: str | None, condition: dict[str, Any], _kind: str) -> bool:
    words = (value or "").lower().replace("@", " ").replace(".", " ").split()
    return str(condition["value"]).lower().strip("*") in words


OPERATORS: dict[str, Test] = {
    "EQ": _compare(lambda a, b: bool(a == b)),
    "NEQ": _not_equal,
    "LT": _compare(lambda a, b: bool(a < b)),
    "LTE": _compare(lambda a, b: bool(a <= b)),
    "GT": _compare(lambda a, b: bool(a > b)),
    "GTE": _compare(lambda a, b: bool(a >= b)),
    "BETWEEN": _between,
    "IN": _in,
    "NOT_IN": lambda value, condition, kind: not _in(value, condition, kind),
    "HAS_PROPERTY": lambda value, _condition, _kind: value is not None,
    "NOT_HAS_PROPERTY": lambda value, _condition, _kind: value is None,
    "CONTAINS_TOKEN": _contains,
}


@dataclass(frozen=True)
class Query:
    """A search body, checked."""

    groups: list[list[dict[str, Any]]]
    sorts: list[tuple[str, bool]]  # property, descending
    properties: list[str]
    limit: int
    after: int
    words: tuple[str, ...]  # of the free text: all must occur


def search(object_type: str, objects: Sequence[Seen], body: Any) -> Reply:
    """The page of live objects that the body asks for; 400 past the ten thousandth."""
    kinds = {p.name: p.type for p in PROPERTIES[object_type]}
    try:
        query = _checked(body, kinds)
    except (AttributeError, TypeError):
        raise invalid("Invalid input JSON: a value is not of the expected form") from None
    found = [(seen, all_values) for seen in objects if _matches(query, all_values := values(seen),
             kinds)]  # fmt: skip
    found.sort(key=lambda pair: int(pair[0].record_id))
    for name, is_descending in reversed(query.sorts):
        found.sort(key=lambda pair, n=name: _sort_key(pair[1].get(n), kinds[n]),  # type: ignore[misc]
                   reverse=is_descending)  # fmt: skip
    page = found[query.after : query.after + query.limit]
    reply: dict[str, Any] = {
        "total": len(found),
        "results": [object_json(seen, query.properties) for seen, _ in page],
    }
    if query.after + query.limit < len(found):
        after = str(query.after + query.limit)
        reply["paging"] = {"next": {"after": after, "link": f"?after={after}"}}
    return Reply(200, reply)


def _sort_key(value: str | None, kind: str) -> tuple[bool, Any]:
    return (value is not None, comparable(value, kind) if value is not None else 0)


def _matches(query: Query, all_values: dict[str, str | None], kinds: dict[str, str]) -> bool:
    """Groups are alternatives, the filters of one group hold together; no group matches all."""
    text = " ".join(value for value in all_values.values() if value).lower()
    if not all(word in text for word in query.words):
        return False
    return not query.groups or any(
        all(
            OPERATORS[f["operator"]](all_values.get(f["propertyName"]), f, kinds[f["propertyName"]])
            for f in group
        )
        for group in query.groups
    )


def _checked(body: Any, kinds: dict[str, str]) -> Query:
    if not isinstance(body, dict):
        raise invalid("Invalid input JSON: the body must be an object")
    if unknown := sorted(body.keys() - KNOWN_KEYS):
        raise invalid(f"Invalid input JSON: unknown field {unknown[0]}", unknown[0])
    limit, after = _whole(body, "limit", DEFAULT_PER_PAGE), _whole(body, "after", 0)
    if not 1 <= limit <= MOST_PER_PAGE:
        raise invalid(f"limit must be between 1 and {MOST_PER_PAGE}", "limit")
    if after + limit > MOST_RESULTS:
        raise invalid(f"A query can return at most {MOST_RESULTS} results", "after")
    groups = [group.get("filters", []) for group in body.get("filterGroups", [])]
    count = sum(len(group) for group in groups)
    too_many = max(map(len, groups), default=0) > MOST_FILTERS_PER_GROUP or count > MOST_FILTERS
    if len(groups) > MOST_GROUPS or too_many:
        raise invalid("Too many filters or filter groups", "filterGroups")
    for condition in (c for group in groups for c in group):
        _check_filter(condition, kinds)
    sorts = [_sort(sort, kinds) for sort in body.get("sorts", [])]
    words = tuple(str(body.get("query") or "").lower().split())
    return Query(groups, sorts, list(body.get("properties", [])), limit, after, words)


def _whole(body: dict[str, Any], name: str, default: int) -> int:
    text = str(body.get(name) or default)
    if not text.isdigit():
        raise invalid(f"{name} must be a whole number", name)
    return int(text)


def _check_filter(condition: dict[str, Any], kinds: dict[str, str]) -> None:
    name, operator = str(condition.get("propertyName")), condition.get("operator")
    if name not in kinds:
        raise invalid(f"There is no property {name}", name, "PROPERTY_DOESNT_EXIST")
    if operator not in OPERATORS:
        raise invalid(f"Unknown operator {operator}", name)
    needs = {"BETWEEN": ("value", "highValue"), "IN": ("values",), "NOT_IN": ("values",)}
    for key in () if str(operator).endswith("PROPERTY") else needs.get(str(operator), ("value",)):
        if key not in condition:
            raise invalid(f"Operator {operator} needs {key}", name)
        given = condition[key] if key == "values" else [condition[key]]
        try:
            for value in given:
                comparable(str(value), kinds[name])
        except ValueError:
            raise invalid(f"Not a {kinds[name]}", name) from None


def _sort(sort: Any, kinds: dict[str, str]) -> tuple[str, bool]:
    """A sort as `{"propertyName": …, "direction": …}` or as the bare name of a property."""
    name = str(sort.get("propertyName")) if isinstance(sort, dict) else str(sort)
    is_descending = isinstance(sort, dict) and sort.get("direction") == "DESCENDING"
    if name.startswith("-"):
        name, is_descending = name[1:], True
    if name not in kinds:
        raise invalid(f"There is no property {name}", name, "PROPERTY_DOESNT_EXIST")
    return name, is_descending
