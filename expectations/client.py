"""The orchestrator's side of the checking process."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from types import TracebackType

from expectations.records import CheckRequest, CheckResult, Past
from pipelines.errors import ExitCode, RorError
from pipelines.settings import ROOT, Settings

TIMEOUT_SECONDS = 300.0
STOP_SECONDS = 5.0


class QualityChecker:
    """Runs suites in a child process, so that its slow start overlaps other work.

    A context manager; leaving it ends the child. `start()` may be called early; `check` starts the
    child when nobody did. The child opens the file read-only, so no writer may hold it during
    `check`; between calls the child holds nothing. It inherits our environment and turns telemetry
    off itself.
    """

    def __init__(self, settings: Settings, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._settings = settings
        self._timeout_seconds = timeout_seconds
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> QualityChecker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """Process id of the child; None when none runs."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        """Start the child if none runs; it begins to import at once."""
        if self._child is not None:
            return
        self._settings.logs.mkdir(parents=True, exist_ok=True)
        with (self._settings.logs / "checks.log").open("a", encoding="utf-8") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "expectations.runner", "--serve"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )

    def stop(self) -> None:
        """End the child, if any, and wait until it is gone."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def check(
        self,
        suites: str,
        database: Path,
        run_id: str,
        as_of: datetime,
        baselines: Mapping[str, Sequence[Past]] | None = None,
        accept: Mapping[str, str] | None = None,
    ) -> list[CheckResult]:
        """Results of all checks of `suites` (`raw` or `marts`) on the file `database`.

        `baselines`: what earlier good runs observed, by check id. `accept`: reasons to let named
        checks pass once. Exit 70 when the child dies, hangs, or answers with an error.
        """
        request = CheckRequest(
            suites=suites,
            database=str(database),
            run_id=run_id,
            as_of=as_of,
            baselines=baselines or {},
            accept=accept or {},
            memory_limit_mb=self._settings.memory_limit_mb,
            threads=self._settings.threads,
        )
        reply = json.loads(self._ask(json.dumps(request.as_json()), suites))
        if reply["error"] is not None:
            raise _defect(suites, reply["error"])
        return [CheckResult.from_json(entry) for entry in reply["results"]]

    def _ask(self, line: str, suites: str) -> str:
        self.start()
        child, answers = self._child, queue.Queue[str]()
        # In a thread of its own: writing blocks too when the child hangs, and must not block us.
        threading.Thread(target=_exchange, args=(child, line, answers), daemon=True).start()
        try:
            answer = answers.get(timeout=self._timeout_seconds)
        except queue.Empty:
            self.stop()
            why = f"no answer within {self._timeout_seconds:.0f} s"
            raise _defect(suites, why) from None
        if not answer:
            self.stop()
            raise _defect(suites, "the checking process ended before it answered")
        return answer


@cache
def checker_of(settings: Settings) -> QualityChecker:
    """The one checker of this process and home: it may be started long before it is used."""
    return QualityChecker(settings)


def _exchange(child: subprocess.Popen[str], line: str, answers: queue.Queue[str]) -> None:
    """Write one line, read one line; an empty answer says that the child is gone."""
    try:
        if child.stdin is not None and child.stdout is not None:
            child.stdin.write(line + "\n")
            child.stdin.flush()
            answers.put(child.stdout.readline())
    except (OSError, ValueError):
        answers.put("")


def _defect(suites: str, why: str) -> RorError:
    return RorError("checks", suites, why, "see logs/checks.log, then ror run", ExitCode.DEFECT)
