"""One SQL statement per contract entity that a feed maps: accepted values, fault and repairs of
every row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipelines import contract
from pipelines.contract import Column, ColumnType
from pipelines.files.cells import Cell, Kind, Scope
from pipelines.files.columns import Limits, Steps, absent, mapped
from pipelines.files.feeds import EntityMapping
from pipelines.files.numbers import quoted

VERSION = Column("version", ColumnType.TIMESTAMP, "Time that orders versions of one key.")
UPDATED = "updated_at"
CARRIED = ("__i", "__line", "__repaired", "__cut")


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def json_record(pairs: Sequence[tuple[str, str]]) -> str:
    """SQL: a JSON object of header → value as text; NULL for no pairs."""
    inside = ", ".join(f"{quoted(header)}, {value}" for header, value in pairs)
    return f"CAST(json_object({inside}) AS VARCHAR)" if pairs else "CAST(NULL AS VARCHAR)"


@dataclass(frozen=True)
class EntityPlan:
    """`query` gives every column but `untouched`: those are columns of the batch as they are (name
    → column).

    Carrying long texts through SQL and back would cost more than all checks together.
    """

    mapping: EntityMapping
    query: str
    untouched: dict[str, str]


def entity_plan(
    mapping: EntityMapping, scope: Scope, limits: Limits, payload: str, period: datetime | None
) -> EntityPlan:
    """The plan over the view `named` (the batch with the names that the feed's SQL uses).

    Result: contract columns, `_line_number`, `_version_at`, `_is_deleted`, `_is_text_repaired`,
    `_is_text_cut`, `_payload`, `__i` (record), `__fault` (`reason|field`, NULL when accepted),
    `__repairs` (such items, by comma).
    """
    entity = contract.entity(mapping.entity)
    scope = replace(scope, has_currency="currency" in mapping.columns)
    columns: list[Steps] = []
    for column in entity.columns:
        chosen = mapping.columns.get(column.name)
        cell = _unpivoted(mapping, column.name) or (scope.resolve(chosen) if chosen else None)
        if cell is None:
            columns.append(absent(column))
        else:
            columns.append(mapped(column, entity, chosen, cell, scope, limits))
    version, version_value = _version(mapping, scope, limits, period, columns)
    stages = [*columns, *([version] if version else [])]
    source = "named"
    if mapping.unpivot:
        source = f"(SELECT *, unnest([{', '.join(_pairs(mapping, scope))}]) AS __u FROM named)"
    deleted = f"coalesce(({mapping.deleted}\n), false)" if mapping.deleted else "false"
    where = f" WHERE ({mapping.where}\n)" if mapping.where else ""
    raw = {**_merged(stages, lambda s: s.raw), "__payload": payload, "__deleted": deleted}
    values = {f"v_{s.name}": s.value for s in stages}
    untouched = {step.name: step.column for step in columns if step.column}
    output = [f"v_{s.name} AS {identifier(s.name)}" for s in columns if s.name not in untouched]
    query = (
        f"WITH raw AS (SELECT {', '.join(CARRIED)}{_items(raw)} FROM {source}{where}),"
        f" typed AS (SELECT *{_items(_merged(stages, lambda s: s.typed))} FROM raw),"
        f" placed AS (SELECT *{_items(_merged(stages, lambda s: s.placed))} FROM typed),"
        f" valued AS (SELECT *{_items(values)} FROM placed)"
        f" SELECT {''.join(f'{item}, ' for item in output)}__line AS _line_number,"
        f" {version_value} AS _version_at,"
        f" __deleted AS _is_deleted, __repaired AS _is_text_repaired, __cut AS _is_text_cut,"
        f" __payload AS _payload, __i, {_fault(stages)} AS __fault, {_repairs(stages)} AS __repairs"
        f" FROM valued"
    )
    return EntityPlan(mapping, query, untouched)


def _items(items: dict[str, str]) -> str:
    return "".join(f", {sql} AS {name}" for name, sql in items.items())


def _merged(steps: Sequence[Steps], stage: Callable[[Steps], dict[str, str]]) -> dict[str, str]:
    return {name: sql for step in steps for name, sql in stage(step).items()}


def _pairs(mapping: EntityMapping, scope: Scope) -> list[str]:
    """Per unpivoted header: its name, its text and whether it is a number."""
    result = []
    for header, metric in mapping.unpivot.headers.items() if mapping.unpivot else ():
        cell = scope.header(header)
        result.append(f"{{'n': {quoted(metric)}, 'v': {cell.text}, 'm': {cell.is_number}}}")
    return result


def _unpivoted(mapping: EntityMapping, column: str) -> Cell | None:
    if mapping.unpivot and column == mapping.unpivot.name:
        return Cell(Kind.TEXT, "__u.n")
    if mapping.unpivot and column == mapping.unpivot.value:
        return Cell(Kind.TEXT, "__u.v", "__u.m")
    return None


def _version(
    mapping: EntityMapping,
    scope: Scope,
    limits: Limits,
    period: datetime | None,
    columns: Sequence[Steps],
) -> tuple[Steps | None, str]:
    """Steps of a mapped `version`, and the SQL of `_version_at`."""
    entity = contract.entity(mapping.entity)
    stated = f"TIMESTAMPTZ '{period}'" if period else "CAST(NULL AS TIMESTAMPTZ)"
    if mapping.version:
        cell = scope.resolve(mapping.version)
        steps = mapped(VERSION, entity, mapping.version, cell, scope, limits)
        return steps, f"coalesce(v_{VERSION.name}, {stated})"
    if any(s.name == UPDATED for s in columns) and UPDATED in mapping.columns:
        return None, f"coalesce(v_{UPDATED}, {stated})"
    return None, stated


def _fault(steps: Sequence[Steps]) -> str:
    branches = "".join(
        f" WHEN {condition} THEN {quoted(f'{reason}|{step.name}')}"
        for step in steps
        for condition, reason in step.faults
    )
    return f"CASE{branches} END" if branches else "CAST(NULL AS VARCHAR)"


def _repairs(steps: Sequence[Steps]) -> str:
    found = [
        "CASE WHEN __repaired THEN 'text_repaired|' END",
        "CASE WHEN __cut THEN 'text_cut|' END",
    ]
    found += [
        f"CASE WHEN {condition} THEN {quoted(f'{reason}|{step.name}')} END"
        for step in steps
        for condition, reason in step.repairs
    ]
    return f"nullif(concat_ws(',', {', '.join(found)}), '')"
