"""Errors of the sentiment engines that a person can act on."""

from __future__ import annotations

from pipelines.errors import ExitCode, RorError


class SentimentConfigError(RorError):
    """Unknown engine, missing extra, missing or broken file; exit 78."""

    def __init__(self, what: str, where: str, why: str, next_step: str) -> None:
        super().__init__(what, where, why, next_step, ExitCode.CONFIGURATION)
