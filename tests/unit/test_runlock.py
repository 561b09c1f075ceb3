import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines import runlock
from pipelines.errors import ExitCode, RorError

NOW = datetime(2026, 11, 21, 2, 0, 4, tzinfo=UTC)
HOLDER = """
import sys, time
from datetime import datetime, UTC
from pathlib import Path
from pipelines import runlock
with runlock.hold(Path(sys.argv[1]), "r1", "ror run", datetime(2026, 11, 21, 2, 0, 4, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "run.lock")], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()


def test_hold_when_another_process_holds_then_refuses_at_once_naming_it(tmp_path, other):
    started = time.monotonic()
    with (
        pytest.raises(RorError) as refused,
        runlock.hold(tmp_path / "run.lock", "r2", "ror run", NOW),
    ):
        pass
    assert time.monotonic() - started < 60
    assert refused.value.code is ExitCode.TRY_AGAIN
    expected = f"run r1 (pid {other.pid}, since 2026-11-21 02:00:04 UTC) holds the lock"
    assert expected in refused.value.line()


def test_hold_when_holder_was_killed_then_is_free(tmp_path, other):
    other.kill()
    other.wait()
    assert runlock.holder(tmp_path / "run.lock") is None
    with runlock.hold(tmp_path / "run.lock", "r2", "ror run", NOW):
        assert runlock.holder(tmp_path / "run.lock")["run_id"] == "r2"
    assert runlock.holder(tmp_path / "run.lock") is None


def test_start_ticks_when_process_lives_then_constant_and_zero_when_gone():
    assert runlock.start_ticks(os.getpid()) == runlock.start_ticks(os.getpid()) > 0
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert runlock.start_ticks(process.pid) == 0


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc")
def test_end_leftovers_when_child_ignores_sigterm_then_it_is_killed_and_others_live():
    stubborn = (
        "import signal,time;signal.signal(signal.SIGTERM,signal.SIG_IGN);"
        "print(1,flush=True);time.sleep(60)"
    )
    environment = dict(os.environ) | {runlock.RUN_VARIABLE: "dead-run"}
    child = subprocess.Popen(
        [sys.executable, "-c", stubborn], env=environment, stdout=subprocess.PIPE
    )
    other = subprocess.Popen(
        [sys.executable, "-c", "import time;time.sleep(60)"],
        env=dict(os.environ) | {runlock.RUN_VARIABLE: "dead-run-2"},
    )
    child.stdout.readline()
    try:
        assert runlock.end_leftovers("dead-run", grace_seconds=0.3) == [child.pid]
        assert child.wait(5) == -signal.SIGKILL
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
        child.poll() is None and child.kill()
