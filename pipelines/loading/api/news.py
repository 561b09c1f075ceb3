"""Which of the rows that were read are news, and which known objects are missing.

All of it compares sets in SQL; of what has landed only the objects that were read are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.loading.api.spool import POSITION
from pipelines.loading.api.tables import LANDED_COLUMNS, MAPPED_COLUMNS, field_columns
from pipelines.loading.raw import committed_loads, dataset
from pipelines.loading.rows import ROW_GROUP_ROWS, content_hash
from pipelines.sources.reading import Scope
from pipelines.sources.spec import Absence, Kind, Resource, Row


@dataclass(frozen=True)
class Origin:
    """Which run the rows that land are from."""

    source: str
    run_id: str
    slot: str
    observed_at: datetime


def find_news(
    con: duckdb.DuckDBPyConnection, resource: Resource, spooled: Path, origin: Origin
) -> None:
    """Make the temporary table `news_<resource>` of the rows to land, without their numbers.

    Of several rows of one object in one run the newest counts: by its stamp, then by arrival.
    """
    is_news = {
        Kind.VERSION: "known._native_id is null"
        " or known.newest.is_deleted and not incoming._is_deleted"
        " or not list_contains(known.hashes, incoming._row_hash)",
        Kind.STATE: "known._native_id is null or known.newest.is_deleted <> incoming._is_deleted"
        " or known.newest.hash <> incoming._row_hash",
        Kind.OBSERVATION: "known._native_id is null",
    }[resource.kind]
    # What comes back after its end is newer than the end, whatever its stamp says.
    version_at = (
        "if(known.newest.is_deleted and not incoming._is_deleted,"
        " greatest(incoming._version_at, $now), coalesce(incoming._version_at, $now))"
    )
    con.execute(
        f"""
        create or replace temp table news_{resource.name} as
        with incoming as (
            select *, {_hash(resource)} as _row_hash
            from {_rows_of(spooled)}
            qualify row_number() over (
                partition by _native_id order by _version_at desc nulls last, {POSITION} desc
            ) = 1
        ),
        known as ({_known(resource, origin.source)})
        select incoming.* exclude ({POSITION})
            replace ({version_at} as _version_at),
            incoming.{POSITION}
        from incoming left join known using (_native_id)
        where {is_news}
        """,
        {"now": origin.observed_at},
    )


def _rows_of(spooled: Path) -> str:
    quoted = str(spooled).replace("'", "''")
    return f"read_parquet('{quoted}')"


def _seen(spooled: Path | None) -> str:
    return f"select _native_id from {_rows_of(spooled)}" if spooled else "select ''"


def _hash(resource: Resource) -> str:
    """Over the declared fields that have a value, each with its name, and the end."""
    volatile = {c.name for f in resource.fields if f.is_volatile for c in f.landed}
    declared = (
        column
        for column in field_columns(resource)
        if column.name not in volatile and not column.name.endswith("_masked")
    )
    return content_hash("_is_deleted", declared)


def _known(resource: Resource, source: str) -> str:
    return f"""
        select
            landed._native_id,
            arg_max(
                {{'hash': landed._row_hash, 'is_deleted': landed._is_deleted}},
                (landed._version_at, landed._ingest_seq)
            ) as newest,
            list(distinct landed._row_hash) as hashes
        from {dataset(source)}.{resource.name} as landed
        semi join ({committed_loads(source)}) as committed
            on committed.load_id = landed._dlt_load_id
        semi join incoming on incoming._native_id = landed._native_id
        group by landed._native_id
    """


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


def add_ends(
    con: duckdb.DuckDBPyConnection, resource: Resource, ended: Sequence[Row], origin: Origin
) -> None:
    """Add the ends of objects to `news_<resource>`: their newest landed row, marked as deleted."""
    if not ended:
        return
    ids = pa.table({"_native_id": pa.array([row["_native_id"] for row in ended], pa.string())})
    con.register("ended", ids)
    con.execute(
        f"""
        insert into news_{resource.name} by name
        select newest.* exclude ({", ".join(c.name for c in LANDED_COLUMNS)}, _dlt_load_id, _dlt_id)
            replace (
                $now as _version_at,
                true as _is_deleted
            ),
            md5(newest._row_hash || '|ended') as _row_hash,
            -1 as {POSITION}
        from ({_newest(resource, origin.source)}) as newest
        semi join ended using (_native_id)
        """,
        {"now": origin.observed_at},
    )
    con.unregister("ended")


def without_news(con: duckdb.DuckDBPyConnection, resource: Resource, source: str) -> None:
    """Make an empty `news_<resource>`: nothing was read, but something may have ended."""
    columns = ", ".join(f'"{c.name}"' for c in (*MAPPED_COLUMNS, *field_columns(resource)))
    con.execute(
        f"create or replace temp table news_{resource.name} as select {columns}, _row_hash,"
        f" 0::bigint as {POSITION} from {dataset(source)}.{resource.name} limit 0"
    )


def count_news(con: duckdb.DuckDBPyConnection, resource: Resource) -> int:
    """Rows in `news_<resource>`."""
    found = con.execute(f"select count(*) from news_{resource.name}").fetchone()
    return int(found[0]) if found else 0


def landing(
    con: duckdb.DuckDBPyConnection, resource: Resource, origin: Origin, first: int
) -> Iterator[pa.Table]:
    """The rows to land with all their columns, in the order of arrival, numbered from `first`."""
    columns = (*MAPPED_COLUMNS, *LANDED_COLUMNS, *field_columns(resource))
    made = {
        "_ingest_seq": f"$first + row_number() over (order by {POSITION}, _native_id) - 1",
        "_observed_at": "$now::timestamptz",
        "_slot": "$slot",
        "_run_id": "$run",
    }
    shown = ", ".join(
        f'{made[c.name]} as "{c.name}"' if c.name in made else f'"{c.name}"' for c in columns
    )
    reader = con.execute(
        f"select *, $run || '.' || _ingest_seq as _dlt_id from ("
        f"select {shown} from news_{resource.name}) order by _ingest_seq",
        {"first": first, "now": origin.observed_at, "slot": origin.slot, "run": origin.run_id},
    ).to_arrow_reader(ROW_GROUP_ROWS)
    for batch in reader:
        yield pa.Table.from_batches([batch])
