"""The checking process as the orchestrator uses it: real children, real imports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from expectations.client import QualityChecker
from expectations.records import CheckRequest, CheckResult, Outcome, Past
from pipelines.errors import ExitCode, RorError
from pipelines.settings import Settings
from tests.support.data import ROOT
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow
AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
CANARY = "ann.canary@example.org"
ROWS = "raw_files.messages.row_count_against_median"


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw messages and a mart, with a canary in every text."""
    raw = RawWarehouse(tmp_path_factory.mktemp("home"))
    texts = ("thread_id", "author_profile_id_key", "agent_id", "text", "language_hint", "case_id")
    raw.land(
        "messages",
        [
            {"message_id": f"{CANARY}{n}", "network": CANARY, "message_kind": "mention",
             "direction": "inbound", "sent_at": "2026-06-30 10:00:00+00"}
            | dict.fromkeys(texts, CANARY)
            for n in range(60)
        ],
    )  # fmt: skip
    with duckdb.connect(str(raw.path)) as con:
        con.execute("create schema marts")
        con.execute(
            "create table marts.interactions as select network as act, sent_at as occurred_at,"
            " network as brand_id, false as is_deleted from raw_files.messages"
        )
    return raw.path


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualityChecker]:
    with QualityChecker(Settings(home=tmp_path_factory.mktemp("ror"))) as started:
        yield started


def test_check_when_asked_twice_then_one_child_answers_both(
    checker: QualityChecker, build: Path
) -> None:
    history = [Past(f"r{n}", 2, 60.0) for n in range(3)]
    raw = {r.check_id: r for r in checker.check("raw", build, "run-1", AS_OF, {ROWS: history})}
    child = checker.pid
    marts = {r.check_id: r for r in checker.check("marts", build, "run-1", AS_OF)}
    assert checker.pid == child
    assert (raw[ROWS].outcome, raw[ROWS].observed) == (Outcome.PASS, 60)
    assert raw["raw_files.messages.largest_author_share"].observed == 1.0
    assert marts["marts.interactions.personal_data_in_texts"].outcome is Outcome.BLOCK
    assert marts["marts.interactions.personal_data_in_texts"].observed == 120  # two columns


def test_check_when_done_then_the_file_is_free_for_writing(
    checker: QualityChecker, build: Path
) -> None:
    checker.check("raw", build, "run-1", AS_OF)
    with duckdb.connect(str(build)) as con:
        con.execute("create or replace table raw_files.free as select 1 as one")


def test_check_when_the_file_is_missing_then_defect_in_one_line(
    checker: QualityChecker, tmp_path: Path
) -> None:
    with pytest.raises(RorError, match=r"none\.duckdb does not exist") as failed:
        checker.check("raw", tmp_path / "none.duckdb", "run-1", AS_OF)
    assert failed.value.code is ExitCode.DEFECT
    assert "\n" not in failed.value.line()


def test_check_when_the_child_died_then_defect_and_the_next_call_starts_another(
    tmp_path: Path, build: Path
) -> None:
    with QualityChecker(Settings(home=tmp_path)) as checker:
        checker.start()
        assert checker.pid
        os.kill(checker.pid, signal.SIGKILL)
        with pytest.raises(RorError, match="ended before it answered") as failed:
            checker.check("raw", build, "run-1", AS_OF)
        assert failed.value.code is ExitCode.DEFECT
        with pytest.raises(RorError, match="does not exist"):  # a living child says so
            checker.check("raw", tmp_path / "none.duckdb", "run-1", AS_OF)


def test_check_when_the_child_hangs_then_defect_after_the_time_limit(
    tmp_path: Path, build: Path
) -> None:
    with QualityChecker(Settings(home=tmp_path), timeout_seconds=1.0) as checker:
        checker.start()
        pid = checker.pid
        assert pid
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(RorError, match="no answer within 1 s") as failed:
            checker.check("raw", build, "run-1", AS_OF)
        assert failed.value.code is ExitCode.DEFECT
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_leaving_when_the_child_still_imports_then_it_is_gone_at_once(tmp_path: Path) -> None:
    with QualityChecker(Settings(home=tmp_path)) as checker:
        checker.start()
        pid = checker.pid
        assert pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def runner(mode: str, lines: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "expectations.runner", mode],
        input="\n".join(lines) + "\n",
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_once_when_the_file_is_missing_then_one_error_line_and_exit_1(tmp_path: Path) -> None:
    request = CheckRequest("raw", str(tmp_path / "none.duckdb"), "run-1", AS_OF)
    done = runner("--once", [json.dumps(request.as_json())] * 2)
    assert done.returncode == 1
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"results": [], "error": "FileNotFoundError: none.duckdb does not exist"}
    ]


def test_answers_when_rows_hold_a_canary_then_it_appears_nowhere_and_nothing_is_written(
    tmp_path: Path, build: Path
) -> None:
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    home.mkdir()
    scratch.mkdir()
    asked = [CheckRequest(suites, str(build), "run-1", AS_OF) for suites in ("raw", "marts")]
    done = runner(
        "--serve",
        [json.dumps(request.as_json()) for request in asked],
        HOME=str(home),
        TMPDIR=str(scratch),
    )
    replies = [json.loads(line) for line in done.stdout.splitlines()]
    assert [reply["error"] for reply in replies] == [None, None]
    assert min(len(reply["results"]) for reply in replies) > 30
    assert "canary" not in done.stdout + done.stderr
    assert [*home.rglob("*"), *scratch.rglob("*")] == []
    assert [path.name for path in build.parent.iterdir()] == [build.name]


def test_serve_when_lines_are_no_requests_then_each_gets_an_error_line() -> None:
    wrong = [
        "no json",
        "[]",
        '{"suites": "raw"}',
        json.dumps({"suites": "raw", "database": "x", "run_id": "a'b", "as_of": "2026-07-01"}),
        json.dumps({"suites": "raw", "database": "x", "run_id": "r", "as_of": "2026-07-01"}),
    ]
    done = runner("--serve", wrong)
    replies = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(replies) == len(wrong)
    assert all(reply["error"] and not reply["results"] for reply in replies)
    assert replies[4]["error"] == "ValueError: as_of needs an offset"


def test_records_when_sent_as_json_then_come_back_equal() -> None:
    request = CheckRequest(
        "raw", "/x", "r1", AS_OF, {"a": [Past("r0", 2, 1.5, AS_OF.date())]}, {"a": "why"}
    )
    assert CheckRequest.from_json(json.loads(json.dumps(request.as_json()))) == request
    result = CheckResult(
        "a.b.c", "s", "a", "b", None, "e", "warn", Outcome.PASS, 1.0, "l", "w", AS_OF
    )
    assert CheckResult.from_json(json.loads(json.dumps(result.as_json()))) == result
