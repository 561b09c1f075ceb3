"""A home with feeds and an inbox, for tests of everything that loads files."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.clock import ManualClock
from pipelines.context import RunContext
from pipelines.ledger import Ledger
from pipelines.loading.quarantine import list_quarantine
from pipelines.settings import Settings, load_settings

KEY = "00" * 16 + "0102030405060708090a0b0c0d0e0f10"
NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
MESSAGES_FEED = """
feed: {name}
format: csv
mode: {mode}
entities:
  - entity: messages
    columns:
      message_id: id
      network: {{value: x}}
      message_kind: {{value: comment}}
      direction: {{value: inbound}}
      author_profile_id: author
      sent_at: sent
      text: text
"""
# What staging does with raw rows, for one source: committed loads, each row once, newest version of
# each key.
STAGED_MESSAGES = """
with committed as (
    select * from raw_files.messages
    where _dlt_load_id in (select load_id from raw_files._dlt_loads where status = 0)
      and (_dlt_load_id, _file_hash) not in (
        select (older._dlt_load_id, older.file_hash)
        from raw_files.file_ledger older join raw_files.file_ledger newer
          on older.feed = newer.feed and older.file_name = newer.file_name
         and newer.ingest_seq > older.ingest_seq
         and (newer.file_hash = older.file_hash or older.mode = 'snapshot')
        where newer._dlt_load_id in (select load_id from raw_files._dlt_loads where status = 0))
    qualify row_number() over (partition by _dlt_id order by _ingest_seq) = 1
)
select * from committed
qualify row_number() over (partition by _native_id order by _version_at desc nulls last,
    _is_deleted desc, _ingest_seq desc, _row_hash desc) = 1
"""


class Drop:
    """A home under a temporary folder; runs are numbered and five minutes apart."""

    def __init__(self, home: Path, **knobs: Any) -> None:
        self.settings: Settings = load_settings(
            home=home, pseudonym_key=KEY, settle_seconds=0, testing=True, **knobs
        )
        self.clock = ManualClock(NOW)
        self.ledger = Ledger(self.settings.ledger_file, self.clock)
        self.runs = 0

    def feed(self, text: str, name: str) -> None:
        """Declare a feed."""
        self.settings.feeds_folder.mkdir(parents=True, exist_ok=True)
        (self.settings.feeds_folder / f"{name}.yml").write_text(text, encoding="utf-8")

    def messages_feed(self, name: str = "inbox", mode: str = "snapshot") -> None:
        """Declare a CSV feed with the headers id, author, sent, text that feeds messages on x."""
        self.feed(MESSAGES_FEED.format(name=name, mode=mode), name)

    def put(self, feed: str, name: str, content: str | bytes) -> Path:
        """Lay a file into the inbox of a feed."""
        path = self.settings.drop / feed / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self) -> RunContext:
        """A new run context."""
        self.runs += 1
        self.clock.sleep(300)
        return RunContext(
            run_id=f"20260301T02{self.runs:04d}Z-{os.getpid() % 65536:04x}",
            as_of=NOW,
            started_at=self.clock.now(),
            settings=self.settings,
            clock=self.clock,
            ledger=self.ledger,
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Result of a query on the build file."""
        with duckdb.connect(str(self.settings.build_file), read_only=True) as con:
            return con.execute(sql).fetchall()

    def texts(self) -> dict[int, str]:
        """Staged messages: id to text."""
        return dict(self.rows(f"select message_id::int, text from ({STAGED_MESSAGES})"))

    def waiting(self) -> int:
        """Rows that wait in quarantine."""
        return sum(group.rows for group in list_quarantine(self.settings))


def messages_csv(ids: range | list[int], text: str = "hello", author: str = "ann") -> str:
    """A file of that feed with one message per id."""
    lines = [f"{n},{author}{n % 3},2026-02-01T10:00:{n % 60:02d}Z,{text} {n}" for n in ids]
    return "\n".join(["id,author,sent,text", *lines]) + "\n"


def bad_line(number: int) -> str:
    """A line of that feed whose time cannot be read."""
    return f"{number},ann,no time,text {number}\n"
