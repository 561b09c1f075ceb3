"""Tables of schema `solved`: what Python found, where the second half of the build reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from pipelines import tables

SCHEMA = "solved"


def replace_rows(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]
) -> int:
    """As `tables.replace_rows`, for a solved table."""
    return tables.replace_rows(connection, f"{SCHEMA}.{table}", rows)
