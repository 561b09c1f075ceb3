"""What the kernel did, as rows of `raw_ops`: one per attempt, and one per oddity it met.

They answer "what did last night cost" and "which call failed" without a log file. Every text goes
through the masker; addresses are stored as templates without values.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from pipelines.contract import Column, ColumnType
from pipelines.http.mask import Masker

LONGEST_ERROR = 500  # characters of a vendor's error object

# Whose row it is, first in each table.
OWNER_COLUMNS: tuple[Column, ...] = (
    Column("run_id", ColumnType.TEXT, "Run that asked.", is_required=True),
    Column("slot", ColumnType.TEXT, "Logical slot of the run, e.g. the night.", is_required=True),
    Column("source", ColumnType.TEXT, "System that was asked.", is_required=True),
    Column("resource", ColumnType.TEXT, "What was asked for.", is_required=True),
)

REQUEST_COLUMNS: tuple[Column, ...] = (
    *OWNER_COLUMNS,
    Column("method", ColumnType.TEXT, "HTTP method.", is_required=True),
    Column("url_template", ColumnType.TEXT, "Path with placeholders, no values, no query."),
    Column("attempt", ColumnType.INTEGER, "1 for the first send of a request.", is_required=True),
    Column("status", ColumnType.INTEGER, "HTTP status; NULL: no answer."),
    Column("outcome", ColumnType.TEXT, "What the kernel made of it.", is_required=True),
    Column("started_at", ColumnType.TIMESTAMP, "When it was sent.", is_required=True),
    Column("elapsed_ms", ColumnType.INTEGER, "Until the body was read, milliseconds."),
    Column("bytes", ColumnType.INTEGER, "Size of the body after decompression."),
    Column("rows", ColumnType.INTEGER, "Rows in the answer."),
    Column("wait_ms", ColumnType.INTEGER, "Waiting before this attempt, milliseconds."),
    Column("cost_micro", ColumnType.INTEGER, "Price, millionths of the currency's unit."),
    Column("version_header", ColumnType.TEXT, "API version that the server reports."),
    Column("request_id", ColumnType.TEXT, "The vendor's own id of the request."),
)

PARTIAL_ERROR_COLUMNS: tuple[Column, ...] = (
    *OWNER_COLUMNS,
    Column("error", ColumnType.TEXT, "The vendor's error object as JSON, cut at 500 characters."),
    Column("seen_at", ColumnType.TIMESTAMP, "When it came.", is_required=True),
)

CAPABILITY_COLUMNS: tuple[Column, ...] = (
    *OWNER_COLUMNS,
    Column("event", ColumnType.TEXT, "unavailable or name_unavailable.", is_required=True),
    Column("subject", ColumnType.TEXT, "Field or metric; NULL: the resource or one object."),
    Column("reason", ColumnType.TEXT, "Why, in one word.", is_required=True),
    Column("seen_at", ColumnType.TIMESTAMP, "When it came.", is_required=True),
)

HTTP_TABLES: dict[str, tuple[Column, ...]] = {
    "requests": REQUEST_COLUMNS,
    "partial_errors": PARTIAL_ERROR_COLUMNS,
    "source_capability_events": CAPABILITY_COLUMNS,
}


@dataclass(frozen=True)
class Attempt:
    """One attempt as the kernel saw it; units and meanings as in `REQUEST_COLUMNS`."""

    resource: str
    method: str
    url_template: str
    attempt: int
    status: int | None
    outcome: str
    started_at: datetime
    elapsed_ms: int
    bytes: int
    rows: int
    wait_ms: int
    cost_micro: int
    version_header: str | None = None
    request_id: str | None = None


@dataclass
class RequestLedger:
    """Collects the rows of one source in one run until somebody lands them. Safe for threads."""

    run_id: str
    slot: str
    source: str
    masker: Masker
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def attempt(self, attempt: Attempt) -> None:
        """Record one attempt."""
        self._add("requests", asdict(attempt))

    def partial_error(self, resource: str, error: Any, seen_at: datetime) -> None:
        """Record an error that came beside data."""
        text = json.dumps(self.masker.value(error), ensure_ascii=False, sort_keys=True)
        row = {"resource": resource, "error": text[:LONGEST_ERROR], "seen_at": seen_at}
        self._add("partial_errors", row)

    def unavailable(
        self, resource: str, reason: str, seen_at: datetime, name: str | None = None
    ) -> None:
        """Record that a resource, an object of it, or one field or metric cannot be read."""
        event = "name_unavailable" if name else "unavailable"
        row = {"resource": resource, "event": event, "subject": name, "reason": reason}
        self._add("source_capability_events", row | {"seen_at": seen_at})

    def take(self, table: str) -> list[dict[str, Any]]:
        """The rows of one of `HTTP_TABLES` that were not taken yet, in order."""
        with self._lock:
            return self._rows.pop(table, [])

    def _add(self, table: str, row: dict[str, Any]) -> None:
        owner = {"run_id": self.run_id, "slot": self.slot, "source": self.source}
        with self._lock:
            self._rows.setdefault(table, []).append(self.masker.value(owner | row))
