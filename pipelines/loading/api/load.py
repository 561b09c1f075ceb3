"""Loads one API into its raw tables.

drain ─▶ read pages ─▶ map ─▶ spool ─▶ what is news, what has ended ─▶ land in one package
           kernel      │ quarantine        compared with what landed       rows, complete reads,
                                                                           requests, quarantine
A kill at any point is repaired by running again: whatever the package holds is committed together,
and what is committed is the only memory of what was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import dlt
import duckdb
import pyarrow as pa
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines.context import RunContext
from pipelines.errors import ExitCode, RorError
from pipelines.http import HTTP_TABLES, SourceFailed, SourceStopped
from pipelines.loading.api.absences import make_ends, missing, noted_absences
from pipelines.loading.api.extract import Extracted, extract
from pipelines.loading.api.mapping import Mapper
from pipelines.loading.api.news import News, Origin, find_news, rows_to_land
from pipelines.loading.api.results import quarantine_rows, read_rows, result_of
from pipelines.loading.api.session import reading_of
from pipelines.loading.api.spool import Spool
from pipelines.loading.api.state import ApiState, read_state
from pipelines.loading.api.tables import OPERATIONAL, raw_tables
from pipelines.loading.drain import is_terminal, resumable
from pipelines.loading.landing import begin, extract_package, load_package
from pipelines.loading.raw import dataset, open_build, raw_counts
from pipelines.loading.results import SourceResult, alert
from pipelines.loading.rows import operational
from pipelines.privacy import Pseudonymiser, Vault, load_key
from pipelines.sources.reading import Reading, Window
from pipelines.sources.spec import Resource, Row, Source
from pipelines.sources.tables import landing_source


@dataclass
class Landing:
    """What one run of an API lands. `news` by resource."""

    news: dict[str, News] = field(default_factory=dict)
    operational: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    load_ids: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Rows of all resources."""
        return sum(self.counts.values())

    @property
    def counts(self) -> dict[str, int]:
        """Rows by resource."""
        return {name: news.total for name, news in self.news.items()}


def load_api(
    source: Source, run: RunContext, window: Window | None = None, *, is_recovery: bool = False
) -> SourceResult:
    """Read an API and land what is news; see `SourceResult`. It fails alone: other sources go on.

    `window`: a backfill, which the next night does not start from. Exit 65: rows below ledger. 73:
    disk. 75: interrupted, run again. 78: its settings are wrong.
    """
    pipeline, drained = begin(run, source.name, is_recovery=is_recovery)
    now = (run.wire_clock or run.clock).now()
    spool = Spool(run.settings.dlt_folder / "spool" / source.name)
    try:
        with open_build(run.settings) as con:
            state = read_state(con, source, now)
        with reading_of(source, run, now, state, window) as reading:
            found = _extracted(source, run, reading, spool)
            landing = _landed(source, run, state, reading, found, spool, pipeline)
    finally:
        spool.remove()
    load_ids = (*drained.load_ids, *landing.load_ids)
    result = result_of(source, reading, found, landing.counts, load_ids)
    alert(result, run)
    return result


def _extracted(source: Source, run: RunContext, reading: Reading, spool: Spool) -> Extracted:
    key = load_key(run.settings)
    with (
        run.ledger.phase(run.run_id, "extract", source.name) as phase,
        Vault(run.settings.vault_file, key) as vault,
    ):
        hide = Pseudonymiser(key, vault, reading.now)
        mapper = Mapper(source, hide, reading.now, reading.slot)
        found = extract(
            source, reading, spool, mapper, hide, run.settings.bad_share_limit,
            run.beating("extract"),
        )  # fmt: skip
        phase.rows_in = sum(found.rows_read.values())
        phase.rows_out = spool.rows.total()
        if found.error is not None:
            phase.result, phase.note = "degraded", found.error.line()
    return found


