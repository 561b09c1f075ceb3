import re
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from pipelines.clock import ManualClock
from pipelines.errors import ExitCode, RorError
from pipelines.ledger import Ledger

FACTS = {"versions": {"duckdb": "1.5.5"}, "git_sha": None, "pid": 1, "pid_start_ticks": 2}
MONDAY = "2026-01-05T00:00:00+00:00"


@pytest.fixture
def clock():
    return ManualClock(datetime(2026, 1, 5, 2, tzinfo=UTC))


@pytest.fixture
def ledger(tmp_path, clock):
    return Ledger(tmp_path / "state" / "ledger.sqlite", clock)


def check_row(check_id, observed, outcome="pass"):
    return {
        "check_id": check_id, "suite": "raw", "table_schema": "raw_files", "table_name": "messages",
        "column_name": None, "expectation": "row_count", "severity": "warn", "outcome": outcome,
        "observed": observed, "limit_text": ">= 1", "because": "b", "evaluated_at": MONDAY,
    }  # fmt: skip


def test_ledger_when_created_then_only_the_owner_may_read_it(ledger):
    assert ledger.path.stat().st_mode & 0o777 == 0o600


def test_phase_when_work_succeeds_then_counts_and_times_are_recorded(ledger, clock):
    ledger.start_run("r1", MONDAY, "ror run", FACTS)
    with ledger.phase("r1", "load", "files") as phase:
        clock.sleep(3)
        phase.rows_in, phase.rows_out = 10, 9
    (row,) = ledger.phases("r1")
    assert (row["phase"], row["source"], row["result"]) == ("load", "files", "ok")
    assert (row["rows_in"], row["rows_out"]) == (10, 9)
    elapsed = datetime.fromisoformat(row["finished_at"]) - datetime.fromisoformat(row["started_at"])
    assert elapsed == timedelta(seconds=3)


def test_phase_when_a_known_error_rises_then_its_line_and_code_are_kept(ledger):
    error = RorError("audit", "marts.x", "3 rows", "ror status", ExitCode.BLOCKED)
    with pytest.raises(RorError), ledger.phase("r1", "audit"):
        raise error
    (row,) = ledger.phases("r1")
    assert (row["result"], row["exit_code"], row["error_line"]) == ("blocked", 20, error.line())


def test_phase_when_an_unknown_error_rises_then_its_text_is_not_kept(ledger):
    with pytest.raises(ValueError, match="ann@example"), ledger.phase("r1", "load"):
        raise ValueError("ann@example.org")
    (row,) = ledger.phases("r1")
    assert row["result"] == "failed"
    assert row["exit_code"] == 70
    assert "ann" not in row["error_line"]


def test_phase_when_our_code_breaks_then_its_line_says_where(ledger):
    with pytest.raises(AttributeError), ledger.phase("r1", "solve"):
        Ledger.phases(None, "r1")
    (row,) = ledger.phases("r1")
    line = r"solve: unexpected AttributeError at ledger\.py:\d+; next: ror --debug run"
    assert re.fullmatch(line, row["error_line"])


def test_phase_when_the_process_dies_then_row_stands_unfinished(ledger):
    left_open = ledger.phase("r1", "load")
    left_open.__enter__()  # the process would end here: nobody leaves the phase
    (row,) = ledger.phases("r1")
    assert (row["finished_at"], row["result"]) == (None, None)


def test_beat_when_progress_stands_still_then_the_beat_moves_and_the_progress_time_does_not(
    ledger, clock
):
    ledger.beat("r1", "build", 4)
    clock.sleep(60)
    ledger.beat("r1", "build", 4)
    beat = ledger.heartbeat("r1")
    gap = datetime.fromisoformat(beat["beat_at"]) - datetime.fromisoformat(beat["progressed_at"])
    assert gap == timedelta(seconds=60)
    ledger.beat("r1", "build", 5)
    assert ledger.heartbeat("r1")["progressed_at"] == ledger.heartbeat("r1")["beat_at"]


def test_last_counts_when_two_runs_recorded_then_only_the_newer_counts(ledger, clock):
    ledger.record_counts("r1", "raw", {"orders": 5, "refunds": 1})
    clock.sleep(1)
    ledger.record_counts("r2", "raw", {"orders": 7})
    assert ledger.last_counts("raw") == {"orders": 7}
    assert ledger.last_counts("build") == {}


def test_baselines_when_runs_failed_then_their_values_are_left_out(ledger):
    for run_id, status, value in (
        ("r1", "ok", 1.0),
        ("r2", "failed", 9.0),
        ("r3", "degraded", 2.0),
    ):
        ledger.start_run(run_id, MONDAY, "ror run", FACTS)
        ledger.record_quality(run_id, [check_row("c", value), check_row("silent", None)])
        ledger.finish_run(run_id, status)
    assert ledger.baselines() == {
        "c": [
            {"run_id": "r3", "as_of": MONDAY, "weekday": 0, "value": 2.0},
            {"run_id": "r1", "as_of": MONDAY, "weekday": 0, "value": 1.0},
        ]
    }


def test_alert_when_repeated_within_a_day_then_it_is_not_new(ledger, clock):
    assert ledger.alert("r1", "source_failed", "files", "warning", "t")
    clock.sleep(3600)
    assert not ledger.alert("r2", "source_failed", "files", "warning", "t")
    assert ledger.alert("r2", "source_failed", "hubspot", "warning", "t")
    clock.sleep(90_000)
    assert ledger.alert("r3", "source_failed", "files", "warning", "t")
    assert len(ledger.alerts()) == 4


def test_publications_when_withdrawn_and_served_again_then_withdrawal_is_lifted(ledger):
    ledger.record_publication("r1", "ab", 10)
    ledger.withdraw_publication("r1")
    assert ledger.publications()[0]["withdrawn_at"] is not None
    ledger.record_publication("r1", "ab", 10)
    assert ledger.publications()[0]["withdrawn_at"] is None


def test_hold_when_set_then_survives_reopening(ledger, tmp_path):
    assert not ledger.is_held()
    ledger.set_hold(True)
    assert Ledger(ledger.path).is_held()


def test_ledger_when_another_process_writes_then_reading_still_works(ledger):
    with sqlite3.connect(ledger.path) as writer:
        writer.execute("begin immediate")
        assert ledger.runs() == []
