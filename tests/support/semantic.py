"""The semantic layer in tests: parsed once per test process, and empty marts to plant rows in."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.metrics.definitions import MANIFEST_NAME, Metric, read_manifest, read_metrics
from pipelines.orchestration.build import prepare_manifest
from pipelines.settings import load_settings

MONDAY = "2026-01-05"
# What a row has when an example does not say: enough to be counted, one brand, one network, one day.
USUAL = {
    "brand_id": "brand", "network": "x", "account_id": "account", "currency": "EUR", "lang": "en",
    "survey_id": "survey", "wave_id": "wave", "exhibition_id": "fair", "horizon_days": 30,
    "is_deleted": False,
}  # fmt: skip
SPINE = (
    "create or replace table marts.dates as select unnest(generate_series(date '2025-12-01',"
    " date '2026-03-31', interval 1 day))::date as calendar_date"
)


@dataclass(frozen=True)
class Layer:
    """The semantic manifest, its metrics, and the models of the dbt manifest by name."""

    manifest: dict[str, Any]
    metrics: dict[str, Metric]
    dbt: dict[str, Any]

    def columns(self, table: str) -> dict[str, str]:
        """Types by column of a mart, as its contract has them."""
        node = self.dbt["nodes"][f"model.ror.{table}"]
        return {name: column["data_type"] for name, column in node["columns"].items()}

    def tables(self) -> list[str]:
        """Marts that have metrics."""
        return sorted({model.table for metric in self.metrics.values() for model in metric.models})


@functools.cache
def semantic_layer() -> Layer:
    """The layer of today's project."""
    with tempfile.TemporaryDirectory() as home:
        file = prepare_manifest(load_settings(home=Path(home)))
        manifest = read_manifest(file.with_name(MANIFEST_NAME))
        dbt = json.loads(file.read_text(encoding="utf-8"))
    return Layer(manifest, read_metrics(manifest), dbt)


def empty_marts(con: duckdb.DuckDBPyConnection, layer: Layer, tables: Iterable[str]) -> None:
    """The marts without rows, and a calendar."""
    con.execute("create schema if not exists marts")
    for table in tables:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in layer.columns(table).items())
        con.execute(f"create or replace table marts.{table} ({columns})")
    con.execute(SPINE)


def plant(
    con: duckdb.DuckDBPyConnection, layer: Layer, table: str, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Insert rows of an example; what they do not say is usual, or empty."""
    columns = layer.columns(table)
    usual = {name: value for name, value in USUAL.items() if name in columns}
    usual |= {name: MONDAY for name, kind in columns.items() if kind == "date"}
    usual |= {
        name: f"{MONDAY} 12:00:00+00" for name, kind in columns.items() if "time zone" in kind
    }
    full = [usual | dict(row) for row in rows]
    names = list(dict.fromkeys(name for row in full for name in row))
    places = f"({', '.join('?' for _ in names)})"
    con.execute(
        f"insert into marts.{table} ({', '.join(names)}) values {', '.join(places for _ in full)}",
        [row.get(name) for row in full for name in names],
    )
