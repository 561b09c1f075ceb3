"""dbt as the night calls it."""

from __future__ import annotations

import subprocess

import pytest
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.types import Note

from pipelines import dbt_process
from pipelines.orchestration.build import EXECUTABLE, PinnedDbt
from pipelines.settings import DBT_PROJECT


def test_events_when_debug_then_dropped_and_all_others_are_logged() -> None:
    manager, seen = EventManager(), []
    manager.add_callback(lambda message: seen.append(message.info.level))
    for level in EventLevel:
        dbt_process._fire_seen(manager, Note(msg="hello"), level)
    assert seen == ["info", "warn", "error"]


def test_resource_when_asked_for_dbts_version_then_no_process_asks_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*arguments: object, **_: object) -> None:
        raise AssertionError(f"started {arguments}")

    monkeypatch.setattr(subprocess, "check_output", refuse)
    monkeypatch.setattr("dagster_dbt.core.resource.check_output", refuse)
    dbt = PinnedDbt(
        project_dir=str(DBT_PROJECT), profiles_dir=str(DBT_PROJECT), dbt_executable=str(EXECUTABLE)
    )
    assert dbt._cli_version.major == 1
