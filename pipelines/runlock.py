"""One run at a time: a kernel lock that no dead process can hold, and an end for its orphans."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pipelines.errors import ExitCode, RorError

RUN_VARIABLE = "ROR_RUN_ID"  # children inherit it: so they are found when their run is dead
GRACE_SECONDS = 10.0


def start_ticks(pid: int) -> int:
    """Start time of a process in clock ticks since boot; 0 when it is gone or /proc is absent.

    Together with the pid it names a process for good: pids are used again, start times are not.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[19])


@contextmanager
def hold(path: Path, run_id: str, command: str, started_at: datetime) -> Iterator[None]:
    """Hold the run lock; exit 75 at once, naming the holder, when another run has it.

    The kernel frees the lock when its holder dies; the text in the file is information only.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refusal(_parse(os.pread(handle, 4096, 0))) from None
        holder = {
            "run_id": run_id,
            "pid": os.getpid(),
            "pid_start_ticks": start_ticks(os.getpid()),
            "host": socket.gethostname(),
            "started_at": f"{started_at:%Y-%m-%d %H:%M:%S} UTC",
            "command": command,
        }
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(holder).encode(), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def holder(path: Path) -> dict[str, object] | None:
    """Who holds the lock now, or None when it is free."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _parse(os.pread(handle, 4096, 0))
    else:
        return None
    finally:
        os.close(handle)


def _parse(text: bytes) -> dict[str, object]:
    try:
        parsed = json.loads(text)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def refusal(who: dict[str, object]) -> RorError:
    """Exit 75, naming the holder."""
    since = f"pid {who.get('pid', '?')}, since {who.get('started_at', '?')}"
    why = f"run {who.get('run_id', 'unknown')} ({since}) holds the lock"
    return RorError("run", "lock", why, "wait, or see: ror status", ExitCode.TRY_AGAIN)


def end_leftovers(run_id: str, grace_seconds: float = GRACE_SECONDS) -> list[int]:
    """End what a dead run left behind (a dbt child outlives a killed parent); returns the pids.

    They are found by the run id in their environment, so a pid that was used again is never hit.
    """
    ended = _living(run_id)
    for number, wait in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, grace_seconds)):
        for pid in _living(run_id):
            os.kill(pid, number)
        deadline = time.monotonic() + wait
        while _living(run_id) and time.monotonic() < deadline:
            time.sleep(0.05)
    return ended


def _living(run_id: str) -> list[int]:
    wanted = f"{RUN_VARIABLE}={run_id}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
            is_zombie = b") Z " in (entry / "stat").read_bytes()
        except OSError:
            continue  # it ended, or it is somebody else's
        if wanted in variables and not is_zombie and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found
