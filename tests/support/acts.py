"""What the tests about people and messages share: rows as they land, and ledger rows of files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from tests.support.raw import RawWarehouse

DAY = "2026-01-05"


def message(message_id: str, at: str, direction: str, **more: Any) -> dict[str, Any]:
    """A public comment on x; `at` is a time of 5 January 2026 (UTC) or a whole instant."""
    instant = at if len(at) > 8 else f"{DAY} {at}"
    return {
        "message_id": message_id,
        "network": "x",
        "message_kind": "comment",
        "direction": direction,
        "sent_at": instant if instant[-3] == "+" else f"{instant}+00",
        "text": "Where is my parcel?",
    } | more


def inbound(message_id: str, at: str, author: str | None, **more: Any) -> dict[str, Any]:
    """A message of a person to the brand."""
    return message(message_id, at, "inbound", author_profile_id_key=author, **more)


def outbound(message_id: str, at: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    """A message of the brand from its account `acme`."""
    usual = {"account_id": "acme", "agent_id": "agent-1", "parent_message_id": parent}
    return message(message_id, at, "outbound", **(usual | more))


def record_file(
    raw: RawWarehouse, load_id: str, name: str, file_hash: str, *, feed: str, sequence: int
) -> None:
    """The ledger row that travels with the rows of a snapshot file."""
    with duckdb.connect(str(raw.path)) as con:
        con.execute(
            f"insert into raw_{raw.system}.file_ledger by name select ? as feed, ? as file_name,"
            " ? as file_hash, 'snapshot' as mode, 1 as rows_read, 1 as rows_loaded,"
            " 0 as rows_rejected, timestamptz '2026-02-02 03:00:00+00' as loaded_at,"
            " 'run-1' as run_id, ? as ingest_seq, ? as _dlt_load_id, ? as _dlt_id",
            [feed, name, file_hash, sequence, load_id, f"ledger-{load_id}-{name}"],
        )


def build(raw: RawWarehouse, *models: str, with_tests: bool = True) -> duckdb.DuckDBPyConnection:
    """Build models with all they need; data tests run where all their models were built."""
    selection = [f"+{model}" for model in models]
    left_out = [] if with_tests else ["--exclude", "test_type:data"]
    return raw.build("--indirect-selection", "cautious", "--select", *selection, *left_out)


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return con.execute(query).fetchall()


def message_id(native_id: str) -> str:
    """SQL for the id that the warehouse gives a message on x."""
    return f"md5('x|message|{native_id}')"


def named(con: duckdb.DuckDBPyConnection, table: str, natives: Iterable[str]) -> dict[str, Any]:
    """`{native id: row as a dict}` of a table keyed by `message_id`."""
    found = {}
    for native in natives:
        cursor = con.execute(f"select * from {table} where message_id = {message_id(native)}")
        columns = [column[0] for column in cursor.description]
        row = cursor.fetchone()
        if row is not None:
            found[native] = dict(zip(columns, row, strict=True))
    return found
