"""Puts decisions and forms of names where the build reads them: schema `decided`."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from pipelines.context import RunContext
from pipelines.contract import PiiKind
from pipelines.identity.decisions import Decision, decisions
from pipelines.names.forms import ADDITIONS, NameTable, load_names
from pipelines.privacy import PseudonymKey, load_key, normalise

SCHEMA = """
create schema if not exists decided;
create table if not exists decided.loads (load_id varchar);
create table if not exists decided.identity_decisions (
    a varchar, b varchar, state varchar, decided_at timestamp with time zone, decision_id varchar);
create table if not exists decided.given_names (name_key varchar, given_name varchar);
"""
DECISIONS = pa.schema(
    [("a", pa.string()), ("b", pa.string()), ("state", pa.string()),
     ("decided_at", pa.timestamp("us", tz="UTC")), ("decision_id", pa.string())]
)  # fmt: skip
NAMES = pa.schema([("name_key", pa.string()), ("given_name", pa.string())])


def land_night(connection: duckdb.DuckDBPyConnection, run: RunContext) -> None:
    """What holds tonight, before the build; as a load of this run where anything changed."""
    settings = run.settings
    names = load_names(settings.seeds_folder / ADDITIONS)
    load_id = f"{run.started_at.timestamp():.6f}"
    land_decided(connection, decisions(settings), names, load_key(settings), load_id)


def land_decided(
    connection: duckdb.DuckDBPyConnection,
    decided: Sequence[Decision],
    names: NameTable,
    key: PseudonymKey,
    load_id: str,
) -> bool:
    """Replace what differs; a change counts as the load `load_id`, once. Returns whether any was.

    Names land as keys: of every form, and of the name that stands for it.
    """
    wanted = {
        "identity_decisions": pa.Table.from_pylist(
            [
                {"a": d.a, "b": d.b, "state": str(d.state), "decided_at": d.decided_at,
                 "decision_id": d.decision_id}
                for d in decided
            ],
            DECISIONS,
        ),
        "given_names": pa.Table.from_pylist(
            [
                {"name_key": name_key, "given_name": given_name}
                for name_key, given_name in sorted(
                    {(_name_key(key, form), _name_key(key, name)) for form, name in names.groups()}
                )
            ],
            NAMES,
        ),
    }  # fmt: skip
    connection.execute(SCHEMA)
    connection.begin()
    try:
        changed = [_replace(connection, table, rows) for table, rows in wanted.items()]
        if any(changed):
            connection.execute("insert into decided.loads values (?)", [load_id])
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
    return any(changed)


def _replace(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> bool:
    connection.register("wanted_rows", rows)
    try:
        different = connection.execute(
            "select count(*) from ("
            f"(select * from wanted_rows except all select * from decided.{table}) union all"
            f" (select * from decided.{table} except all select * from wanted_rows))"
        ).fetchone()
        if different == (0,):
            return False
        connection.execute(f"delete from decided.{table}")
        connection.execute(f"insert into decided.{table} by name select * from wanted_rows")
        return True
    finally:
        connection.unregister("wanted_rows")


def _name_key(key: PseudonymKey, name: str) -> str:
    return key.subject_key(PiiKind.PERSON_NAME, normalise(PiiKind.PERSON_NAME, name))
