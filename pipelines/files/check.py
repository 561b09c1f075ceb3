"""Checks of record batches against the contract, column by column, in a DuckDB that can reach
nothing.

record batch ─ clean texts ─▶ named ─ one statement per entity ─▶ accepted rows | rejects
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import contract
from pipelines.contract import FUTURE_ALLOWANCE, ColumnType
from pipelines.files.cells import DOUBLE_DIGITS, Cell, Scope, text_cell, typed_cell
from pipelines.files.clean import CleanBatch, clean
from pipelines.files.columns import Limits
from pipelines.files.expressions import sandbox
from pipelines.files.feeds import Feed, Format
from pipelines.files.names import aliases, alternatives, expressions, references
from pipelines.files.opening import file_stem
from pipelines.files.periods import period_at
from pipelines.files.plan import EntityPlan, entity_plan, identifier, json_record
from pipelines.files.records import REJECTS_SCHEMA, FileBatch, RecordBatch, Refusal
from pipelines.files.refused import FileRefused
from pipelines.schema import ARROW_TYPES
from pipelines.settings import Settings

ZONE_RULE_YEARS = 2  # years after the run for which zone rules are laid out
SAFE_MESSAGES = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)


def accepted_schema(entity: str) -> pa.Schema:
    """Schema of accepted rows: contract columns in clear, then the system columns that a file can
    know.
    """
    columns = [pa.field(c.name, ARROW_TYPES[c.type]) for c in contract.entity(entity).columns]
    system = (
        ("_line_number", ColumnType.INTEGER),
        ("_version_at", ColumnType.TIMESTAMP),
        ("_is_deleted", ColumnType.BOOLEAN),
        ("_is_text_repaired", ColumnType.BOOLEAN),
        ("_is_text_cut", ColumnType.BOOLEAN),
        ("_payload", ColumnType.TEXT),
    )
    return pa.schema(columns + [pa.field(name, ARROW_TYPES[kind]) for name, kind in system])


@dataclass(frozen=True)
class _Plan:
    """What is made once for all batches of one shape: the view, a plan per entity, the payload of
    rejects.
    """

    view: str
    entities: tuple[EntityPlan, ...]
    record: str


class Checker:
    """Checks the batches of one file; holds the sandboxed connection and the statements made for
    it.
    """

    def __init__(self, feed: Feed, name: str, settings: Settings, now: datetime) -> None:
        self._feed, self._name = feed, name
        self._connection = sandbox(settings.threads, settings.memory_limit_mb)
        self._limits = Limits(now + FUTURE_ALLOWANCE, now.year + ZONE_RULE_YEARS)
        self._references = references(self._connection, feed)
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def check(self, batch: RecordBatch) -> FileBatch:
        """Accepted rows and rejects of one batch. Raises FileRefused: missing_headers,
        bad_expression.
        """
        cleaned = clean(batch)
        batch = cleaned.batch
        table = _registered(cleaned)
        self._connection.register("batch", table)
        rejects = [_refused(batch.refusals, self._feed.entities[0].entity)]
        entities: dict[str, list[pa.Table]] = {}
        bad_records: set[int] = set()
        try:
            plan = self._plan(batch)
            self._connection.execute(plan.view)
            for entity in plan.entities:
                name = entity.mapping.entity
                rows = self._run(entity.query)
                is_noted = pc.or_(pc.is_valid(rows["__fault"]), pc.is_valid(rows["__repairs"]))
                if pc.any(is_noted).as_py():
                    noted = rows.filter(is_noted)
                    rejects.append(self._rejects(name, noted, table, plan))
                    refused = noted.filter(pc.is_valid(noted["__fault"]))
                    bad_records.update(refused["__i"].to_pylist())
                    rows = rows.filter(pc.is_null(rows["__fault"]))
                entities.setdefault(name, []).append(self._accepted(entity, rows, table))
        finally:
            self._connection.unregister("batch")
        return FileBatch(
            rows_read=len(batch.lines) + len(batch.refusals),
            entities={name: pa.concat_tables(tables) for name, tables in entities.items()},
            rejects=pa.concat_tables(rejects),
            rejected_records=len(batch.refusals) + len(bad_records),
        )

    def _accepted(self, entity: EntityPlan, rows: pa.Table, table: pa.Table) -> pa.Table:
        """Checked rows in the accepted schema, with the untouched columns of the batch put beside
        them.
        """
        mapping, records = entity.mapping, rows["__i"]
        is_same = not (mapping.where or mapping.unpivot) and len(records) == table.num_rows
        columns = {}
        for name, source in entity.untouched.items():
            column = table[source] if is_same else table[source].take(records)
            for value in self._feed.null_values:
                is_value = pc.equal(column, value)
                if pc.any(is_value).as_py():
                    column = pc.if_else(is_value, pa.scalar(None, pa.string()), column)
            columns[name] = column
        schema = accepted_schema(mapping.entity)
        return pa.table(
            [columns[n] if n in columns else rows[n] for n in schema.names], names=schema.names
        ).cast(schema)

    def _plan(self, batch: RecordBatch) -> _Plan:
        types = [str(t) for t in self._connection.sql("SELECT * FROM batch LIMIT 0").types]
        shape = (*batch.headers, *types)
        if shape not in self._plans:
            self._plans[shape] = self._compiled(batch, types)
        return self._plans[shape]

    def _compiled(self, batch: RecordBatch, types: list[str]) -> _Plan:
        feed = self._feed
        self._require_headers(batch)
        headers: dict[str, Cell] = {}
        for index, header in enumerate(batch.headers):
            name = f"__h{index}"
            if header in batch.numbers:
                cell = text_cell(name, feed.null_values, f"__n{index}")
                digits = DOUBLE_DIGITS if feed.format is Format.XLSX else None
                headers[header] = replace(cell, digits=digits, column=name)
            else:
                cell = typed_cell(name, types[index], feed.null_values)
                is_text = types[index] == "VARCHAR"
                headers[header] = replace(cell, column=name if is_text else None)
        scope = Scope(feed, headers, {}, file_stem(self._name))
        named = aliases(self._references, batch.headers)
        # Only names that the feed's SQL uses are shown to it, so that others cannot clash.
        shown = "".join(
            f", {scope.header(header or '').text} AS {identifier(name)}"
            for name, header in named.items()
        )
        view = f"CREATE OR REPLACE TEMP VIEW named AS SELECT *{shown} FROM batch"
        self._connection.execute(view)
        found = {text: self._expression_cell(where, text) for where, text in expressions(feed)}
        scope = Scope(feed, headers, found, scope.file_stem)
        used = {name for group in alternatives(feed) for name in group} | set(named.values())
        originals = [(header, f"__h{i}") for i, header in enumerate(batch.headers)]
        unused = [pair for pair in originals if pair[0] not in used]
        payload = "__extra" if batch.extra is not None else json_record(unused)
        record = "__original" if batch.originals is not None else json_record(originals)
        period = period_at(feed, self._name)
        plans = tuple(
            entity_plan(mapping, scope, self._limits, payload, period) for mapping in feed.entities
        )
        return _Plan(view, plans, record)

    def _require_headers(self, batch: RecordBatch) -> None:
        if self._feed.format is Format.JSONL:
            return  # a key may be absent from any record
        present = set(batch.headers)
        missing = [" or ".join(g) for g in alternatives(self._feed) if not present & set(g)]
        named = aliases(self._references, batch.headers)
        missing += [name for name, header in named.items() if header is None]
        if missing:
            raise FileRefused("missing_headers", ", ".join(dict.fromkeys(missing)))

    def _expression_cell(self, where: str, text: str) -> Cell:
        try:
            kind = str(self._connection.sql(f"SELECT ({text}\n) FROM named LIMIT 0").types[0])
        except duckdb.Error as error:
            raise FileRefused("bad_expression", f"{where}: {_safe(error)}") from error
        return typed_cell(f"({text}\n)", kind, self._feed.null_values)

    def _run(self, query: str) -> pa.Table:
        try:
            return self._connection.sql(query).to_arrow_table()
        except duckdb.Error:
            for where, text in expressions(self._feed):
                try:
                    self._connection.execute(f"SELECT count(({text}\n)) FROM named").fetchall()
                except duckdb.Error as error:
                    # The chain would show the value that failed; it must not.
                    raise FileRefused("bad_expression", f"{where}: {_safe(error)}") from None
            raise

    def _rejects(self, entity: str, noted: pa.Table, table: pa.Table, plan: _Plan) -> pa.Table:
        """Rows of the quarantine for faults, and for repairs of rows that are accepted."""
        records = sorted(set(noted["__i"].to_pylist()))
        self._connection.register("bad", table.take(pa.array(records)))
        payloads = dict(self._connection.sql(f"SELECT __i, {plan.record} FROM bad").fetchall())
        self._connection.unregister("bad")
        rows = []
        for item in noted.select(["__i", "_line_number", "__fault", "__repairs"]).to_pylist():
            fault, payload = item["__fault"], payloads[item["__i"]]
            action = "rejected" if fault else "repaired"
            for note in [fault] if fault else item["__repairs"].split(","):
                reason, _, column = note.partition("|")
                rows.append((entity, reason, column or None, payload, item["_line_number"], action))
        return _rejects_table(rows)


def _safe(error: duckdb.Error) -> str:
    """What may be told about an error of the user's SQL: names yes, values no."""
    if isinstance(error, SAFE_MESSAGES):
        return str(error).splitlines()[0]
    return type(error).__name__


