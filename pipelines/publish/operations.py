"""The public `ops` tables that come from the ledger: runs, phases, checks, alerts, publication."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb

from pipelines.context import RunContext
from pipelines.errors import ExitCode, RorError
from pipelines.publish.copy import TableCopy, fingerprint
from pipelines.publish.tables import PublishedTable, literal, quoted

RUNS_SHOWN = 100  # about three months of nights; the ledger keeps all
PUBLISHING = "publishing"  # a run cannot know how its own publication ends
DOUBLE, BIGINT, TEXT, INSTANT = "double", "bigint", "varchar", "timestamp with time zone"

# Name → (type, text). Process ids, error lines and alert texts stay in the ledger.
RUNS = {
    "run_id": (TEXT, "Run; sorts by time."),
    "as_of": (INSTANT, "Instant up to which the run reports."),
    "started_at": (INSTANT, "When the run started."),
    "finished_at": (INSTANT, "When it ended; empty for the run that published this file."),
    "status": (TEXT, "ok, degraded, blocked, failed, crashed, or publishing for this file's run."),
    "git_sha": (TEXT, "Commit of the code that ran."),
    "versions": (TEXT, "Versions of the packages that ran, JSON."),
}
PHASES = {
    "run_id": (TEXT, "Run the phase belongs to."),
    "phase": (TEXT, "Name of the phase."),
    "source": (TEXT, "Source the phase worked on, where it is about one."),
    "started_at": (INSTANT, "When the phase started."),
    "finished_at": (INSTANT, "When it ended."),
    "result": (TEXT, "ok, degraded, blocked or failed."),
    "rows_in": (BIGINT, "Rows that went in."),
    "rows_out": (BIGINT, "Rows that came out."),
}
QUALITY_RESULTS = {
    "run_id": (TEXT, "Run that evaluated the check."),
    "check_id": (TEXT, "The check."),
    "suite": (TEXT, "Suite the check belongs to."),
    "table_schema": (TEXT, "Schema of the table checked."),
    "table_name": (TEXT, "Table checked."),
    "column_name": (TEXT, "Column checked, where it is about one."),
    "expectation": (TEXT, "What was expected."),
    "severity": (TEXT, "block or warn: what a failure does."),
    "outcome": (TEXT, "What came out."),
    "observed": (DOUBLE, "Observed value."),
    "limit_text": (TEXT, "Limit it was held against."),
    "because": (TEXT, "Why the check exists."),
    "evaluated_at": (INSTANT, "When it was evaluated."),
}
ALERTS = {
    "run_id": (TEXT, "Run that raised the alert."),
    "rule": (TEXT, "Rule that raised it."),
    "subject": (TEXT, "Source, feed or table concerned."),
    "level": (TEXT, "info, warning or critical."),
    "raised_at": (INSTANT, "When it was raised."),
}
PUBLICATION = {
    "run_id": (TEXT, "Run that published this file."),
    "as_of": (INSTANT, "Instant up to which this file reports."),
    "built_at": (INSTANT, "When this file was built."),
    "source": (TEXT, "Source whose data this file holds; empty when there is none."),
    "watermark": (INSTANT, "Newest instant that the source's data reaches."),
    "schema_version": (TEXT, "Changes when a public table, column or type does."),
    "git_sha": (TEXT, "Commit of the code that built this file."),
}
DESCRIPTIONS = {
    "runs": "One row per run, newest hundred. The one that published this file is publishing.",
    "phases": "One row per phase of a run.",
    "quality_results": "One row per check of a run.",
    "alerts": "One row per alert, newest hundred.",
    "publication": "One row per source of this file: which run built it, and how fresh it is.",
}


def write_operations(
    con: duckdb.DuckDBPyConnection,
    run: RunContext,
    watermarks: Mapping[str, datetime | None],
    built_at: datetime,
    schema_version: str,
) -> list[tuple[PublishedTable, TableCopy]]:
    """Write the ledger's tables into schema `ops` of the new file.

    Exit 78 when a model has taken such a name.
    """
    runs = [
        row | ({"status": PUBLISHING, "finished_at": None} if row["run_id"] == run.run_id else {})
        for row in run.ledger.runs(limit=RUNS_SHOWN)
    ]
    run_ids = [row["run_id"] for row in runs]
    shared = {
        "run_id": run.run_id,
        "as_of": run.as_of.isoformat(),
        "built_at": built_at.isoformat(),
        "schema_version": schema_version,
        "git_sha": git_sha_of(run),
    }
    marks: list[tuple[str | None, datetime | None]] = [*watermarks.items()] or [(None, None)]
    publication = [
        shared | {"source": source, "watermark": mark.isoformat() if mark else None}
        for source, mark in marks
    ]
    con.execute("create schema if not exists warehouse.ops")
    return [
        _write(con, "runs", RUNS, runs),
        _write(con, "phases", PHASES, [p for r in run_ids for p in run.ledger.phases(r)]),
        _write(
            con,
            "quality_results",
            QUALITY_RESULTS,
            [q for r in run_ids for q in run.ledger.quality_results(r)],
        ),
        _write(con, "alerts", ALERTS, run.ledger.alerts()),
        _write(con, "publication", PUBLICATION, publication),
    ]


def git_sha_of(run: RunContext) -> str | None:
    """Commit that the ledger has for the run."""
    found = (row["git_sha"] for row in run.ledger.runs() if row["run_id"] == run.run_id)
    return next(found, None)


def _write(
    con: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, tuple[str, str]],
    rows: Sequence[Mapping[str, Any]],
) -> tuple[PublishedTable, TableCopy]:
    target = quoted("warehouse", "ops", name)
    # All values travel as text: SQLite has no types to trust, DuckDB's casts refuse wrong ones.
    values = [{column: _text(row.get(column)) for column in columns} for row in rows]
    shape = literal(json.dumps([dict.fromkeys(columns, "VARCHAR")]))
    casts = ", ".join(
        f"entry.{quoted(column)}::{kind} as {quoted(column)}"
        for column, (kind, _) in columns.items()
    )
    source = f"select unnest(from_json({literal(json.dumps(values))}, {shape})) as entry"
    try:
        con.execute(f"create table {target} as select {casts} from ({source})")
    except duckdb.CatalogException as error:
        raise RorError(
            "publish",
            f"ops.{name}",
            "a model has the name of a table of the ledger",
            "rename the model",
            ExitCode.CONFIGURATION,
        ) from error
    texts = tuple((column, text) for column, (_, text) in columns.items())
    count, content = fingerprint(con, target, columns)
    table = PublishedTable("ops", name, texts, DESCRIPTIONS[name])
    return table, TableCopy("ops", name, tuple(columns), count, content, is_stamped=False)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
