"""The graph: raw tables from dlt, models from dbt, and the published warehouse.

Annotations are real objects here: Dagster looks at them.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dlt
import pyarrow as pa
from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    BackfillPolicy,
    DailyPartitionsDefinition,
    MaterializeResult,
    asset,
    multi_asset,
)
from dagster_dbt import dbt_assets
from dagster_dlt import dlt_assets

from pipelines import failpoints, publish
from pipelines.analytics.solve import READS, WRITES, solve
from pipelines.analytics.tables import SCHEMA
from pipelines.context import RunContext, reported_date
from pipelines.errors import ExitCode, RorError
from pipelines.identity import proposals
from pipelines.identity.landing import land_night
from pipelines.loading import load_api, load_files
from pipelines.loading.api.tables import raw_tables
from pipelines.loading.results import SourceResult, Status
from pipelines.orchestration.build import run_build
from pipelines.orchestration.keys import POOL, ModelTranslator, RawTranslator
from pipelines.orchestration.resources import Night
from pipelines.recognition import solve as recognition
from pipelines.settings import METRIC_VIEWS, Settings
from pipelines.sources.files import files
from pipelines.sources.reading import Window
from pipelines.sources.spec import Source
from pipelines.sources.tables import landing_source

SOLVE_READS = (*READS, *recognition.READS, *proposals.READS)
SOLVE_WRITES = (*WRITES, *recognition.WRITES, *proposals.WRITES)
FIRST_PARTITION = "2010-01-01"
AFTER_SOLVING = f"source:{SCHEMA}+"  # dbt's selection of the second half
# Tests of the second half may also look at tables of the first.
WITH_EARLIER_PARENTS = ("--indirect-selection", "buildable")
# An API that fails for any other reason fails alone.
ENDS_THE_NIGHT = (ExitCode.DATA_REFUSED, ExitCode.CANNOT_WRITE, ExitCode.TRY_AGAIN)


class Nothing:
    """A landing without rows: enough to declare the assets."""

    def tables(self, _name: str) -> Iterator[pa.Table]:
        """No tables."""
        return iter(())


def daily_partitions(settings: Settings) -> DailyPartitionsDefinition:
    """A partition is a date; the night after it loads what is new and reports up to its end.

    A night of the past, run again, reads again what it landed then, and reports as of today.
    """
    return DailyPartitionsDefinition(start_date=FIRST_PARTITION, timezone=settings.time_zone)


def raw_files_assets(settings: Settings) -> AssetsDefinition:
    """`raw_files/<entity>`: what the file drop landed."""

    @dlt_assets(
        dlt_source=files(Nothing()),
        dlt_pipeline=dlt.pipeline(pipeline_name="files", destination="duckdb"),
        name="raw_files",
        dagster_dlt_translator=RawTranslator(),
        partitions_def=daily_partitions(settings),
        backfill_policy=BackfillPolicy.single_run(),
        pool=POOL,
    )
    def raw_files(context: AssetExecutionContext, night: Night) -> Iterator[MaterializeResult[Any]]:
        result = load_files(
            night.run,
            frozenset(night.accept_shrink),
            nights_again(night.again, context.partition_keys, night.run),
            is_recovery=night.is_recovery,
        )
        if result.status is Status.FAILED:
            with night.run.ledger.phase(night.run.run_id, "load", "verdict"):
                raise _refused(result)
        for key in context.selected_asset_keys:
            rows = result.rows.get(key.path[-1], 0)
            yield MaterializeResult(
                asset_key=key, metadata={"rows": rows, "status": str(result.status)}
            )

    return raw_files


def raw_api_assets(source: Source, settings: Settings) -> AssetsDefinition:
    """`raw_<source>/<resource>`: what an API landed. Its failure degrades the night, no more."""

    @dlt_assets(
        dlt_source=landing_source(source.name, raw_tables(source), Nothing().tables),
        dlt_pipeline=dlt.pipeline(pipeline_name=source.name, destination="duckdb"),
        name=f"raw_{source.name}",
        dagster_dlt_translator=RawTranslator(),
        partitions_def=daily_partitions(settings),
        backfill_policy=BackfillPolicy.single_run(),
        pool=POOL,
    )
    def raw_api(context: AssetExecutionContext, night: Night) -> Iterator[MaterializeResult[Any]]:
        run = night.run
        again = nights_again(night.again, context.partition_keys, run)
        window = backfill_window(again, settings.time_zone)
        try:
            result = load_api(source, run, window, is_recovery=night.is_recovery)
        except RorError as error:
            if error.code in ENDS_THE_NIGHT:
                raise
            result = SourceResult(source.name)
            with run.ledger.phase(run.run_id, "load", source.name) as phase:
                phase.result, phase.note = "degraded", error.line()
        for key in context.selected_asset_keys:
            rows = result.rows.get(key.path[-1], 0)
            yield MaterializeResult(
                asset_key=key, metadata={"rows": rows, "status": str(result.status)}
            )

    return raw_api


def backfill_window(nights: frozenset[date], time_zone: str) -> Window | None:
    """What is read again for nights of the past: from the first of the dates to the end of the
    last one, in the brand's zone; None for no nights.
    """
    if not nights:
        return None
    zone = ZoneInfo(time_zone)
    first, after = min(nights), max(nights) + timedelta(days=1)
    since, until = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, after))
    return Window(since, until)


def nights_again(asked: list[str], partitions: Sequence[str], run: RunContext) -> frozenset[date]:
    """Dates whose nights are to be repeated: those asked for, and partitions of the past."""
    tonight = reported_date(run.as_of, run.settings.time_zone)
    past = [key for key in partitions if date.fromisoformat(key) < tonight]
    return frozenset(date.fromisoformat(key) for key in (*asked, *past))


def _refused(result: SourceResult) -> RorError:
    why = next(iter(result.problems()), "every feed with a new file was refused")
    return RorError("load", "files", why, "ror quarantine list", ExitCode.DATA_REFUSED)


def model_assets(manifest: Path) -> list[AssetsDefinition]:
    """Every dbt model and seed as an asset, every dbt test as an asset check.

    In two halves: before what Python solves, and all that rests on it.
    """

    @dbt_assets(
        manifest=manifest,
        name="dbt_build",
        exclude=AFTER_SOLVING,
        dagster_dbt_translator=ModelTranslator(),
        pool=POOL,
    )
    def dbt_build(context: AssetExecutionContext, night: Night) -> Iterator[Any]:
        run = night.run
        with run.ledger.phase(run.run_id, "build"):
            failpoints.hit("build.before")
            with publish.build_connection(run.settings) as connection:
                land_night(connection, run)
            yield from run_build(run, context)

    @dbt_assets(
        manifest=manifest,
        name="dbt_build_solved",
        select=AFTER_SOLVING,
        dagster_dbt_translator=ModelTranslator(),
        pool=POOL,
    )
    def dbt_build_solved(context: AssetExecutionContext, night: Night) -> Iterator[Any]:
        run = night.run
        with run.ledger.phase(run.run_id, "build", "solved"):
            yield from run_build(run, context, *WITH_EARLIER_PARENTS)
            failpoints.hit("build.after")

    return [dbt_build, dbt_build_solved]


@multi_asset(
    name="solve",
    specs=[
        AssetSpec(
            AssetKey([SCHEMA, table]),
            deps=[AssetKey(name.split(".")) for name in SOLVE_READS],
            group_name=SCHEMA,
        )
        for table in SOLVE_WRITES
    ],
    pool=POOL,
)
def solved_assets(night: Night) -> Iterator[MaterializeResult[Any]]:
    """`solved/<table>`: what Python solves between the two halves of the build."""
    run = night.run
    with run.ledger.phase(run.run_id, "solve") as record:
        failpoints.hit("solve.before")
        with publish.build_connection(run.settings) as connection:
            record.rows_out = solve(connection, run.settings.annual_discount_rate)
            recognition.solve_recognition(connection, run.settings)
            if proposals.is_installed():
                proposals.propose(connection, run.settings)
            else:
                record.note = "without splink nobody is proposed as one person"
    for table in SOLVE_WRITES:
        yield MaterializeResult(asset_key=AssetKey([SCHEMA, table]))


def refuse_if_blocked(run: RunContext) -> None:
    """The gate: whatever is selected or retried, a run with a blocking result does not publish."""
    blocking = [r for r in run.ledger.quality_results(run.run_id) if r["outcome"] == "block"]
    if blocking:
        where, why = blocking[0]["check_id"], f"blocks, with {len(blocking) - 1} more"
        raise RorError("publish", where, why, "ror status --checks", ExitCode.BLOCKED)


def published_asset(models: Sequence[AssetsDefinition], manifest: Path) -> AssetsDefinition:
    """`published/warehouse`: the file that readers open."""
    tables = publish.published_tables(manifest)
    public = {(table.schema, table.name) for table in tables}
    upstream = [key for half in models for key in half.keys if tuple(key.path) in public]

    @asset(
        key=AssetKey(["published", "warehouse"]), deps=upstream, group_name="published", pool=POOL
    )
    def published_warehouse(night: Night) -> MaterializeResult[Any]:
        run = night.run
        with run.ledger.phase(run.run_id, "publish") as record:
            refuse_if_blocked(run)
            views = publish.metric_views(METRIC_VIEWS)
            publication = publish.publish(run, tables, publish.watermarks(run.settings), views)
            record.rows_out = sum(publication.tables.values())
        return MaterializeResult(
            metadata={"path": str(publication.path), "bytes": publication.bytes}
        )

    return published_warehouse
