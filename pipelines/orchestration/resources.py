"""What every step of a run shares: the night itself and the quality checker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from dagster import ConfigurableResource, InitResourceContext
from pydantic import Field, PrivateAttr

from expectations.client import QualityChecker, checker_of
from pipelines.context import RunContext
from pipelines.night import night
from pipelines.settings import load_settings


class Night(ConfigurableResource["Night"]):
    """Holds the run lock from the first step to the last: one run of Dagster is one night.

    `accept`: checks that may fail once, with the reason. `accept_shrink`: feeds that may shrink.
    `again`: dates whose nights are repeated. `is_recovery`: raw tables may hold fewer rows than
    recorded. `as_of`: reporting instant, ISO 8601; empty: the last midnight.
    """

    command: str = "dagster"
    as_of: str = ""
    accept: dict[str, str] = Field(default_factory=dict)
    accept_shrink: list[str] = Field(default_factory=list)
    again: list[str] = Field(default_factory=list)
    is_recovery: bool = False

    _run: RunContext | None = PrivateAttr(default=None)
    _checker: QualityChecker | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[Night]:
        """Open the night around all steps; the checker's slow start overlaps the loading."""
        settings = load_settings()
        reported = datetime.fromisoformat(self.as_of) if self.as_of else None
        dagster_run_id = context.run.run_id if context.run else None
        with (
            night(settings, self.command, as_of=reported, dagster_run_id=dagster_run_id) as run,
            checker_of(settings) as checker,
        ):
            checker.start()
            self._run, self._checker = run, checker
            yield self

    @property
    def run(self) -> RunContext:
        """The run in progress."""
        if self._run is None:
            raise RuntimeError("the night has not begun")
        return self._run

    @property
    def checker(self) -> QualityChecker:
        """The quality checker of this run."""
        if self._checker is None:
            raise RuntimeError("the night has not begun")
        return self._checker
