"""Land rows of an API straight into a build file, without network and loader."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from pipelines.loading.raw import tables_of
from pipelines.sources import APIS
from tests.support.raw import RawWarehouse


def land(
    raw: RawWarehouse, system: str, table: str, rows: Iterable[Mapping[str, Any]], *,
    night: str = "2026-03-01", committed: bool = True,
) -> str:  # fmt: skip
    """Append rows of one resource in a load of their own; returns the load id.

    Rows name raw columns; system columns have defaults: read at 3 in the morning of `night`.
    """
    raw.loads += 1
    load_id = f"{1_700_000_000 + raw.loads}.0"
    columns = [c.name for c in tables_of(system)[table]] + ["_dlt_load_id", "_dlt_id"]
    resource = next(api for api in APIS if api.name == system).resource(table)
    with duckdb.connect(str(raw.path)) as con:
        for row in rows:
            raw.sequence += 1
            at = f"{night} 03:00:00+00"
            full = {
                "_native_id": "|".join(str(row.get(k) or "") for k in resource.key_columns),
                "_version_at": at,
                "_observed_at": at,
                "_is_deleted": False,
                "_slot": night,
                "_run_id": f"run-{night}",
                "_ingest_seq": raw.sequence,
                "_row_hash": hashlib.md5(json.dumps(row, sort_keys=True).encode()).hexdigest(),
                "_dlt_load_id": load_id,
                "_dlt_id": f"id-{raw.sequence}",
            } | dict(row)
            assert set(full) <= set(columns), f"{table} has no columns {set(full) - set(columns)}"
            names = ", ".join(f'"{name}"' for name in full)
            marks = ", ".join("?" for _ in full)
            con.execute(
                f"insert into raw_{system}.{table} ({names}) values ({marks})", list(full.values())
            )
        if committed:
            con.execute(
                f"insert into raw_{system}._dlt_loads values (?, '{system}', 0, ?::timestamptz, 'v')",
                [load_id, f"{night} 03:05:00+00"],
            )
    return load_id
