"""Brings spooled files into the raw tables with dlt: one package, or one per file when the package
is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import dlt
import pyarrow as pa
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.runtime.anon_tracker import disable_anon_tracker
from dlt.destinations import duckdb as duckdb_destination
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines import failpoints
from pipelines.context import RunContext
from pipelines.contract import ENTITIES
from pipelines.errors import ExitCode, RorError
from pipelines.files.periods import period_at
from pipelines.loading.drain import Drained, drain_phase, is_terminal, pending, resumable
from pipelines.loading.raw import check_counts, dataset, prepare_build
from pipelines.loading.rows import operational, row_groups
from pipelines.loading.spool import SpooledFile
from pipelines.schema import OPERATIONAL_TABLES
from pipelines.settings import Settings
from pipelines.sources import files as files_source

# dlt as we need it: load ids on Arrow rows (row ids are ours), everything in this thread, nothing
# kept, nothing sent.
DLT_CONFIG: dict[str, Any] = {
    "normalize.parquet_normalizer.add_dlt_load_id": True,
    "normalize.parquet_normalizer.add_dlt_id": False,
    "normalize.workers": 1,
    "load.workers": 1,
    "load.delete_completed_jobs": True,
    "load.raise_on_max_retries": 2,
    "restore_from_destination": False,  # no cursor lives in dlt: raw tables say what is loaded
    "runtime.dlthub_telemetry": False,
    "runtime.log_level": "CRITICAL",  # its messages quote rows
}


@dataclass
class FilesLanding:
    """Feeds `pipelines.sources.files` with spooled rows, their ledger rows and the quarantine."""

    files: Sequence[SpooledFile]
    quarantine: Sequence[dict[str, Any]]
    run: RunContext
    package: int = 0
    pages: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """How far the landing got is told at most once in a second."""
        self._beat = self.run.beating("load")

    def tables(self, name: str) -> Iterator[pa.Table]:
        """Arrow tables of one raw table, one Parquet row group each."""
        for table in self._tables(name):
            self.pages += 1
            self._beat(self.pages)
            failpoints.hit("extract.page")
            yield table

    def _tables(self, name: str) -> Iterator[pa.Table]:
        first = self.package * 1_000_000_000  # row ids of a run's packages must not meet
        if name in OPERATIONAL_TABLES:
            rows = (
                [_ledger_row(file, self.run) for file in self.files]
                if name == "file_ledger"
                else list(self.quarantine)
            )
            if rows:
                yield operational(OPERATIONAL_TABLES[name], rows, self.run.run_id, first)
        else:
            yield from row_groups(table for file in self.files for table in file.tables(name))


def begin(run: RunContext, source: str, *, is_recovery: bool) -> tuple[dlt.Pipeline, Drained]:
    """How loading any source begins: tables made, nothing lost, leftovers of a killed run loaded.

    `is_recovery`: raw tables may hold fewer rows than recorded.
    """
    prepare_build(run)
    if not is_recovery:
        check_counts(run, source)
    pipeline = open_pipeline(run.settings, source)
    return pipeline, drain_phase(pipeline, run)


def open_pipeline(settings: Settings, source: str) -> dlt.Pipeline:
    """The dlt pipeline of one source, with a working directory of its own."""
    for key, value in DLT_CONFIG.items():
        dlt.config[key] = value
    # dlt started its runtime, telemetry and all, at the first touch of its configuration.
    disable_anon_tracker()
    Container()[PluggableRunContext].initialize_runtime()
    settings.dlt_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return dlt.pipeline(
        source,
        pipelines_dir=str(settings.dlt_folder),
        destination=duckdb_destination(credentials=str(settings.build_file)),
        dataset_name=dataset(source),
    )


class Lander:
    """Lands spooled files; a package that the destination refuses is taken apart until one file is
    to blame.
    """

    def __init__(self, pipeline: dlt.Pipeline, run: RunContext) -> None:
        self.pipeline, self.run = pipeline, run
        self.load_ids: list[str] = []
        self.packages = 0

    def land(
        self, files: Sequence[SpooledFile], quarantine: Sequence[dict[str, Any]]
    ) -> list[SpooledFile]:
        """Load the files in one package; returns those that the destination refuses.

        `quarantine` travels with them. Exit 75 or 73 when the load was interrupted and can be
        resumed.
        """
        try:
            self._load(FilesLanding(files, quarantine, self.run, self.packages))
        except PipelineStepFailed as error:
            if not is_terminal(error):
                raise resumable(error, f"{self.pipeline.pipeline_name}: {error.step}") from error
            self.pipeline.abort_packages()
            return self._take_apart(files, quarantine)
        finally:
            self.packages += 1
        return []

    def _take_apart(
        self, files: Sequence[SpooledFile], quarantine: Sequence[dict[str, Any]]
    ) -> list[SpooledFile]:
        if not files:
            raise RorError(
                "load",
                "quarantine",
                "refused by the build file",
                "ror --debug run",
                ExitCode.DEFECT,
            )
        if len(files) == 1:
            if quarantine:
                self.land([], quarantine)
            return list(files)
        if quarantine:
            self.land([], quarantine)
        return [bad for file in files for bad in self.land([file], [])]

    def _load(self, landing: FilesLanding) -> None:
        extract_package(self.pipeline, files_source.files(landing))
        rows = sum(file.rows.total() for file in landing.files)
        self.load_ids += load_package(self.pipeline, self.run, rows)


def extract_package(pipeline: dlt.Pipeline, rows: DltSource) -> None:
    """Write all rows into one package on disk; from here on a killed run finishes it first."""
    pipeline.extract(rows, loader_file_format="parquet")
    failpoints.hit("extract.after")


def load_package(pipeline: dlt.Pipeline, run: RunContext, rows: int) -> list[str]:
    """Load the extracted package and record it; returns the load ids. Raises PipelineStepFailed.

    `rows`: how many it has, for the record.
    """
    pipeline.normalize()
    failpoints.hit("load.before")
    info = pipeline.load()
    failpoints.hit("load.after")
    name = pipeline.pipeline_name
    for package in info.load_packages:
        run.ledger.record_load(run.run_id, name, package.load_id, package.state, rows)
    if pending(pipeline):
        raise RorError("load", name, "a package is left", "ror run", ExitCode.TRY_AGAIN)
    return [package.load_id for package in info.load_packages]


def _ledger_row(file: SpooledFile, run: RunContext) -> dict[str, Any]:
    """The file's row of `file_ledger`; it lands in the same package as the file's rows."""
    return {
        "feed": file.feed.feed,
        "file_name": file.archived.name,
        "file_hash": file.archived.sha256,
        "byte_count": file.archived.byte_count,
        "feed_hash": file.feed_hash,
        "mode": file.feed.mode.value,
        "encoding": file.encoding,
        "rows_read": file.rows_read,
        "rows_loaded": file.rows_read - file.rows_rejected,
        "rows_rejected": file.rows_rejected,
        "period_at": period_at(file.feed, file.archived.name),
        "loaded_at": file.stamp.observed_at,
        "run_id": run.run_id,
        "ingest_seq": file.first_sequence,
    }


def rows_by_entity(files: Sequence[SpooledFile]) -> dict[str, int]:
    """Rows landed per contract entity, entities without rows left out."""
    totals = {e.name: sum(file.rows[e.name] for file in files) for e in ENTITIES}
    return {name: rows for name, rows in totals.items() if rows}