def _registered(cleaned: CleanBatch) -> pa.Table:
    """The batch as the table that SQL sees: headers by position, so that no name can clash."""
    batch, count = cleaned.batch, len(cleaned.batch.lines)
    nothing = pa.repeat(pa.scalar(False), count)
    columns: dict[str, Any] = {f"__h{i}": column for i, column in enumerate(batch.columns)}
    columns["__i"] = pa.array(range(count), pa.int64())
    columns["__line"] = batch.lines
    columns["__repaired"] = nothing if cleaned.repaired is None else cleaned.repaired
    columns["__cut"] = nothing if cleaned.cut is None else cleaned.cut
    for index, header in enumerate(batch.headers):
        if header in batch.numbers:
            columns[f"__n{index}"] = batch.numbers[header]
    if batch.extra is not None:
        columns["__extra"] = batch.extra
    if batch.originals is not None:
        columns["__original"] = batch.originals
    return pa.table(columns)


def _refused(refusals: tuple[Refusal, ...], entity: str) -> pa.Table:
    return _rejects_table(
        [(entity, r.reason, None, r.payload, r.line, "rejected") for r in refusals]
    )


def _rejects_table(rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(REJECTS_SCHEMA)
    return pa.table(
        [pa.array(c, f.type) for c, f in zip(columns, REJECTS_SCHEMA, strict=True)],
        schema=REJECTS_SCHEMA,
    )
