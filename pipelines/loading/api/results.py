"""What loading an API came to: rows of the quarantine and of complete reads, verdict, alerts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.context import RunContext
from pipelines.loading.api.extract import UNFIT, Extracted
from pipelines.loading.api.state import ApiState
from pipelines.loading.api.values import json_text
from pipelines.loading.results import FeedResult, FileResult, FileStatus, SourceResult
from pipelines.loading.rows import canonical, quarantine_id
from pipelines.sources.reading import Reading
from pipelines.sources.spec import Source


def read_rows(reading: Reading, found: Extracted, run: RunContext) -> list[dict[str, Any]]:
    """Rows of `complete_reads`; a listing with unfit objects was not read."""
    return [
        {
            "resource": resource,
            "account_id": account,
            "window_since": window.since,
            "window_until": window.until,
            "read_at": reading.now,
            "is_backfill": reading.backfill is not None,
            "slot": reading.slot,
            "run_id": run.run_id,
        }
        for resource, account, window in reading.read
        if resource not in found.refused
    ]


def quarantine_rows(
    source: Source, found: Extracted, state: ApiState, run: RunContext
) -> list[dict[str, Any]]:
    """New rows of the quarantine: an object that was refused before is not refused again."""
    rows: dict[str, dict[str, Any]] = {}
    for reject in found.rejects:
        payload = canonical(json_text(reject.item))
        key = quarantine_id(source.name, reject.resource, payload)
        if key in state.quarantine_ids or key in rows:
            continue
        rows[key] = {
            "quarantine_id": key,
            "source": source.name,
            "feed": reject.resource,
            "entity": reject.resource,
            "reason": reject.reason,
            "field": reject.field,
            "payload": payload,
            "action": reject.action,
            "run_id": run.run_id,
            "seen_at": run.started_at,
        }
    return list(rows.values())


def result_of(
    source: Source, reading: Reading, found: Extracted, landed: Mapping[str, int],
    load_ids: tuple[str, ...],
) -> SourceResult:  # fmt: skip
    """The verdict, with one line per resource that was asked for."""
    feeds = []
    for resource in source.resources:
        name = resource.name
        detail = found.error.why if found.error and name == found.failed_resource else ""
        if name in found.refused:
            detail = UNFIT
        read, rejected = found.rows_read[name], found.rejected[name]
        if not read and not detail:
            continue
        file = FileResult(
            name, FileStatus.REJECTED if name in found.refused else FileStatus.LOADED, read,
            landed.get(name, 0), rejected, reasons=dict(found.reasons.get(name, {})),
        )  # fmt: skip
        feeds.append(FeedResult(name, (file,) if read else (), detail=detail))
    feeds += [FeedResult("access", detail=line) for line in sorted(set(reading.unavailable))]
    return SourceResult(source.name, tuple(feeds), {k: v for k, v in landed.items() if v}, load_ids)
