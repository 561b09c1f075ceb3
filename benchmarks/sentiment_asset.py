"""One million messages scored by the nightly's step, then nothing new, then a night of news.

    python -m benchmarks.sentiment_asset [rows]

Rows stand in the raw table as the loader leaves them, in one DuckDB file; no two texts are alike
and their languages are given. Printed: seconds of the wall clock, CPU-seconds, peak memory of the
process, texts scored. The first line is the figure of the documentation.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.sentiment import messages
from pipelines.contract import landed_columns
from pipelines.loading.raw import LOADS_COLUMNS, tables_of
from pipelines.schema import duckdb_columns
from pipelines.sentiment.cache import Scorer, score_messages
from pipelines.sentiment.messages import SOURCES
from pipelines.settings import DBT_PROJECT

ROWS = 1_000_000
NEWS = 10_000
THREADS, MEMORY = 2, "1536MiB"
TOPICS = DBT_PROJECT / "seeds" / "sentiment_topics.csv"


def raw_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The empty raw tables of every source that has texts."""
    for source in SOURCES:
        connection.execute(f"create schema raw_{source}")
        for table, columns in tables_of(source).items():
            connection.execute(f"create table raw_{source}.{table} ({duckdb_columns(columns)})")
        loads = ", ".join(f"{name} {kind}" for name, kind in LOADS_COLUMNS.items())
        connection.execute(f"create table raw_{source}._dlt_loads ({loads})")


def land(
    connection: duckdb.DuckDBPyConnection, load_id: str, texts: list[str], codes: list[str]
) -> None:
    """A load of inbound messages."""
    assert {"text", "language_hint"} <= {column.name for column in landed_columns("messages")}
    connection.register("landed", pa.table({"text": texts, "language_hint": codes}))
    connection.execute(
        "insert into raw_files.messages by name select text, language_hint,"
        " 'inbound' as direction, false as _is_deleted, ? as _dlt_load_id,"
        " timestamptz '2026-01-01' + to_seconds(row_number() over ()) as sent_at from landed",
        [load_id],
    )
    connection.execute(
        "insert into raw_files._dlt_loads (load_id, status) values (?, 0)", [load_id]
    )


def timed(connection: duckdb.DuckDBPyConnection, name: str, scorer: Scorer) -> None:
    """Score what is missing and print what it took."""
    started, cpu = time.monotonic(), time.process_time()
    outcome = score_messages(connection, scorer, scored_at=datetime.now(UTC))
    seconds, cpu = time.monotonic() - started, time.process_time() - cpu
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:<34}  {seconds:>7.1f}  {cpu:>7.1f}  {peak_mb:>7.0f}  {outcome.scored:>9,}",
        flush=True,
    )


def main(rows: int) -> None:
    """Land, score, score again, land news, score those."""
    texts, codes = messages(rows + NEWS)
    print(f"{'what':<34}  {'seconds':>7}  {'CPU-s':>7}  {'peak MB':>7}  {'scored':>9}")
    with tempfile.TemporaryDirectory() as folder:
        config = {"threads": THREADS, "memory_limit": MEMORY}
        with duckdb.connect(str(Path(folder) / "warehouse.duckdb"), config=config) as connection:
            raw_tables(connection)
            land(connection, "1", texts[:rows], codes[:rows])
            timed(connection, "all, messages only", Scorer())
            timed(connection, "again", Scorer())
            land(connection, "2", texts[rows:], codes[rows:])
            timed(connection, f"{NEWS:,} new, with clauses of topics", Scorer(topics=TOPICS))
            connection.execute("drop schema scoring cascade")
            timed(connection, "all, with clauses of topics", Scorer(topics=TOPICS))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
