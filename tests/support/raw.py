"""Land contract rows straight into a build file and run dbt on it, without the loaders.

raw = RawWarehouse(tmp_path, as_of="2026-02-01")
raw.land("orders", [{"order_id": "1", "ordered_at": "2026-01-05 10:00:00+00", ...}])
with raw.build() as tables:
    tables.sql("select * from marts.revenue_events")
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.contract import entity, landed_columns
from pipelines.loading.raw import tables_of
from pipelines.schema import duckdb_columns
from pipelines.sentiment.cache import Outcome, Scorer, score_messages
from pipelines.sentiment.store import prepare
from pipelines.sources import APIS
from tests.support.dbt_runs import run_dbt


class RawWarehouse:
    """A build file with the raw tables of one system and `ops.current_run`; dbt makes the rest."""

    def __init__(
        self, home: Path, as_of: str = "2026-07-01 00:00:00+00", system: str = "files"
    ) -> None:
        self.home = home
        self.system = system
        self.path = home / "build" / "warehouse.duckdb"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.loads = 0
        self.sequence = 0
        with duckdb.connect(str(self.path)) as con:
            con.execute("create schema if not exists ops")
            for name in ("files", *(api.name for api in APIS)):
                con.execute(f"create schema raw_{name}")
                for table, columns in tables_of(name).items():
                    con.execute(f"create table raw_{name}.{table} ({duckdb_columns(columns)})")
                con.execute(
                    f"create table raw_{name}._dlt_loads"
                    " (load_id VARCHAR, schema_name VARCHAR, status BIGINT,"
                    " inserted_at TIMESTAMP WITH TIME ZONE, schema_version_hash VARCHAR)"
                )
            prepare(con)
            con.execute(
                "create table ops.current_run (run_id VARCHAR, as_of TIMESTAMP WITH TIME ZONE,"
                " started_at TIMESTAMP WITH TIME ZONE)"
            )
        self.set_run("run-1", as_of)

    def set_run(self, run_id: str, as_of: str) -> None:
        """Say which run builds next and up to which instant the night reports."""
        with duckdb.connect(str(self.path)) as con:
            con.execute("delete from ops.current_run")
            con.execute(
                "insert into ops.current_run values (?, ?::timestamptz, ?::timestamptz)",
                [run_id, as_of, as_of],
            )

    def land(
        self,
        name: str,
        rows: Iterable[Mapping[str, Any]],
        *,
        committed: bool = True,
        file: str = "file-1",
        load_id: str | None = None,
    ) -> str:
        """Append rows of one entity in a load of their own (or in `load_id`); returns the load id.

        Rows name contract columns as they land (`email_key`, not `email`); system columns have
        defaults.
        """
        if load_id is None:
            self.loads += 1
            load_id = f"{1700000000 + self.loads}.0"
        columns = [c.name for c in landed_columns(name)] + ["_dlt_load_id", "_dlt_id"]
        keys = [f"{k}_key" if entity(name).column(k).pii else k for k in entity(name).key]
        values = []
        for row in rows:
            self.sequence += 1
            full: dict[str, Any] = {
                "_source": self.system,
                "_feed": name,
                "_native_id": "|".join(str(row.get(k) or "") for k in keys),
                "_run_id": "run-1",
                "_observed_at": "2026-01-01 00:00:00+00",
                "_version_at": row.get("updated_at"),
                "_ingest_seq": self.sequence,
                "_row_hash": hashlib.md5(
                    json.dumps(row, sort_keys=True, default=str).encode()
                ).hexdigest(),
                "_is_deleted": False,
                "_file_hash": file,
                "_line_number": self.sequence,
                "_is_text_repaired": False,
                "_is_text_cut": False,
                "_dlt_load_id": load_id,
                "_dlt_id": f"id-{self.sequence}",
            } | dict(row)
            unknown = set(full) - set(columns)
            assert not unknown, f"{name} has no columns {sorted(unknown)}"
            values.append([full.get(c) for c in columns])
        with duckdb.connect(str(self.path)) as con:
            if values:
                # As text in one Arrow table: DuckDB casts it; row by row takes minutes for real files.
                texts = [[None if cell is None else str(cell) for cell in row] for row in values]
                landed = pa.table(
                    [pa.array(cells, pa.string()) for cells in zip(*texts, strict=True)],
                    names=columns,
                )
                con.register("landed", landed)
                con.execute(f"insert into raw_{self.system}.{name} by name select * from landed")
            known = con.execute(
                f"select count(*) from raw_{self.system}._dlt_loads where load_id = ?", [load_id]
            ).fetchone()
            if committed and known == (0,):
                con.execute(
                    f"insert into raw_{self.system}._dlt_loads"
                    " values (?, 'files', 0, timestamptz '2026-01-01', 'v')",
                    [load_id],
                )
        return load_id

    def score(self, scorer: Scorer | None = None, at: str = "2026-07-01 02:00:00+00") -> Outcome:
        """Score what was landed, as the nightly does before it builds."""
        with duckdb.connect(str(self.path)) as con:
            return score_messages(con, scorer or Scorer(), scored_at=datetime.fromisoformat(at))

    def seed(self, name: str, text: str) -> None:
        """Replace one seed file for this home, as a user would."""
        folder = self.home / "seeds"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")

    def build(self, *arguments: str, command: str = "build") -> duckdb.DuckDBPyConnection:
        """Run dbt and open the result read-only; a failure shows what dbt printed."""
        without = ("--exclude-resource-type", "unit_test") if command == "build" else ()
        run_dbt(self.home, command, *without, *arguments)
        return duckdb.connect(str(self.path), read_only=True)
