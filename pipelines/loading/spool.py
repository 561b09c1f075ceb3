"""Reads one archived file to its end before any of it may land: a file is judged as a whole.

archive ─read_file─▶ checked batches ─pseudonyms─▶ landed rows ─▶ spool/<n>/<entity>.arrow
"""

from __future__ import annotations

import math
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.contract import ENTITIES
from pipelines.files.feeds import Feed
from pipelines.files.intake import ArchivedFile
from pipelines.files.read import read_file, used_encoding
from pipelines.files.refused import FileRefused
from pipelines.loading.candidates import Candidate
from pipelines.loading.rows import Stamp, landed, quarantined
from pipelines.privacy import Pseudonymiser, pseudonymise
from pipelines.schema import arrow_schema
from pipelines.settings import Settings

# One refused row in ten is no verdict; the first nine are forgiven whatever the share.
ALWAYS_ALLOWED = 9
MAJORITY_FROM_ROWS = 5
QUARANTINED_OF_REFUSED_FILE = 10_000  # enough to see what is wrong; the file itself is kept
REPORTED_REASONS = 20


@dataclass
class SpooledFile:
    """A file read to its end. `refusal`: (reason, sentence) when nothing of it may land."""

    archived: ArchivedFile
    feed: Feed
    stamp: Stamp
    folder: Path
    first_sequence: int
    feed_hash: str = ""
    encoding: str | None = None
    rows_read: int = 0
    rows_rejected: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    refusal: tuple[str, str] | None = None

    @property
    def next_sequence(self) -> int:
        """First free number; a file takes at least one, so that a later empty file can supersede
        it.
        """
        return self.first_sequence + max(1, self.rows.total())

    def refuse(self, reason: str, detail: str) -> None:
        """Nothing of this file may land but a sample of its quarantine rows."""
        self.refusal = (reason, detail)
        self.rows.clear()
        del self.quarantine[QUARANTINED_OF_REFUSED_FILE:]
        shutil.rmtree(self.folder, ignore_errors=True)

    def tables(self, entity: str) -> Iterator[pa.Table]:
        """Landed rows of one entity, in file order."""
        path = self.folder / f"{entity}.arrow"
        if not path.exists():
            return
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_file(source)
            for n in range(reader.num_record_batches):
                yield pa.Table.from_batches([reader.get_batch(n)])

    def report(self) -> dict[str, Any]:
        """Counts and first reasons with line numbers; no value of any row."""
        reason, detail = self.refusal or ("", "")
        return {
            "feed": self.feed.feed,
            "file": self.archived.name,
            "sha256": self.archived.sha256,
            "run_id": self.stamp.run_id,
            "reason": reason,
            "detail": detail,
            "rows_read": self.rows_read,
            "rows_rejected": self.rows_rejected,
            "reasons": dict(self.reasons.most_common()),
            "first": [
                {name: row[name] for name in ("line_number", "entity", "field", "reason")}
                for row in self.quarantine[:REPORTED_REASONS]
            ],
        }


def spool_file(
    spooled: SpooledFile,
    settings: Settings,
    pseudonymiser: Pseudonymiser,
    now: datetime,
    on_batch: Callable[[], None],
) -> None:
    """Read, check, pseudonymise and spool one file, then judge it. `on_batch` is called after each
    batch.

    `now`: no event may lie more than a day after it.
    """
    archived, feed = spooled.archived, spooled.feed
    spooled.folder.mkdir(parents=True, mode=0o700)
    writers: dict[str, pa.ipc.RecordBatchFileWriter] = {}
    try:
        with duckdb.connect(config={"threads": settings.threads}) as con:
            spooled.encoding = used_encoding(feed, archived.path, archived.name, settings)
            for batch in read_file(feed, archived.path, archived.name, settings, now):
                spooled.rows_read += batch.rows_read
                spooled.rows_rejected += batch.rejected_records
                refused = quarantined(batch.rejects, spooled.stamp)
                spooled.quarantine += refused
                spooled.reasons.update(row["reason"] for row in refused)
                for entity in [e.name for e in ENTITIES if e.name in batch.entities]:
                    table = pseudonymise(entity, batch.entities[entity], pseudonymiser)
                    first = spooled.first_sequence + spooled.rows.total()
                    rows = landed(con, entity, table, spooled.stamp, first)
                    _writer(writers, spooled.folder, entity).write_table(rows)
                    spooled.rows[entity] += rows.num_rows
                on_batch()
    except FileRefused as refusal:
        spooled.refuse(refusal.reason, refusal.detail)
    finally:
        for writer in writers.values():
            writer.close()
    if spooled.refusal is None:
        _judge(spooled, settings)


def _writer(
    writers: dict[str, pa.ipc.RecordBatchFileWriter], folder: Path, entity: str
) -> pa.ipc.RecordBatchFileWriter:
    if entity not in writers:
        schema = arrow_schema(entity).append(pa.field("_dlt_id", pa.string()))
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        writers[entity] = pa.ipc.new_file(folder / f"{entity}.arrow", schema, options=options)
    return writers[entity]


def _judge(spooled: SpooledFile, settings: Settings) -> None:
    limit = spooled.feed.max_bad_share
    limit = settings.bad_share_limit if limit is None else limit
    if is_too_bad(spooled.rows_read, spooled.rows_rejected, limit):
        spooled.refuse(
            "bad_share",
            f"{spooled.rows_rejected} of {spooled.rows_read} records refused, limit {limit:.1%}",
        )


def is_too_bad(rows: int, bad: int, limit: float) -> bool:
    """Whether `bad` of `rows` refused records fail a file.

    More than max(9, floor(limit · rows)), or, from 5 rows on, more than half. A limit of 1 allows
    everything.
    """
    if limit >= 1:
        return False
    over_half = rows >= MAJORITY_FROM_ROWS and bad / rows > 0.5
    return bad > max(ALWAYS_ALLOWED, math.floor(limit * rows)) or over_half


def stamp_of(candidate: Candidate, run_id: str, read_at: datetime, source: str) -> Stamp:
    """Where the rows of a file come from, and when they were seen first."""
    file = candidate.archived
    observed_at = candidate.first_landed_at or read_at
    return Stamp(source, file.feed, run_id, observed_at, file.name, file.sha256, read_at)
