"""The event log that stays open holds what Dagster's own would."""

from datetime import UTC, datetime
from pathlib import Path

from dagster import AssetKey, AssetMaterialization, DagsterEventType, DagsterInstance
from dagster._core.events import DagsterEvent, StepMaterializationData
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipelines.orchestration.event_log import OPEN_FILES, OpenEventLog


def stored(log: SqliteEventLogStorage, run_id: str, name: str) -> None:
    data = StepMaterializationData(AssetMaterialization(AssetKey(["marts", name])))
    event = DagsterEvent(
        DagsterEventType.ASSET_MATERIALIZATION.value, "nightly", event_specific_data=data
    )
    at = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    log.store_event(EventLogEntry(None, 20, "", run_id, at, dagster_event=event))


def test_events_when_of_more_runs_than_stay_open_then_all_are_read_back_by_dagsters_own(
    tmp_path: Path,
) -> None:
    log = OpenEventLog(str(tmp_path))
    log.register_instance(DagsterInstance.ephemeral())
    runs = [f"run-{number}" for number in range(2 * OPEN_FILES)]
    for run_id in [*runs, runs[0]]:
        stored(log, run_id, run_id)
    own = SqliteEventLogStorage(str(tmp_path))
    assert [len(own.get_logs_for_run(run_id)) for run_id in runs] == [2] + [1] * (len(runs) - 1)
    assert {key.path[-1] for key in own.all_asset_keys()} == set(runs)
    assert len(log._engines) <= OPEN_FILES
    log.dispose()
    assert not log._engines


def test_log_when_wiped_then_nothing_is_left_and_it_goes_on(tmp_path: Path) -> None:
    log = OpenEventLog(str(tmp_path))
    log.register_instance(DagsterInstance.ephemeral())
    stored(log, "run-1", "orders")
    log.wipe()
    assert not list(log.all_asset_keys())
    stored(log, "run-2", "orders")
    assert [entry.run_id for entry in log.get_logs_for_run("run-2")] == ["run-2"]
