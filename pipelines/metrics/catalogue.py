"""The catalogue: every published number with its meaning, metrics and columns of marts alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from pipelines.metrics.definitions import Metric

FILE = Path(__file__).parent / "catalogue.yml"
DEFAULT_SCHEMA = "marts"


@dataclass(frozen=True)
class Entry:
    """One number; the fields are the columns of `marts.metric_catalog`, empty where none fits."""

    name: str
    label: str
    definition: str
    kind: str
    grain: str
    additivity: str
    owner: str
    numerator: str
    denominator: str
    mart: str
    column_name: str
    example: str
    is_queryable: str


def entries(metrics: Mapping[str, Metric], nodes: Mapping[str, Mapping[str, Any]]) -> list[Entry]:
    """The whole catalogue by name; `nodes`: the models of the dbt manifest."""
    marts = {node["name"]: node for node in nodes.values() if node["resource_type"] == "model"}
    columns = [_column(column, marts[column["mart"]]) for column in _declared("columns")]
    return sorted(
        [*(_metric(metric) for metric in metrics.values()), *columns], key=lambda entry: entry.name
    )


def missing() -> dict[str, str]:
    """Numbers that the warehouse should have and has not: the reason by number."""
    return {entry["number"]: entry["reason"] for entry in _declared("missing")}


def computed_by() -> dict[str, tuple[str, str, str]]:
    """Mart, column, and what computes an example of it, by the number's name."""
    return {
        column["name"]: (column["mart"], column["column"], column["computed_by"])
        for column in _declared("columns")
    }


def csv_text(found: list[Entry]) -> str:
    """The catalogue as the seed of dbt that becomes `marts.metric_catalog`."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(field.name for field in fields(Entry))
    writer.writerows(astuple(entry) for entry in found)
    return target.getvalue()


def _declared(part: str) -> list[dict[str, Any]]:
    declared: dict[str, list[dict[str, Any]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return declared[part]


def _metric(metric: Metric) -> Entry:
    is_ratio = metric.kind == "ratio"
    return Entry(
        name=metric.name,
        label=metric.label,
        definition=metric.definition,
        kind=metric.kind,
        grain=", ".join(metric.grain),
        additivity=metric.additivity,
        owner=metric.owner,
        numerator=metric.parts[0] if is_ratio else "",
        denominator=metric.parts[1] if is_ratio else "",
        mart=", ".join(f"{model.schema}.{model.table}" for model in metric.models),
        column_name="",
        example=_example(metric.example),
        is_queryable="true",
    )


def _column(column: Mapping[str, Any], mart: Mapping[str, Any]) -> Entry:
    return Entry(
        name=column["name"],
        label=column["label"],
        definition=" ".join(mart["columns"][column["column"]]["description"].split()),
        kind="column",
        grain=", ".join(column["grain"]),
        additivity=column.get("additivity", "non-additive"),
        owner=column["owner"],
        numerator="",
        denominator="",
        mart=f"{DEFAULT_SCHEMA}.{column['mart']}",
        column_name=column["column"],
        example=f"computed by {column['computed_by']}",
        is_queryable="false",
    )


def _example(example: Mapping[str, Any]) -> str:
    rows = "; ".join(
        ", ".join(f"{name} {_written(value)}" for name, value in row.items())
        for row in example["given"]
    )
    at = f" on {example['at']}" if "at" in example else ""
    return f"{rows}: {example['value']}{at}"


def _written(value: object) -> str:
    if value is None:
        return "empty"
    return str(value).lower() if isinstance(value, bool) else str(value)
