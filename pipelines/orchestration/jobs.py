"""The nightly job and when it runs."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dagster import (
    AssetSelection,
    RetryPolicy,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    define_asset_job,
    in_process_executor,
    schedule,
)

from pipelines.context import reported_date
from pipelines.settings import Settings

NIGHTLY = "nightly"
RETRIES = RetryPolicy(max_retries=1, delay=60)


def nightly_job(settings: Settings) -> Any:
    """Everything, in one process: one DuckDB file has one writer."""
    return define_asset_job(
        NIGHTLY,
        selection=AssetSelection.all(),
        executor_def=in_process_executor,
        tags={"dagster/max_runtime": str(settings.max_runtime_minutes * 60)},
    )


def partition_key(as_of: datetime, time_zone: str) -> str:
    """The last date that is complete at `as_of` in the zone."""
    return reported_date(as_of, time_zone).isoformat()


def nightly_schedule(settings: Settings, job: Any) -> ScheduleDefinition:
    """Each night in the brand's time zone, for the date that just ended."""

    @schedule(
        job=job,
        cron_schedule=settings.schedule,
        execution_timezone=settings.time_zone,
        name=NIGHTLY,
    )
    def nightly(context: ScheduleEvaluationContext) -> RunRequest:
        midnight = context.scheduled_execution_time.astimezone(
            ZoneInfo(settings.time_zone)
        ).replace(hour=0, minute=0, second=0, microsecond=0)
        key = partition_key(midnight, settings.time_zone)
        return RunRequest(run_key=key, partition_key=key)

    return nightly
