"""Known objects that a complete read did not show: missing, missing again, ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.loading.api.news import Origin, row_count, rows_of
from pipelines.loading.api.tables import LANDED_COLUMNS
from pipelines.loading.raw import committed_loads, dataset
from pipelines.sources.reading import Scope
from pipelines.sources.spec import Absence, Resource, Row


def missing(
    con: duckdb.DuckDBPyConnection, resource: Resource, spooled: Path | None,
    scopes: Sequence[Scope], source: str,
) -> list[Row]:  # fmt: skip
    """Landed key columns and `_native_id` of live objects in a scope that was read without them."""
    alike: dict[tuple[tuple[str, ...], str], list[Scope]] = {}
    for scope in scopes:
        alike.setdefault((tuple(scope.where), scope.since_column), []).append(scope)
    found: dict[str, Row] = {}
    for (names, since_column), group in alike.items():
        _scopes_table(con, group)
        for row in _missing_in_scopes(con, resource, spooled, source, names, since_column):
            found[row["_native_id"]] = row
    return list(found.values())


def _missing_in_scopes(
    con: duckdb.DuckDBPyConnection, resource: Resource, spooled: Path | None, source: str,
    names: tuple[str, ...], column: str,
) -> list[Row]:  # fmt: skip
    """Of the scopes in the table `scopes`, which have these columns."""
    join = " and ".join([f'scopes."{n}" = newest."{n}"::varchar' for n in names] or ["true"])
    since = f'and (scopes.since is null or newest."{column}" >= scopes.since)' if column else ""
    keys = ", ".join(dict.fromkeys(["_native_id", "_account_id", *resource.key_columns]))
    found = con.execute(
        f"""
        with newest as ({_newest(resource, source)})
        select {keys} from newest
        where not _is_deleted
            and exists (select 1 from scopes where {join} {since})
            and _native_id not in ({_seen(spooled)})
        order by _native_id
        """
    )
    rows: list[Row] = found.to_arrow_table().to_pylist()
    return rows


def _scopes_table(con: duckdb.DuckDBPyConnection, scopes: Sequence[Scope]) -> None:
    rows = [{**scope.where, "since": scope.since} for scope in scopes]
    fields = [pa.field(name, pa.string()) for name in scopes[0].where]
    fields.append(pa.field("since", pa.timestamp("us", tz="UTC")))
    con.register("given_scopes", pa.Table.from_pylist(rows, schema=pa.schema(fields)))
    con.execute("create or replace temp table scopes as select distinct * from given_scopes")
    con.unregister("given_scopes")


def _newest(resource: Resource, source: str) -> str:
    return f"""
        select landed.* from {dataset(source)}.{resource.name} as landed
        semi join ({committed_loads(source)}) as committed
            on committed.load_id = landed._dlt_load_id
        qualify row_number() over (
            partition by landed._native_id order by landed._version_at desc, landed._ingest_seq desc
        ) = 1
    """


def noted_absences(
    con: duckdb.DuckDBPyConnection, resource: Resource, gone: Sequence[Row],
    spooled: Path | None, origin: Origin,
) -> tuple[list[Row], list[Row]]:  # fmt: skip
    """Of objects missing tonight: those missing on an earlier night too, and the rows of
    `absences` that say what tonight showed.
    """
    if resource.absence is not Absence.TWICE:
        return list(gone), []
    marked = con.execute(
        f"""
        select native_id, slot, native_id in ({_seen(spooled)}) as is_seen
        from {dataset(origin.source)}.absences
        where resource = ? and _dlt_load_id in ({committed_loads(origin.source)})
        qualify row_number() over (partition by native_id order by slot desc, _dlt_id desc) = 1
            and is_absent
        """,
        [resource.name],
    ).fetchall()
    before = {native_id for native_id, slot, _ in marked if slot < origin.slot}
    known = {native_id for native_id, _, _ in marked}
    ended = [row for row in gone if row["_native_id"] in before]
    notes = [
        _note(resource, row["_native_id"], origin, is_absent=True)
        for row in gone
        if row["_native_id"] not in known
    ]
    notes += [
        _note(resource, native_id, origin, is_absent=False)
        for native_id, _, is_seen in marked
        if is_seen
    ]
    return ended, notes


def _note(resource: Resource, native_id: str, origin: Origin, *, is_absent: bool) -> Row:
    return {
        "resource": resource.name, "native_id": native_id, "is_absent": is_absent,
        "slot": origin.slot,
    }  # fmt: skip


def make_ends(
    con: duckdb.DuckDBPyConnection, resource: Resource, ended: Sequence[Row], origin: Origin
) -> int:
    """Make the temporary table `ends_<resource>`: newest landed rows, marked as deleted; its rows.

    Its columns are those of the mapped table and `_row_hash`.
    """
    ids = pa.table({"_native_id": pa.array([row["_native_id"] for row in ended], pa.string())})
    con.register("ended", ids)
    con.execute(
        f"""
        create or replace temp table ends_{resource.name} as
        select newest.* exclude ({", ".join(c.name for c in LANDED_COLUMNS)}, _dlt_load_id, _dlt_id)
            replace (
                $now as _version_at,
                true as _is_deleted
            ),
            md5(newest._row_hash || '|ended') as _row_hash
        from ({_newest(resource, origin.source)}) as newest
        semi join ended using (_native_id)
        """,
        {"now": origin.observed_at},
    )
    con.unregister("ended")
    return row_count(con, f"ends_{resource.name}")


def _seen(spooled: Path | None) -> str:
    return f"select _native_id from {rows_of(spooled)}" if spooled else "select ''"
