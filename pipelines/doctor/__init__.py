"""The examination of a machine, a home and its files; it changes nothing and calls nobody,
unless it is asked to ask an API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipelines.doctor.files import feeds, pseudonym_key, published, raw_rows, seeds
from pipelines.doctor.findings import Finding, from_fault
from pipelines.doctor.home import disk, folders, leftovers, links, lock, place
from pipelines.doctor.machine import failpoints_off, memory, python, telemetry, versions, zones
from pipelines.doctor.sources import ask, sources
from pipelines.errors import ExitCode, RorError
from pipelines.settings import Settings

Check = Callable[[Settings], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    python, versions, telemetry, zones, failpoints_off, memory,
    place, folders, links, disk, lock, leftovers,
    published, raw_rows, pseudonym_key, feeds, seeds, sources,
)  # fmt: skip
# What has to be put right first: a wrong configuration may be the cause of all the rest.
CODES = (ExitCode.CONFIGURATION, ExitCode.CREDENTIAL, ExitCode.CANNOT_WRITE)

__all__ = ["Finding", "ask", "examine", "exit_code"]


def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order in which one puts things right; a broken check is a finding."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings.extend(check(settings))
        except (RorError, OSError) as error:
            findings.append(from_fault(check.__name__, error))
    return findings


def exit_code(findings: list[Finding]) -> ExitCode:
    """0 without a failure, else 78 before 77 before 73."""
    found = {finding.code for finding in findings if finding.level == "fail"}
    return next((code for code in CODES if code in found), ExitCode.OK)
