"""The orchestrator's side of the checking process."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType

from expectations.records import CheckRequest, CheckResult, Past
from pipelines.errors import ExitCode, RorError
from pipelines.settings import ROOT, Settings, child_environment

TIMEOUT_SECONDS = 300.0


class QualityChecker:
    """Runs suites in a child process, so that its slow start overlaps other work. A context manager.

    `start()` may be called early; `check` starts the child when nobody did. The child opens the file read-only, so
    no writer may hold it during `check`; between calls the child holds nothing. Leaving the context ends the child.
    """

    def __init__(self, settings: Settings, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._settings = settings
        self._timeout_seconds = timeout_seconds
        self._child: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> QualityChecker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the child if none runs; it begins to import at once."""
        if self._child is not None:
            return
        self._settings.logs.mkdir(parents=True, exist_ok=True)
        environment = child_environment(self._settings) | {"PYTHONPATH": str(ROOT)}
        with (self._settings.logs / "checks.log").open("a", encoding="utf-8") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "expectations.runner", "--serve"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )
        self._answers = queue.Queue()
        threading.Thread(
            target=_forward, args=(self._child, self._answers), name="checks", daemon=True
        ).start()

    def stop(self) -> None:
        """End the child, if any, and wait until it is gone."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()

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

        `baselines`: what earlier good runs observed, by check id. `accept`: reasons to let named checks pass once.
        Exit 70 when the child dies, hangs, or answers with an error.
        """
        settings = self._settings
        request = CheckRequest(
            suites=suites,
            database=str(database),
            run_id=run_id,
            as_of=as_of,
            baselines=baselines or {},
            accept=accept or {},
            memory_limit_mb=settings.memory_limit_mb,
            threads=settings.threads,
        )
        reply = json.loads(self._ask(json.dumps(request.as_json()), suites))
        if reply["error"] is not None:
            raise _defect(suites, reply["error"])
        return [CheckResult.from_json(entry) for entry in reply["results"]]

    def _ask(self, line: str, suites: str) -> str:
        self.start()
        child = self._child
        assert child is not None
        assert child.stdin is not None
        try:
            child.stdin.write(line + "\n")
            child.stdin.flush()
            answer = self._answers.get(timeout=self._timeout_seconds)
        except queue.Empty:
            self.stop()
            why = f"no answer within {self._timeout_seconds:.0f} s"
            raise _defect(suites, why) from None
        except OSError:
            answer = ""
        if not answer:
            code = child.wait()
            self.stop()
            raise _defect(suites, f"the checking process ended (code {code})")
        return answer


def _forward(child: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
    """Move answers from the pipe to the queue; an empty one says that the child is gone."""
    assert child.stdout is not None
    try:
        for line in child.stdout:
            answers.put(line)
    except ValueError:  # the pipe was closed by stop()
        pass
    answers.put("")


def _defect(suites: str, why: str) -> RorError:
    return RorError("checks", suites, why, "see logs/checks.log, then ror run", ExitCode.DEFECT)
