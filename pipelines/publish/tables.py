"""Which tables of the build file become public: what the dbt manifest says, column by column."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import ExitCode, RorError

PUBLIC_SCHEMAS = ("marts", "ops", "reference")
RUN_COLUMN = "run_id"
RUN_COLUMN_TEXT = "Run that published this version of the table."


@dataclass(frozen=True)
class PublishedTable:
    """One public table: only `columns` (name, description) are copied, in this order.

    `order_by`: columns to cluster by, so that readers who filter on them skip most of the file.
    """

    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]
    description: str
    order_by: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """`schema.name`, as one types it in SQL."""
        return f"{self.schema}.{self.name}"


def quoted(*parts: str) -> str:
    """A qualified SQL identifier with every part quoted."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A SQL text literal; for parameters DuckDB would import pandas, which takes seconds."""
    return "'" + text.replace("'", "''") + "'"


def published_tables(manifest_json_path: Path) -> list[PublishedTable]:
    """Models and seeds of the public schemas that say `meta: {publish: true}`, by name.

    `meta: {order_by: [column, …]}` names the cluster key. A column that the YAML does not declare
    stays private.
    Exit 78 when the manifest cannot be read or a public table declares no column.
    """
    try:
        nodes = json.loads(manifest_json_path.read_text(encoding="utf-8"))["nodes"]
    except (OSError, ValueError, KeyError) as error:
        raise RorError(
            "publish",
            manifest_json_path.name,
            "is no dbt manifest",
            "ror run",
            ExitCode.CONFIGURATION,
        ) from error
    tables = [_table(node) for node in nodes.values() if _is_public(node)]
    return sorted(tables, key=lambda table: table.label)


def _meta(node: Mapping[str, Any]) -> dict[str, Any]:
    return dict(node.get("meta") or {}) | dict(node.get("config", {}).get("meta") or {})


def _is_public(node: Mapping[str, Any]) -> bool:
    return (
        node.get("resource_type") in ("model", "seed")
        and node.get("schema") in PUBLIC_SCHEMAS
        and _meta(node).get("publish") is True
    )


def _table(node: Mapping[str, Any]) -> PublishedTable:
    name = node.get("alias") or node["name"]
    columns = tuple(
        (column["name"], " ".join((column.get("description") or "").split()))
        for column in node["columns"].values()
    )
    table = PublishedTable(
        schema=node["schema"],
        name=name,
        columns=columns,
        description=" ".join((node.get("description") or "").split()),
        order_by=tuple(_meta(node).get("order_by") or ()),
    )
    unknown = set(table.order_by) - {column for column, _ in columns}
    if not columns or unknown:
        why = f"order_by names {', '.join(sorted(unknown))}" if unknown else "declares no column"
        raise RorError("publish", table.label, why, f"correct {name}.yml", ExitCode.CONFIGURATION)
    return table
