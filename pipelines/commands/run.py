"""`ror run`: the nightly job of Dagster, in this process, with progress."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from typing import Any, TextIO

import click

from expectations.client import checker_of
from pipelines import runlock
from pipelines.cli import Options
from pipelines.clock import SystemClock
from pipelines.errors import ExitCode, RorError
from pipelines.home import prepare_home
from pipelines.ledger import Ledger
from pipelines.settings import Settings

TICK_SECONDS = 0.5
QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}  # the event log has it all
UNITS = {
    "load": "rows",
    "extract": "rows",
    "build": "models and tests",
    "publish": "tables",
    "score": "texts",
    "solve": "problems",
}


@click.command()
@click.option("--as-of", help="Report up to this instant, ISO 8601. [default: last midnight]")
@click.option("--strict", is_flag=True, help="Exit 10, not 0, when the night is degraded.")
@click.option(
    "--accept", multiple=True, metavar="CHECK=REASON", help="Let one check fail this once."
)
@click.option("--accept-shrink", multiple=True, metavar="FEED", help="Let a file of it shrink.")
@click.pass_obj
def run(
    options: Options,
    as_of: str | None,
    strict: bool,
    accept: tuple[str, ...],
    accept_shrink: tuple[str, ...],
) -> int:
    """Run the nightly once: load, build, check, publish.

    Exit 0: published. 20: an audit failed, the last good version stays served. 75: a run is going.
    """
    settings = options.settings()
    accepted = dict(_pair(item) for item in accept)
    status = run_nightly(
        settings, command="ror run", as_of=as_of, accept=accepted, accept_shrink=list(accept_shrink)
    )
    return ExitCode.DEGRADED if strict and status == "degraded" else ExitCode.OK


def run_nightly(
    settings: Settings,
    *,
    command: str,
    as_of: str | None = None,
    accept: dict[str, str] | None = None,
    accept_shrink: list[str] | None = None,
    again: list[str] | None = None,
    is_recovery: bool = False,
) -> str:
    """Run the job and say how it went; returns ok or degraded, raises RorError otherwise."""
    _refuse_if_running(settings)
    prepare_home(settings)
    logging.getLogger("dagster").setLevel(logging.ERROR)
    ledger = Ledger(settings.ledger_file)
    before = {row["run_id"] for row in ledger.runs(1)}
    with _progress(ledger, before), checker_of(settings) as checker:
        checker.start()  # its slow import overlaps ours
        result = _execute(
            settings,
            as_of,
            {
                "command": command,
                "accept": accept or {},
                "accept_shrink": accept_shrink or [],
                "again": again or [],
                "is_recovery": is_recovery,
            },
        )
    mine = [row for row in ledger.runs(1) if row["run_id"] not in before]
    if not mine:
        raise _startup_failure(result)
    return _conclude(ledger, mine[0], result)


def _execute(settings: Settings, as_of: str | None, night: dict[str, Any]) -> Any:
    from dagster import DagsterInstance

    from pipelines.context import reporting_instant
    from pipelines.orchestration.instance import prepare_instance

    prepare_instance(settings)
    from pipelines.orchestration.definitions import defs
    from pipelines.orchestration.jobs import NIGHTLY, partition_key

    instant = (
        datetime.fromisoformat(as_of) if as_of else reporting_instant(settings, SystemClock().now())
    )
    config = night | {"as_of": instant.isoformat()}
    settings.logs.mkdir(parents=True, exist_ok=True)
    log = settings.nightly_log.open("a", buffering=1, encoding="utf-8")
    with log, redirect_stdout(log), _logged(log), DagsterInstance.get() as instance:
        return defs.resolve_job_def(NIGHTLY).execute_in_process(
            run_config={"resources": {"night": {"config": config}}, "loggers": QUIET},
            partition_key=partition_key(instant, settings.time_zone),
            instance=instance,
            raise_on_error=False,
        )


@contextmanager
def _logged(log: TextIO) -> Iterator[None]:
    """Our own log lines go to the log: what a person needs stands once on the terminal."""
    logger, handler = logging.getLogger("ror"), logging.StreamHandler(log)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _conclude(ledger: Ledger, row: dict[str, Any], result: Any) -> str:
    phases = ledger.phases(row["run_id"])
    for phase in phases:
        if phase["result"] in ("failed", "blocked"):
            code = ExitCode(phase["exit_code"] or ExitCode.DEFECT)
            raise ReportedError(phase["error_line"] or f"{phase['phase']}: failed", code)
    if not result.success:
        ledger.finish_run(row["run_id"], "failed")
        raise _outside_phases(result)
    for phase in phases:
        if phase["result"] == "degraded":
            click.echo(f"degraded: {phase['error_line']}", err=True)
    return str(row["status"])


class ReportedError(RorError):
    """A failure whose line is already whole."""

    def __init__(self, line: str, code: ExitCode) -> None:
        self._line = line
        super().__init__("", "", "", "", code)

    def line(self) -> str:
        """The line as the phase recorded it."""
        return self._line


def _outside_phases(result: Any) -> RorError:
    """A step failed where no phase could see it: a defect, or a blocking check without a phase."""
    failed = [event.step_key for event in result.all_events if event.is_step_failure]
    where = failed[0] if failed else "nightly"
    return RorError("run", where, "the step failed", "ror --debug run", ExitCode.DEFECT)


def _startup_failure(result: Any) -> RorError:
    for event in result.all_events:
        failure = getattr(event.event_specific_data, "error", None)
        while failure is not None:
            if failure.cls_name in ("RorError", "ReportedError"):
                return ReportedError(failure.message.strip().partition(": ")[2], ExitCode.TRY_AGAIN)
            failure = failure.cause
    return RorError("run", "start", "the night did not begin", "ror --debug run", ExitCode.DEFECT)


def _refuse_if_running(settings: Settings) -> None:
    """Say so at once, before the slow imports; the lock itself decides later."""
    who = runlock.holder(settings.lock_file)
    if who is not None:
        raise runlock.refusal(who)


def _pair(item: str) -> tuple[str, str]:
    name, separator, reason = item.partition("=")
    if not separator or not reason.strip():
        raise click.UsageError(f"--accept needs CHECK=REASON, got {item!r}")
    return name, reason.strip()


@contextmanager
def _progress(ledger: Ledger, before: set[str]) -> Iterator[None]:
    """Print each phase as it ends, and on a terminal what the current one is doing."""
    stop = threading.Event()
    thread = threading.Thread(target=_watch, args=(ledger, before, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _watch(ledger: Ledger, before: set[str], stop: threading.Event) -> None:
    printed: set[int] = set()
    is_last = False
    while not is_last:
        is_last = stop.wait(TICK_SECONDS)
        current = [row for row in ledger.runs(1) if row["run_id"] not in before]
        if not current:
            continue
        for phase in ledger.phases(current[0]["run_id"]):
            if phase["finished_at"] and phase["phase_id"] not in printed:
                printed.add(phase["phase_id"])
                click.echo(_clear() + _phase_line(phase), err=True)
        beat = ledger.heartbeat(current[0]["run_id"])
        if beat and not is_last and sys.stderr.isatty():
            unit = UNITS.get(beat["phase"], "steps")
            text = f"{_clear()}  {beat['phase']:<10} {beat['progress']:,} {unit}"
            click.echo(text, err=True, nl=False)


def _clear() -> str:
    return "\r\033[K" if sys.stderr.isatty() else ""


def _phase_line(phase: dict[str, Any]) -> str:
    started = datetime.fromisoformat(phase["started_at"])
    seconds = (datetime.fromisoformat(phase["finished_at"]) - started).total_seconds()
    name = f"{phase['phase']} {phase['source'] or ''}".strip()
    rows = f"{phase['rows_out']:>10,} rows" if phase["rows_out"] is not None else ""
    return f"  {name:<18} {phase['result']:<9} {seconds:>7.1f} s {rows}".rstrip()
