"""The bracket around every run: lock, recovery from dead runs, heartbeat, final status, alert."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from pipelines import alerts, failpoints, publish, runlock
from pipelines.clock import Clock, SystemClock
from pipelines.context import RunContext, new_run_id, reporting_instant
from pipelines.home import prepare_home
from pipelines.ledger import Ledger
from pipelines.settings import ROOT, Settings, set_process_environment

HEARTBEAT_SECONDS = 15.0
PACKAGES = (
    "ror-warehouse",
    "duckdb",
    "dlt",
    "dbt-core",
    "dbt-duckdb",
    "dagster",
    "great-expectations",
)
logger = logging.getLogger("ror")
_wire_clock: ContextVar[Clock | None] = ContextVar("wire_clock", default=None)


@contextmanager
def simulated_network(clock: Clock) -> Iterator[None]:
    """Nights in this context talk to a simulated network and wait by its clock."""
    token = _wire_clock.set(clock)
    try:
        yield
    finally:
        _wire_clock.reset(token)


@contextmanager
def night(
    settings: Settings,
    command: str,
    *,
    clock: Clock | None = None,
    as_of: datetime | None = None,
    dagster_run_id: str | None = None,
) -> Iterator[RunContext]:
    """Hold the lock, recover, and run one night; its status is drawn from its phases at the end.

    Exit 75 when another run holds the lock. `as_of`: a Dagster partition's reporting instant.
    """
    clock = clock or SystemClock()
    failpoints.arm(settings.failpoints, testing=settings.testing)
    prepare_home(settings)
    started_at = clock.now()
    run_id = new_run_id(started_at)
    with runlock.hold(settings.lock_file, run_id, command, started_at):
        ledger = Ledger(settings.ledger_file, clock)
        recover(settings, ledger)
        run = RunContext(
            run_id=run_id,
            as_of=as_of or reporting_instant(settings, started_at),
            started_at=started_at,
            settings=settings,
            clock=clock,
            ledger=ledger,
            wire_clock=_wire_clock.get(),
        )
        ledger.start_run(run_id, run.as_of.isoformat(), command, _facts(dagster_run_id))
        set_process_environment({runlock.RUN_VARIABLE: run_id})
        with _heartbeat(run):
            try:
                with ledger.phase(run_id, "preflight"):
                    failpoints.hit("preflight.done")
                yield run
            except BaseException:
                close(run, "failed")
                raise
        close(run, outcome(ledger, run_id))


def recover(settings: Settings, ledger: Ledger) -> None:
    """Bring the ledger in line with the disk after a crash, under the lock, before any writing."""
    for dead in [run for run in ledger.runs() if run["status"] == "running"]:
        if ended := runlock.end_leftovers(dead["run_id"]):
            logger.warning("ended %d processes left by run %s", len(ended), dead["run_id"])
        ledger.finish_run(dead["run_id"], "crashed")
    publish.repair_after_crash(settings, ledger)
    publish.clean_leftovers(settings)


def close(run: RunContext, status: str) -> None:
    """Write the final status down and tell people when it is not ok."""
    run.ledger.finish_run(run.run_id, status)
    if status != "ok":
        lines = [phase["error_line"] for phase in run.ledger.phases(run.run_id)]
        text = next((line for line in reversed(lines) if line), f"run {run.run_id} is {status}")
        level = "warning" if status == "degraded" else "critical"
        rule = "degraded" if status == "degraded" else "not_published"
        alerts.send(run, rule, status, level, text)


def outcome(ledger: Ledger, run_id: str) -> str:
    """Status of a run from its phases: failed, blocked, degraded or ok.

    A run that ended without publishing is at best degraded.
    """
    phases = ledger.phases(run_id)
    results = {phase["result"] or "failed" for phase in phases}
    if "publish" not in {phase["phase"] for phase in phases}:
        results.add("degraded")
    return next((r for r in ("failed", "blocked", "degraded") if r in results), "ok")


@contextmanager
def _heartbeat(run: RunContext) -> Iterator[None]:
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(HEARTBEAT_SECONDS):
            run.ledger.pulse(run.run_id)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _facts(dagster_run_id: str | None) -> dict[str, object]:
    return {
        "versions": {name: _version(name) for name in PACKAGES},
        "git_sha": git_sha(),
        "pid": os.getpid(),
        "pid_start_ticks": runlock.start_ticks(os.getpid()),
        "dagster_run_id": dagster_run_id,
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def git_sha() -> str | None:
    """Commit of the code, where it runs from a checkout."""
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", "HEAD"],
            capture_output=True, text=True, check=False, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
