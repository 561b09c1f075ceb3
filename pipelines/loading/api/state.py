"""What an API has landed so far: complete reads, refused names and objects, money, numbers used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from pipelines.http import Spend
from pipelines.loading.raw import committed_loads, dataset
from pipelines.sources.reading import LastRead
from pipelines.sources.spec import Source

REFUSED_FOR = timedelta(days=7)  # afterwards a refused field or metric is tried again


@dataclass(frozen=True)
class ApiState:
    """`last_reads` by (resource, account); backfills do not count. `refused_names` by resource, of
    the last week. `spent_this_month`: UTC month. `next_sequence`: above every `_ingest_seq`,
    committed or not.
    """

    last_reads: dict[tuple[str, str], LastRead]
    refused_names: dict[str, frozenset[str]]
    quarantine_ids: frozenset[str]
    spent_this_month: Spend
    next_sequence: int


def read_state(con: duckdb.DuckDBPyConnection, source: Source, now: datetime) -> ApiState:
    """Ask the raw tables of an API; see `ApiState`."""
    schema, committed = dataset(source.name), committed_loads(source.name)
    reads = con.execute(
        f"""
        select
            resource,
            account_id,
            max(read_at),
            max(read_at) filter (window_since is null and window_until is null)
        from {schema}.complete_reads
        where not is_backfill and _dlt_load_id in ({committed})
        group by resource, account_id
        """
    ).fetchall()
    names = con.execute(
        f"select resource, list(distinct subject) from {schema}.source_capability_events"
        f" where event = 'name_unavailable' and seen_at > ? and _dlt_load_id in ({committed})"
        " group by resource",
        [now - REFUSED_FOR],
    ).fetchall()
    refused = con.execute(
        f"select distinct quarantine_id from {schema}.quarantine"
        f" where _dlt_load_id in ({committed})"
    ).fetchall()
    spent = con.execute(
        f"""
        select coalesce(sum(cost_micro), 0)::bigint, count(*)
        from {schema}.requests
        where date_trunc('month', started_at at time zone 'UTC')
            = date_trunc('month', $now::timestamptz at time zone 'UTC')
        """,
        {"now": now},
    ).fetchone()
    highest = " union all ".join(
        f"select max(_ingest_seq) as seq from {schema}.{resource.name}"
        for resource in source.resources
    )
    found = con.execute(f"select coalesce(max(seq), 0) from ({highest})").fetchone()
    return ApiState(
        {(resource, account): LastRead(at, whole) for resource, account, at, whole in reads},
        {resource: frozenset(found) for resource, found in names},
        frozenset(row[0] for row in refused),
        Spend(*spent) if spent else Spend(),
        (found[0] if found else 0) + 1,
    )
