"""One error type with an exit code and one line for the person who has to act."""

from __future__ import annotations

import traceback
from enum import IntEnum
from pathlib import Path

PACKAGE = Path(__file__).parent


class ExitCode(IntEnum):
    """Process exit codes; the meanings are those of sysexits.h where one fits."""

    OK = 0
    DEGRADED = 10  # only with --strict
    BLOCKED = 20  # built, but audit or verification failed
    USAGE = 64
    DATA_REFUSED = 65
    UNAVAILABLE = 69
    DEFECT = 70
    CANNOT_WRITE = 73
    TRY_AGAIN = 75
    CREDENTIAL = 77
    CONFIGURATION = 78
    WATCHDOG = 124


class RorError(Exception):
    """A failure that a person can act on.

    `what`: the phase or command; `where`: source, table or path; `why`: the cause without any value
    of a row, secret or address query; `next_step`: the command or action that comes next.
    """

    def __init__(self, what: str, where: str, why: str, next_step: str, code: ExitCode) -> None:
        self.what, self.where, self.why, self.next_step, self.code = (
            what,
            where,
            why,
            next_step,
            code,
        )
        super().__init__(self.line())

    def line(self) -> str:
        """`<what>: <where>: <why>; next: <command>` on one line."""
        return f"{self.what}: {self.where}: {self.why}; next: {self.next_step}"


def memory_ended(what: str, where: str, limit_mb: int, *also: str) -> RorError:
    """Exit 73: DuckDB needs more than the settings give it; `also`: what else a reader asks."""
    why = "; ".join((f"needs more than {limit_mb} MiB", *also))
    next_step = "raise ROR_MEMORY_LIMIT_MB, then ror run"
    return RorError(what, where, why, next_step, ExitCode.CANNOT_WRITE)


def place_of(error: BaseException) -> str:
    """`folder/file.py:line` below `pipelines` where our code last met the error; no values."""
    places = [
        f"{Path(frame.filename).relative_to(PACKAGE)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(PACKAGE)
    ]
    return places[-1] if places else "outside of it"
