from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dlt.common import logger
from dlt.common.runtime import anon_tracker
from dlt.destinations.exceptions import DatabaseTerminalException
from dlt.destinations.impl.duckdb.duck import DuckDbCopyJob

from pipelines import failpoints
from pipelines.errors import ExitCode, RorError
from pipelines.loading import load_files
from pipelines.loading.landing import open_pipeline
from pipelines.loading.quarantine import list_quarantine
from pipelines.loading.results import FileStatus, Status
from tests.support.drop import Drop, messages_csv


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path)
    drop.messages_feed()
    return drop


def _refuse(is_bad: Callable[[pa.Table], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the destination refuse, for good, every job whose rows `is_bad` finds."""
    real = DuckDbCopyJob.run

    def run(job: Any) -> None:
        if is_bad(pq.read_table(job._file_path)):
            raise DatabaseTerminalException(ValueError("refused"))
        real(job)

    monkeypatch.setattr(DuckDbCopyJob, "run", run)


def test_load_when_build_file_refuses_one_file_then_the_others_land_and_it_is_named(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, first in (("a.csv", 0), ("b.csv", 10), ("c.csv", 20)):
        drop.put("inbox", name, messages_csv(range(first, first + 3)))
    _refuse(lambda rows: "text" in rows.column_names and "hello 10" in rows["text"].to_pylist(),
            monkeypatch)  # fmt: skip
    result = load_files(drop.run())
    assert {file.name: file.status for file in result.feeds[0].files} == {
        "a.csv": FileStatus.LOADED,
        "b.csv": FileStatus.REJECTED,
        "c.csv": FileStatus.LOADED,
    }
    assert sorted(drop.texts()) == [0, 1, 2, 20, 21, 22]
    (group,) = list_quarantine(drop.settings)
    assert (group.reason, group.first_file) == ("load_failed", "b.csv")


def test_load_when_a_pending_package_is_refused_then_its_files_are_read_again(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(3)))
    failpoints.arm("load.before=crash", testing=True)
    with pytest.raises(failpoints.SimulatedCrash):
        load_files(drop.run())
    failpoints.arm("", testing=True)
    with monkeypatch.context() as patch:
        refused: list[int] = []
        _refuse(lambda rows: not refused and (refused.append(1) or True), patch)
        result = load_files(drop.run())
    assert result.rows == {"messages": 3}
    assert sorted(drop.texts()) == [0, 1, 2]
    (group,) = list_quarantine(drop.settings)
    assert (group.reason, group.first_file) == ("load_failed", "a.csv")


def test_load_when_the_disk_is_full_then_exit_73_and_the_next_run_completes(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(3)))

    def full(job: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(DuckDbCopyJob, "run", full)
        with pytest.raises(RorError, match="disk full") as caught:
            load_files(drop.run())
    assert caught.value.code is ExitCode.CANNOT_WRITE
    assert load_files(drop.run()).status is Status.OK
    assert sorted(drop.texts()) == [0, 1, 2]


def test_open_pipeline_when_opened_then_dlt_sends_nothing_and_its_log_quotes_no_rows(
    drop: Drop,
) -> None:
    open_pipeline(drop.settings, "files")
    assert anon_tracker._ANON_TRACKER_ENDPOINT is None
    assert logger.LOGGER.level == logging.CRITICAL
