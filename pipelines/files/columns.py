"""One contract column as SQL: raw value, typed value, and the conditions under which a row is
refused or repaired.

The SQL stands in stages, each over the one before: raw (`r_`), typed (`t_`, `l_`), placed in its
zone (`o_`), value (`v_`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pipelines.contract import Column, ColumnType, Entity
from pipelines.files import numbers, times, zones
from pipelines.files.cells import NUMBERS, Cell, Kind, Scope
from pipelines.files.feeds import Format, Mapping
from pipelines.files.numbers import quoted
from pipelines.files.records import REPLACEMENT
from pipelines.schema import DUCKDB_TYPES

EARLIEST = "1990-01-01"
LATEST_DATE_YEARS = 50  # a date may lie ahead (a deal's close date), an event may not
OTHERWISE = "*"
CURRENCY = "currency"


@dataclass
class Steps:
    """SQL of one column by stage; `value` is over the last stage. Conditions are over `v_<column>`
    and all before.
    """

    name: str
    value: str
    raw: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    placed: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    repairs: list[tuple[str, str]] = field(default_factory=list)
    column: str | None = None  # see `Cell.column`


@dataclass(frozen=True)
class Limits:
    """Time limits of a run: `latest` event instant; `last_year` up to which zone rules are laid
    out.
    """

    latest: datetime
    last_year: int


def absent(column: Column) -> Steps:
    """A column that the feed does not map."""
    return Steps(column.name, f"CAST(NULL AS {DUCKDB_TYPES[column.type]})")


def mapped(
    column: Column,
    entity: Entity,
    mapping: Mapping | None,
    cell: Cell,
    scope: Scope,
    limits: Limits,
) -> Steps:
    """A column from its raw value; `mapping` for its `map`."""
    steps = Steps(column.name, f"r_{column.name}")
    if mapping is not None and mapping.map is not None:
        cell = _translated(steps, mapping.map, cell)
    match column.type:
        case ColumnType.TEXT:
            _text(steps, column, entity, cell, scope)
        case ColumnType.BOOLEAN:
            _boolean(steps, cell, scope)
        case ColumnType.TIMESTAMP:
            _timestamp(steps, cell, scope, limits)
        case ColumnType.DATE:
            _date(steps, cell, scope, limits)
        case ColumnType.INTEGER | ColumnType.DOUBLE | ColumnType.MONEY:
            _number(steps, column, cell, scope)
    if column.type is not ColumnType.TEXT:
        unread = f"r_{column.name} IS NOT NULL AND v_{column.name} IS NULL"
        steps.faults.append((unread, "bad_type"))
    if column.is_required:
        missing = f"v_{column.name} IS NULL"
        if column.type is ColumnType.TEXT:
            # Few texts sort before '!': only those are worth trimming.
            is_blank = f"trim(v_{column.name}) = ''"
            missing += f" OR CASE WHEN v_{column.name} < '!' THEN {is_blank} ELSE false END"
        steps.faults.append((missing, "missing_key"))
    if column.allowed:
        allowed = ", ".join(map(quoted, column.allowed))
        steps.faults.append((f"v_{column.name} NOT IN ({allowed})", "not_allowed"))
    if column.minimum is not None:
        steps.faults.append((f"v_{column.name} < {column.minimum}", "out_of_range"))
    return steps


def _translated(steps: Steps, table: dict[str, str | None], cell: Cell) -> Cell:
    """The cell after the mapping's `map`; a value that it does not list is a fault."""

    def literal(value: str | None) -> str:
        return "NULL" if value is None else quoted(value)

    known = {key: value for key, value in table.items() if key != OTHERWISE}
    text = f"coalesce({cell.text}, '')" if "" in known else cell.text
    branches = "".join(f" WHEN {quoted(k)} THEN {literal(v)}" for k, v in known.items())
    if OTHERWISE in table:
        other = f"CASE WHEN {text} IS NOT NULL THEN {literal(table[OTHERWISE])} END"
    else:
        other = "NULL"
        keys = ", ".join(map(quoted, known)) or "NULL"
        steps.raw[f"m_{steps.name}"] = f"{text} IS NOT NULL AND {text} NOT IN ({keys})"
        steps.faults.append((f"m_{steps.name}", "not_allowed"))
    chosen = f"CASE {text}{branches} ELSE {other} END" if branches else other
    return Cell(Kind.TEXT, f"CAST({chosen} AS VARCHAR)")


