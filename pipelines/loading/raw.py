"""The raw tables of the private build file: made here, counted here, and asked what is already in
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.context import RunContext
from pipelines.contract import ENTITIES, Column, landed_columns
from pipelines.errors import ExitCode, RorError
from pipelines.loading.api.tables import raw_tables
from pipelines.schema import DUCKDB_TYPES, OPERATIONAL_TABLES
from pipelines.settings import Settings
from pipelines.sources import APIS, files
from pipelines.tables import ensure_tables

DLT_COLUMNS = {"_dlt_load_id": "VARCHAR", "_dlt_id": "VARCHAR"}
LOADS_COLUMNS = {  # as dlt makes it: staging reads it on the first night, before dlt ever ran
    "load_id": "VARCHAR",
    "schema_name": "VARCHAR",
    "status": "BIGINT",
    "inserted_at": "TIMESTAMP WITH TIME ZONE",
    "schema_version_hash": "VARCHAR",
}
RUN_COLUMNS = {
    "run_id": "VARCHAR",
    "as_of": "TIMESTAMP WITH TIME ZONE",
    "started_at": "TIMESTAMP WITH TIME ZONE",
}


@dataclass(frozen=True)
class LandedFile:
    """One content of a file, as it was read last. `loaded_at`: when it first landed."""

    file_hash: str
    rows_read: int
    feed_hash: str | None
    loaded_at: datetime
    sequence: int


@dataclass(frozen=True)
class RawState:
    """What a source has landed so far.

    `committed`: by (feed, file hash), files whose load is committed. `newest`: by (feed, name).
    `next_sequence`: above every `_ingest_seq` in the file, committed or not. `quarantine_ids`: rows
    in quarantine that were not released; `discarded_ids`: those that a person gave up.
    """

    committed: dict[tuple[str, str], LandedFile]
    newest: dict[tuple[str, str], LandedFile]
    next_sequence: int
    quarantine_ids: frozenset[str]
    discarded_ids: frozenset[str]


def dataset(source: str) -> str:
    """Schema that holds a source's raw tables."""
    return f"raw_{source}"


def committed_loads(source: str) -> str:
    """SQL of the load ids of a source that are complete: dlt wrote their last row."""
    return f"select load_id from {dataset(source)}._dlt_loads where status = 0"


def tables_of(source: str) -> dict[str, tuple[Column, ...]]:
    """The raw tables of a source with their columns, without dlt's own."""
    for api in APIS:
        if api.name == source:
            return raw_tables(api)
    return {entity.name: landed_columns(entity.name) for entity in ENTITIES} | OPERATIONAL_TABLES


@contextmanager
def open_build(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build file, read and write. Exit 75: another process holds it; 65: it is damaged; 73:
    disk or rights.
    """
    path = settings.build_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{settings.memory_limit_mb}MiB",
            "threads": settings.threads,
        }
        connection = duckdb.connect(str(path), config=config)
        path.chmod(0o600)
    except duckdb.IOException as error:
        raise _unopened(path, str(error)) from error
    except (duckdb.Error, OSError) as error:
        raise _unopened(path, f"{type(error).__name__}: {error}") from error
    try:
        yield connection
    finally:
        connection.close()


def _unopened(path: Path, text: str) -> RorError:
    if "lock" in text:
        holder = text.partition("Conflicting lock is held in ")[2].partition(".")[0]
        why = f"held by {holder}" if holder else "held by another process"
        return RorError("build file", str(path), why, "close it, then ror run", ExitCode.TRY_AGAIN)
    if "Permission denied" in text or "Read-only" in text or "No space" in text:
        why = "cannot be written"
        return RorError("build file", str(path), why, "ror doctor", ExitCode.CANNOT_WRITE)
    return RorError("build file", str(path), "damaged", "ror recover", ExitCode.DATA_REFUSED)


def prepare_build(run: RunContext) -> None:
    """Make the raw tables of every source where they are absent, add columns new in a declaration,
    name the run.

    Sources that are not in use have their tables too: the models read all of them.
    """
    with open_build(run.settings) as con:
        wanted = {("ops", "current_run"): RUN_COLUMNS}
        for source in (files.NAME, *(api.name for api in APIS)):
            schema = dataset(source)
            wanted |= {(schema, name): _types(listed) for name, listed in tables_of(source).items()}
            wanted[schema, "_dlt_loads"] = LOADS_COLUMNS
        ensure_tables(con, wanted)
        con.execute("begin")
        con.execute("delete from ops.current_run")
        con.execute(
            "insert into ops.current_run values (?, ?, ?)", [run.run_id, run.as_of, run.started_at]
        )
        con.execute("commit")


def _types(columns: tuple[Column, ...]) -> dict[str, str]:
    return {c.name: DUCKDB_TYPES[c.type] for c in columns} | DLT_COLUMNS


def raw_counts(settings: Settings, source: str) -> dict[str, int]:
    """Rows of every raw table of a source, as `<schema>.<table>`; committed or not."""
    with open_build(settings) as con:
        names = [*tables_of(source), "_dlt_loads"]
        union = " union all ".join(
            f"select '{dataset(source)}.{name}', count(*) from {dataset(source)}.{name}"
            for name in names
        )
        return dict(con.execute(union).fetchall())


def check_counts(run: RunContext, source: str) -> None:
    """Exit 65 when a raw table holds fewer rows than the ledger saw: DuckDB opens a damaged log
    silently.
    """
    recorded = run.ledger.last_counts(dataset(source))
    actual = raw_counts(run.settings, source)
    short = {name: rows for name, rows in recorded.items() if actual.get(name, 0) < rows}
    if short:
        name, rows = max(short.items(), key=lambda item: item[1] - actual.get(item[0], 0))
        more = f" and {len(short) - 1} more tables" if len(short) > 1 else ""
        raise RorError(
            "load",
            name,
            f"rows below ledger: {actual.get(name, 0)} of {rows}{more}",
            "ror recover",
            ExitCode.DATA_REFUSED,
        )


def read_state(settings: Settings) -> RawState:
    """What the raw tables of the file drop hold; see `RawState`."""
    schema = dataset(files.NAME)
    complete = f"({committed_loads(files.NAME)})"
    with open_build(settings) as con:
        landed_files = con.execute(
            "select feed, file_name, file_hash, rows_read, feed_hash, loaded_at, ingest_seq"
            f" from {schema}.file_ledger where _dlt_load_id in {complete} order by ingest_seq"
        ).fetchall()
        highest = " union all ".join(
            f"select max(_ingest_seq) as seq from {schema}.{e.name}" for e in ENTITIES
        )
        found = con.execute(
            f"select coalesce(max(seq), 0) from ({highest} union all select max(ingest_seq)"
            f" from {schema}.file_ledger)"
        ).fetchone()
        quarantined = con.execute(
            f"select distinct quarantine_id, action from {schema}.quarantine"
            f" where action <> 'released' and _dlt_load_id in {complete}"
        ).fetchall()
    landed = [(feed, name, LandedFile(*of_file)) for feed, name, *of_file in landed_files]
    return RawState(
        committed={(feed, file.file_hash): file for feed, _, file in landed},
        newest={(feed, name): file for feed, name, file in landed},
        next_sequence=(found[0] if found else 0) + 1,
        quarantine_ids=frozenset(row[0] for row in quarantined),
        discarded_ids=frozenset(row for row, action in quarantined if action == "discarded"),
    )
