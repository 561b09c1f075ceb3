"""Opens an API for one run: its settings, its kernel, and the reading that its resources get."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pipelines.clock import Clock
from pipelines.context import RunContext, reported_date
from pipelines.http import Kernel, Masker, Purse, RequestLedger, Spend, masked_logs
from pipelines.loading.api.state import ApiState
from pipelines.sources.config import settings_of
from pipelines.sources.reading import LastRead, Reading, Window
from pipelines.sources.spec import Source

NOTHING = Spend()


def kernel_of(
    source: Source, config: Any, ledger: RequestLedger, clock: Clock, spent: Spend = NOTHING
) -> Kernel:
    """The kernel of one source for one run; exit 77 without a token. `spent`: this month by
    earlier runs.
    """
    service = source.service(config)
    return Kernel(
        service,
        ledger,
        clock=clock,
        rng=random.Random(f"{ledger.run_id} {source.name}"),  # noqa: S311 - spreads waits
        token=source.token(config),
        purse=Purse(service.budget, spent),
    )


def probe(source: Source, clock: Clock) -> list[str]:
    """Ask a source for its cheapest object; returns what may not be read. Raises RorError."""
    config, ledger = settings_of(source), RequestLedger("doctor", "", source.name, Masker())
    kernel = kernel_of(source, config, ledger, clock)
    reading = Reading(source.name, config, kernel, clock.now(), "")
    with masked_logs(ledger.masker):
        source.probe(reading)
    return reading.unavailable


@contextmanager
def reading_of(
    source: Source, run: RunContext, now: datetime, state: ApiState,
    backfill: Window | None = None,
) -> Iterator[Reading]:  # fmt: skip
    """A reading of the source at `now`; while it is open no log line shows a secret. Exit 78:
    settings. Its slot is the date that the run reports, however often that is repeated.
    """
    config = settings_of(source)
    slot = reported_date(run.as_of, run.settings.time_zone).isoformat()
    ledger = RequestLedger(run.run_id, slot, source.name, Masker())
    clock = run.wire_clock or run.clock
    kernel = kernel_of(source, config, ledger, clock, state.spent_this_month)

    def last_read(resource: str, account: str) -> LastRead:
        return state.last_reads.get((resource, account), LastRead())

    def refused_names(resource: str) -> frozenset[str]:
        return state.refused_names.get(resource, frozenset())

    with masked_logs(ledger.masker):
        yield Reading(source.name, config, kernel, now, slot, backfill, last_read, refused_names)