def _text(steps: Steps, column: Column, entity: Entity, cell: Cell, scope: Scope) -> None:
    name = column.name
    text = cell.text
    if not column.is_list and name != CURRENCY:
        steps.column = cell.column
    if column.is_list and scope.feed.format is Format.JSONL:
        listed = f"""array_to_string(from_json({text}, '["VARCHAR"]'), ';')"""
        text = f"CASE WHEN {text} LIKE '[%' AND json_valid({text}) THEN {listed} ELSE {text} END"
    if name == CURRENCY:
        text = f"upper(trim({text}))"
        steps.faults.append((f"NOT regexp_full_match(v_{name}, '[A-Z]{{3}}')", "not_allowed"))
    steps.raw[f"r_{name}"] = text
    if name in entity.key or name.endswith("_id"):
        # A float cannot hold a long id, and a repaired one names somebody else.
        if cell.is_number != "false":
            steps.raw[f"n_{name}"] = cell.is_number
            inexact = rf"n_{name} AND regexp_matches(v_{name}, '[.eE]')"
            steps.faults.append((inexact, "bad_type"))
        damaged = (
            f"CASE WHEN __repaired THEN contains(v_{name}, {quoted(REPLACEMENT)}) ELSE false END"
        )
        steps.faults.append((damaged, "bad_type"))


def _boolean(steps: Steps, cell: Cell, scope: Scope) -> None:
    name = steps.name
    if cell.kind is Kind.BOOLEAN:
        steps.raw[f"r_{name}"] = cell.sql
        return
    steps.raw[f"r_{name}"] = f"nullif(trim({cell.text}), '')"
    is_typed = scope.feed.format in (Format.JSONL, Format.XLSX)  # there `true` is no spelling
    true_values = {*scope.feed.true_values, *(("true",) if is_typed else ())}
    false_values = {*scope.feed.false_values, *(("false",) if is_typed else ())}
    lists = [
        ", ".join(map(quoted, sorted(values))) or "NULL" for values in (true_values, false_values)
    ]
    steps.value = (
        f"CASE WHEN r_{name} IN ({lists[0]}) THEN true WHEN r_{name} IN ({lists[1]}) THEN false END"
    )


def _number(steps: Steps, column: Column, cell: Cell, scope: Scope) -> None:
    name = steps.name
    if column.type is not ColumnType.MONEY and cell.kind in NUMBERS:
        steps.raw[f"r_{name}"] = cell.sql
        bounded = f"abs(r_{name}) < {numbers.FIRST_INEXACT_DOUBLE}"
        if column.type is ColumnType.DOUBLE:
            steps.value = f"CASE WHEN {bounded} THEN CAST(r_{name} AS DOUBLE) END"
        elif cell.kind is Kind.INTEGER:
            steps.value = f"try_cast(r_{name} AS BIGINT)"
        else:
            whole = f"{bounded} AND r_{name} = trunc(r_{name})"
            steps.value = f"CASE WHEN {whole} THEN CAST(r_{name} AS BIGINT) END"
        return
    feed, is_double = scope.feed, column.type is ColumnType.DOUBLE
    steps.raw[f"r_{name}"] = f"nullif(trim({cell.text}), '')"
    as_number = numbers.canonical(f"r_{name}", has_exponent=is_double)
    as_text = numbers.canonical(f"r_{name}", feed.decimal, feed.thousands, is_double)
    if cell.is_number == "true" or as_number == as_text:
        steps.typed[f"t_{name}"] = as_number
    elif cell.is_number == "false":
        steps.typed[f"t_{name}"] = as_text
    else:
        steps.typed[f"t_{name}"] = f"CASE WHEN n_{name} THEN {as_number} ELSE {as_text} END"
    steps.raw[f"n_{name}"] = cell.is_number
    if column.type is ColumnType.INTEGER:
        steps.value = numbers.integer(f"t_{name}")
    elif is_double:
        steps.value = numbers.double(f"t_{name}")
    else:
        default = str(numbers.DEFAULT_EXPONENT)
        steps.placed[f"e_{name}"] = (
            numbers.exponent("r_currency") if scope.has_currency else default
        )
        steps.value = numbers.minor_units(f"t_{name}", f"e_{name}")
        if cell.digits is not None:
            digits = numbers.significant_digits(f"t_{name}")
            exact = f"NOT n_{name} OR {digits} <= {cell.digits}"
            steps.value = f"CASE WHEN {exact} THEN {steps.value} END"