def _landed(
    source: Source, run: RunContext, state: ApiState, reading: Reading, found: Extracted,
    spool: Spool, pipeline: dlt.Pipeline,
) -> Landing:  # fmt: skip
    landing = Landing()
    origin = Origin(source.name, run.run_id, reading.slot, reading.now)
    with run.ledger.phase(run.run_id, "load", source.name) as phase:
        with open_build(run.settings) as con:
            for resource in source.resources:
                if resource.name not in found.refused:
                    landing.news[resource.name] = _prepare(
                        con, resource, reading, found, spool, origin, landing
                    )
            ledger = reading.kernel.ledger
            landing.operational |= {name: ledger.take(name) for name in HTTP_TABLES}
            landing.operational["complete_reads"] = read_rows(reading, found, run)
            landing.operational["quarantine"] = quarantine_rows(source, found, state, run)
            _extract_package(con, source, pipeline, landing, state, origin)
        landing.load_ids = _load_package(pipeline, run, landing.total)
        phase.rows_out = landing.total
        problems = [*found.problems(), *reading.unavailable]
        if problems:
            phase.result, phase.note = "degraded", problems[0]
        run.ledger.record_counts(
            run.run_id, dataset(source.name), raw_counts(run.settings, source.name)
        )
    return landing


def _prepare(
    con: duckdb.DuckDBPyConnection, resource: Resource, reading: Reading, found: Extracted,
    spool: Spool, origin: Origin, landing: Landing,
) -> News:  # fmt: skip
    """What is new of a resource, and what of it has ended."""
    spooled = spool.file(resource)
    news_count = find_news(con, resource, spooled, origin) if spooled else 0
    ends_count = 0
    # An object that came but could not be read is not missing.
    is_certain = not found.rejected[resource.name]
    scopes = [scope for scope in reading.complete if scope.resource == resource.name]
    if is_certain and scopes and resource.absence is not None:
        gone = missing(con, resource, spooled, scopes, origin.source)
        if resource.lookup is not None and gone:
            gone = _denied(resource, reading, gone)
        ended, notes = noted_absences(con, resource, gone, spooled, origin)
        ends_count = make_ends(con, resource, ended, origin)
        landing.operational.setdefault("absences", []).extend(map(dict, notes))
    return News(resource, spooled, news_count, ends_count)


def _denied(resource: Resource, reading: Reading, rows: list[Row]) -> list[Row]:
    """Those of some missing objects that the source denies by id; none when it cannot be asked."""
    try:
        return list(resource.lookup(reading, rows)) if resource.lookup else []
    except (SourceFailed, SourceStopped) as error:
        reading.unavailable.append(f"{resource.name}: {error.why}")
        return []


def _extract_package(
    con: duckdb.DuckDBPyConnection, source: Source, pipeline: dlt.Pipeline, landing: Landing,
    state: ApiState, origin: Origin,
) -> None:  # fmt: skip
    """Hand all rows to dlt as one package: it is loaded as a whole or not at all."""
    resources = {resource.name for resource in source.resources}
    next_sequence = state.next_sequence

    def rows_of(table: str) -> Iterator[pa.Table]:
        nonlocal next_sequence
        if table in resources:
            if (news := landing.news.get(table)) and news.total:
                first, next_sequence = next_sequence, next_sequence + news.total
                yield from rows_to_land(con, news, origin, first)
        elif rows := landing.operational.get(table):
            yield operational(OPERATIONAL[table], rows, origin.run_id, 0)

    extract_package(pipeline, landing_source(source.name, raw_tables(source), rows_of))


def _load_package(pipeline: dlt.Pipeline, run: RunContext, rows: int) -> list[str]:
    """Load the package. One that the build file refuses for good is given up: the next night reads
    the same again.
    """
    name = pipeline.pipeline_name
    try:
        return load_package(pipeline, run, rows)
    except PipelineStepFailed as error:
        if not is_terminal(error):
            raise resumable(error, f"{name}: {error.step}") from error
        pipeline.abort_packages()
        why = "the build file refused its rows"
        raise RorError("load", name, why, "ror --debug run", ExitCode.DEFECT) from error
