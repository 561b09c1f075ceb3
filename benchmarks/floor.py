"""The physical floor: DuckDB alone reads the dropped Parquet files and shapes them once."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb


def main(drop: Path) -> None:
    """Read all messages, keep the newest per id, thread one level, roll up per day, write."""
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "floor.duckdb"))
        con.execute("set threads = 2; set memory_limit = '2500MB'")
        files = f"{drop}/messages/*.parquet"
        con.execute(
            "create table messages as select * from read_parquet(?)"
            " qualify row_number() over (partition by message_id order by updated_at desc) = 1",
            [files],
        )
        con.execute(
            "create table replies as select m.message_id, min(r.sent_at) as replied_at"
            " from messages m join messages r on r.parent_message_id = m.message_id"
            " and r.direction = 'outbound' where m.direction = 'inbound' group by all"
        )
        con.execute(
            "create table daily as select sent_at::date as sent_date, direction,"
            " count(*) as messages from messages group by all"
        )
        con.execute("checkpoint")
        con.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