def _places(steps: Steps, cell: Cell, scope: Scope) -> tuple[str, str]:
    """SQL of the instant and of the wall clock time that the raw value states; at most one is not
    NULL.
    """
    name, feed = steps.name, scope.feed
    no_instant, no_local = "CAST(NULL AS TIMESTAMPTZ)", "CAST(NULL AS TIMESTAMP)"
    steps.raw[f"r_{name}"] = cell.sql
    match cell.kind:
        case Kind.INSTANT:
            return f"r_{name}", no_local
        case Kind.LOCAL_TIME | Kind.DATE:
            return no_instant, f"CAST(r_{name} AS TIMESTAMP)"
        case Kind.INTEGER | Kind.FLOAT | Kind.DECIMAL if feed.epoch_unit and not feed.date_formats:
            return times.epoch_instant(f"r_{name}", feed.epoch_unit), no_local
        case Kind.BOOLEAN | Kind.LIST | Kind.NESTED:
            return no_instant, no_local
    steps.raw[f"r_{name}"] = f"nullif(trim({cell.text}), '')"
    return times.instant(f"r_{name}", feed), times.local(f"r_{name}", feed)


def _timestamp(steps: Steps, cell: Cell, scope: Scope, limits: Limits) -> None:
    name, zone = steps.name, scope.feed.time_zone
    steps.typed[f"t_{name}"], steps.typed[f"l_{name}"] = _places(steps, cell, scope)
    code = zones.local_code(f"l_{name}", zone, limits.last_year)
    steps.placed[f"o_{name}"] = (
        f"CASE WHEN t_{name} IS NULL AND l_{name} IS NOT NULL THEN {code} END"
    )
    offset = zones.code_offset(f"o_{name}")
    steps.value = f"coalesce(t_{name}, make_timestamptz(epoch_us(l_{name}) - 1000000 * {offset}))"
    bad = f"v_{name} < TIMESTAMPTZ '{EARLIEST}' OR v_{name} > TIMESTAMPTZ '{limits.latest}'"
    steps.faults.append((bad, "bad_time"))
    for kind, reason in ((zones.GAP, "dst_gap"), (zones.OVERLAP, "dst_overlap")):
        steps.repairs.append((f"{zones.code_kind(f'o_{name}')} = {kind}", reason))


def _date(steps: Steps, cell: Cell, scope: Scope, limits: Limits) -> None:
    name = steps.name
    at, wall = _places(steps, cell, scope)
    steps.typed[f"t_{name}"], steps.typed[f"l_{name}"] = at, wall
    local = zones.local_time(f"t_{name}", scope.feed.time_zone, limits.last_year)
    found = [f"CAST(l_{name} AS DATE)", f"CAST({local} AS DATE)"]
    if cell.kind is Kind.TEXT:
        found.insert(1, times.written_date(f"r_{name}"))
    steps.value = f"coalesce({', '.join(found)})"
    latest = f"{limits.latest.year + LATEST_DATE_YEARS}-12-31"
    bad = f"v_{name} < DATE '{EARLIEST}' OR v_{name} > DATE '{latest}'"
    steps.faults.append((bad, "bad_time"))
