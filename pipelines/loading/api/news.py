"""Which of the rows that were read are news, and how news lands.

Sets are compared in SQL, on keys and hashes only; of what has landed only the objects that were
read are looked at. The rows themselves stay on disk until they land, in the order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.contract import ColumnType
from pipelines.loading.api.spool import POSITION
from pipelines.loading.api.tables import LANDED_COLUMNS, MAPPED_COLUMNS, field_columns
from pipelines.loading.raw import committed_loads, dataset
from pipelines.loading.rows import content_hash, row_groups
from pipelines.schema import ARROW_TYPES
from pipelines.sources.spec import Kind, Resource

SPOOL_BATCH_ROWS = 50_000
INSTANT = ARROW_TYPES[ColumnType.TIMESTAMP]


@dataclass(frozen=True)
class Origin:
    """Which run the rows that land are from."""

    source: str
    run_id: str
    slot: str
    observed_at: datetime


@dataclass(frozen=True)
class News:
    """What lands of one resource: rows of its spool that the table `news_<resource>` names, after
    the rows of `ends_<resource>`.
    """

    resource: Resource
    spooled: Path | None
    news_count: int = 0
    ends_count: int = 0

    @property
    def total(self) -> int:
        """Rows that land."""
        return self.news_count + self.ends_count


def find_news(
    con: duckdb.DuckDBPyConnection, resource: Resource, spooled: Path, origin: Origin
) -> int:
    """Make the temporary table `news_<resource>`: position in the spool, hash and version of each
    row to land; returns how many.

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
    con.execute(
        f"""
        create or replace temp table news_{resource.name} as
        with incoming as (
            select
                _native_id, _version_at, _is_deleted, {POSITION},
                {_hash(resource)} as _row_hash
            from {rows_of(spooled)}
            qualify row_number() over (
                partition by _native_id order by _version_at desc nulls last, {POSITION} desc
            ) = 1
        ),
        known as ({_known(resource, origin.source)})
        select
            incoming.{POSITION},
            incoming._row_hash,
            -- What comes back after its end is newer than the end, whatever its stamp says.
            if(
                known.newest.is_deleted and not incoming._is_deleted,
                greatest(incoming._version_at, $now), coalesce(incoming._version_at, $now)
            ) as _version_at
        from incoming left join known using (_native_id)
        where {is_news}
        order by incoming.{POSITION}
        """,
        {"now": origin.observed_at},
    )
    return row_count(con, f"news_{resource.name}")


def row_count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Rows of a table."""
    found = con.execute(f"select count(*) from {table}").fetchone()
    return int(found[0]) if found else 0


def rows_of(spooled: Path) -> str:
    """The spooled rows as a table function of DuckDB."""
    quoted = str(spooled).replace("'", "''")
    return f"read_parquet('{quoted}')"


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


def rows_to_land(
    con: duckdb.DuckDBPyConnection, news: News, origin: Origin, first: int
) -> Iterator[pa.Table]:
    """The rows to land with all their columns, in the order of arrival, numbered from `first`."""
    for table in row_groups(_unnumbered(con, news)):
        yield _numbered(table, news.resource, origin, first)
        first += table.num_rows


def _unnumbered(con: duckdb.DuckDBPyConnection, news: News) -> Iterator[pa.Table]:
    """Rows with the columns of the mapped table and `_row_hash`."""
    resource = news.resource
    names = [c.name for c in (*MAPPED_COLUMNS, *field_columns(resource))]
    columns = ", ".join(f'"{name}"' for name in (*names, "_row_hash"))
    if news.ends_count:
        ends = f"select {columns} from ends_{resource.name} order by _native_id"
        yield con.execute(ends).to_arrow_table()
    if not news.news_count or news.spooled is None:
        return
    own = ", ".join(f'spooled."{name}"' for name in names if name != "_version_at")
    for batch in pq.ParquetFile(news.spooled).iter_batches(SPOOL_BATCH_ROWS):
        con.register("spooled", pa.Table.from_batches([batch]))
        yield con.execute(
            f"select {columns} from ("
            f"select {own}, found._version_at, found._row_hash, {POSITION}"
            f" from spooled join news_{resource.name} as found using ({POSITION}))"
            f" order by {POSITION}"
        ).to_arrow_table()
        con.unregister("spooled")


def _numbered(table: pa.Table, resource: Resource, origin: Origin, first: int) -> pa.Table:
    count = table.num_rows
    numbers = pa.array(range(first, first + count), pa.int64())
    made = {
        "_ingest_seq": numbers,
        "_observed_at": pa.repeat(pa.scalar(origin.observed_at, INSTANT), count),
        "_slot": pa.repeat(origin.slot, count),
        "_run_id": pa.repeat(origin.run_id, count),
        "_dlt_id": pc.binary_join_element_wise(origin.run_id, numbers.cast(pa.string()), "."),
    }
    columns = (*MAPPED_COLUMNS, *LANDED_COLUMNS, *field_columns(resource))
    names = [*(column.name for column in columns), "_dlt_id"]
    return pa.table({name: made[name] if name in made else table.column(name) for name in names})
