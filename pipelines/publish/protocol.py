"""The publication, step by step: readers see the last good version or the new one.

build file ─▶ copy .tmp-<run> ─▶ verify ─▶ seal ─▶ rename <run> ─▶ flip current ─▶ ledger, prune

Each step ends at a named failpoint; a process that dies at one of them leaves what
`clean_leftovers` removes and `repair_after_crash` records. Callers hold the run lock and have
closed every connection to the build file.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines import failpoints
from pipelines.context import RunContext
from pipelines.errors import ExitCode, RorError
from pipelines.publish.connection import (
    assert_storage,
    attach,
    memory_connection,
    refuse_wal,
    settle_build,
)
from pipelines.publish.copy import TableCopy, comment_on, copy_table
from pipelines.publish.disk import (
    DATABASE_NAME,
    LINK,
    TEMPORARY,
    discard,
    explained,
    point_current_to,
    served_run,
    sync,
)
from pipelines.publish.manifest import FOLDER_MODE, Manifest, read_manifest, schema_version, seal
from pipelines.publish.metric_views import create_views
from pipelines.publish.operations import git_sha_of, write_operations
from pipelines.publish.retention import clean_leftovers, prune
from pipelines.publish.tables import PublishedTable
from pipelines.publish.verify import verify_file
from pipelines.tables import types_in


@dataclass(frozen=True)
class Publication:
    """A version that readers see now; `path`: the DuckDB file; `tables`: rows per `schema.name`."""

    run_id: str
    path: Path
    sha256: str
    bytes: int
    tables: dict[str, int]


def publish(
    run: RunContext,
    tables: Sequence[PublishedTable],
    watermarks: Mapping[str, datetime | None] | None = None,
    views: Sequence[str] = (),
) -> Publication:
    """Copy `tables` from the build file into a new version and let `current` name it.

    `watermarks`: per source, the newest instant its data reaches. `views`: statements that create
    the views of schema `metrics`. A run that already published is only recorded. Exit 20 refused by
    verification or held, 65 build file damaged, 73 disk or memory, 75 build file held by a program,
    78 a view that does not fit.
    """
    settings, published = run.settings, run.settings.published
    with explained(settings, run.run_id):
        _prepare(published)
        clean_leftovers(settings)
        if served_run(published) != run.run_id:
            _refuse_held(run)
            with _removed_on_failure(published, run.run_id):
                _write_version(run, tables, watermarks or {}, views)
                _refuse_held(run)
                point_current_to(published, run.run_id)
        return _record(run)


def _prepare(published: Path) -> None:
    if published.is_symlink():
        why = "is a symbolic link, not a folder"
        raise RorError(
            "publish", str(published), why, "replace it by a folder", ExitCode.CONFIGURATION
        )
    published.mkdir(parents=True, exist_ok=True)
    published.chmod(FOLDER_MODE)


def _refuse_held(run: RunContext) -> None:
    if run.ledger.is_held():
        why = "publishing is on hold since a rollback; the version rolled back to stays served"
        raise RorError("publish", "hold", why, "ror publish release", ExitCode.BLOCKED)


@contextmanager
def _removed_on_failure(published: Path, run_id: str) -> Iterator[None]:
    """Free the disk at once after an ordinary failure; a death leaves that to the next start."""
    try:
        yield
    except Exception:
        (published / (LINK + run_id)).unlink(missing_ok=True)
        if served_run(published) != run_id:
            for name in (TEMPORARY + run_id, run_id):
                shutil.rmtree(published / name, ignore_errors=True)
        raise


def _write_version(
    run: RunContext,
    tables: Sequence[PublishedTable],
    watermarks: Mapping[str, datetime | None],
    views: Sequence[str],
) -> None:
    settings, published = run.settings, run.settings.published
    folder, final = published / (TEMPORARY + run.run_id), published / run.run_id
    file = folder / DATABASE_NAME
    built_at = run.clock.now()
    settle_build(settings)
    failpoints.hit("publish.checkpointed")
    folder.mkdir(mode=0o700)
    failpoints.hit("publish.tmp_created")
    version, copies = _fill(run, file, tables, watermarks, views, built_at)
    refuse_wal(file)
    failpoints.hit("publish.closed")
    run.ledger.record_counts(
        run.run_id,
        "published",
        {copy.label: copy.row_count for copy in copies},
        {copy.label: copy.content_hash for copy in copies},
    )
    verify_file(settings, file, run.run_id, copies)
    failpoints.hit("publish.verified")
    seal(
        folder,
        run_id=run.run_id,
        as_of=run.as_of.isoformat(),
        built_at=built_at.isoformat(),
        version=version,
        git_sha=git_sha_of(run),
        copies=copies,
    )
    failpoints.hit("publish.fsynced")
    if final.exists():  # left by a death between rename and flip, in an earlier try of this run
        discard(final)
    folder.rename(final)
    sync(published)
    failpoints.hit("publish.renamed")


def _fill(
    run: RunContext,
    file: Path,
    tables: Sequence[PublishedTable],
    watermarks: Mapping[str, datetime | None],
    views: Sequence[str],
    built_at: datetime,
) -> tuple[str, list[TableCopy]]:
    """Write all tables, views and comments; returns the schema version and what was written."""
    copies, beat = [], run.beating("publish")
    with memory_connection(run.settings) as con:
        attach(con, run.settings.build_file, "build")
        attach(con, file, "warehouse", read_only=False)
        assert_storage(con, "warehouse")
        types = types_in(con, "build")
        for table in tables:
            copies.append(copy_table(con, table, types, run.run_id))
            failpoints.hit("publish.table")
            beat(len(copies))
        create_views(con, views)
        columns = con.execute(
            "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
            " where database_name = 'warehouse'"
        ).fetchall()
        version = schema_version(columns)
        operations = write_operations(con, run, watermarks, built_at, version)
        for table in [*tables, *(table for table, _ in operations)]:
            comment_on(con, table)
        failpoints.hit("publish.commented")
        con.execute("checkpoint warehouse")
        con.execute("detach warehouse")
    return version, [*copies, *(copy for _, copy in operations)]


def _record(run: RunContext) -> Publication:
    folder = run.settings.published / run.run_id
    manifest = _manifest_of(folder)
    run.ledger.record_publication(run.run_id, manifest.sha256, manifest.byte_count)
    failpoints.hit("publish.recorded")
    prune(run.settings, run.ledger)
    failpoints.hit("publish.pruned")
    return Publication(
        run_id=run.run_id,
        path=folder / DATABASE_NAME,
        sha256=manifest.sha256,
        bytes=manifest.byte_count,
        tables={name: int(facts["rows"]) for name, facts in manifest.tables.items()},
    )


def _manifest_of(folder: Path) -> Manifest:
    manifest = read_manifest(folder)
    if manifest is None:
        raise RorError(
            "publish", folder.name, "its manifest is damaged", "ror rollback", ExitCode.DATA_REFUSED
        )
    return manifest
