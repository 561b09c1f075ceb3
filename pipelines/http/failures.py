"""The two ways in which the kernel ends a source. Both are one line without a value in it."""

from __future__ import annotations

from datetime import datetime

from pipelines.errors import ExitCode, RorError
from pipelines.http.classify import Fatal

LONGEST_CAUSE = 120  # characters; the whole line stays near 200
DOCTOR = "ror doctor --source {source}"
AGAIN = ("ror run; if it stays, report it", ExitCode.UNAVAILABLE)
# What a person does first, and the exit code, by fault; for every other fault: AGAIN.
FAULTS: dict[str, tuple[str, ExitCode]] = {
    "token_refused": (DOCTOR, ExitCode.CREDENTIAL),
    "refused": (DOCTOR, ExitCode.UNAVAILABLE),
    "foreign_origin": ("check the address of {source}", ExitCode.UNAVAILABLE),
    "private_address": ("check the address of {source}", ExitCode.CONFIGURATION),
    "invalid": ("check the settings of {source}", ExitCode.CONFIGURATION),
    "too_large": ("ask {source} for smaller pages", ExitCode.UNAVAILABLE),
    "unavailable": ("ror run later", ExitCode.UNAVAILABLE),
}


class SourceFailed(RorError):  # noqa: N818 - it is the status that the source ends with
    """A person is needed: the source's status is `failed`. `fault` is the cause in one word.

    `resource`: what was asked for. The next step and the exit code are those of `FAULTS`.
    """

    def __init__(self, source: str, resource: str, fatal: Fatal) -> None:
        self.fault = fatal.fault
        hint, code = FAULTS.get(fatal.fault, AGAIN)
        next_step = (fatal.hint or hint).replace("{source}", source)
        why = fatal.why[:LONGEST_CAUSE]
        super().__init__("extract", f"{source}/{resource}", why, next_step, code)


class SourceStopped(RorError):  # noqa: N818 - it is the reason for the status `partial`
    """A budget or a cap is used up: what was read is kept, the source's status is `partial`.

    `until`: the instant (UTC) from which another try makes sense; None: the next run.
    """

    def __init__(self, source: str, resource: str, why: str, until: datetime | None = None) -> None:
        self.until = until
        when = f" after {until:%Y-%m-%d %H:%M} UTC" if until else ""
        where, next_step = f"{source}/{resource}", f"ror run{when}"
        super().__init__("extract", where, why[:LONGEST_CAUSE], next_step, ExitCode.TRY_AGAIN)
