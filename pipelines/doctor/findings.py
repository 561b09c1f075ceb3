"""What an examination says: one line per check, and what to do where something is wrong."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from pipelines.errors import ExitCode, RorError

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of the examination; `code` is the exit code that a failure asks for."""

    name: str
    level: Level
    text: str
    next_step: str = ""
    code: ExitCode = ExitCode.OK


def misconfigured(name: str, text: str, next_step: str) -> Finding:
    """A failure that a change of configuration or rights puts right."""
    return Finding(name, "fail", text, next_step, ExitCode.CONFIGURATION)


def unusable(name: str, text: str, next_step: str) -> Finding:
    """A failure of disk, memory or files."""
    return Finding(name, "fail", text, next_step, ExitCode.CANNOT_WRITE)


def from_fault(name: str, error: RorError | OSError) -> Finding:
    """A check that could not finish, as a finding."""
    label = name.replace("_", " ")
    if isinstance(error, RorError):
        known = (ExitCode.CREDENTIAL, ExitCode.CONFIGURATION)
        code = error.code if error.code in known else ExitCode.CANNOT_WRITE
        return Finding(label, "fail", f"{error.where}: {error.why}", error.next_step, code)
    why = os.strerror(error.errno) if error.errno else "cannot be read"
    return unusable(label, f"{error.filename or 'file'}: {why}", "correct owner and mode")
