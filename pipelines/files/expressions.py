"""SQL of a feed: parsed before it runs, and run where it can reach nothing.

An expression sees one record: no subquery, window or aggregate, so that the result does not depend
on batches.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb

from pipelines.files.refused import FileRefused

FORBIDDEN = {
    "SUBQUERY": "a subquery",
    "WINDOW": "a window",
    "STAR": "*",
    "PARAMETER": "a parameter",
}
MEMORY_MB = 512


def sandbox(threads: int, memory_mb: int) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB in UTC that can neither read nor write outside and whose settings are
    locked.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": f"{min(memory_mb, MEMORY_MB)}MB",
            "temp_directory": "",
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def referenced(connection: duckdb.DuckDBPyConnection, where: str, expression: str) -> list[str]:
    """Column names that an expression uses, in order. `where` names the mapping in the FileRefused
    of a bad one.
    """
    found = connection.execute(
        "SELECT json_serialize_sql(?)", [f"SELECT (\n{expression}\n)"]
    ).fetchone()
    tree = json.loads(found[0]) if found else {"error": True}
    if tree["error"]:
        message = str(tree.get("error_message", "")).splitlines()[:1]
        raise FileRefused("bad_expression", f"{where}: {' '.join(message)}")
    statements = tree["statements"]
    node = statements[0]["node"]
    if len(statements) != 1 or len(node["select_list"]) != 1:
        raise FileRefused("bad_expression", f"{where}: must be one expression")
    if node["from_table"]["type"] != "EMPTY":
        raise FileRefused("bad_expression", f"{where}: must be one expression")
    names: list[str] = []
    _walk(node["select_list"], where, frozenset(), names)
    return list(dict.fromkeys(names))


def _walk(node: Any, where: str, bound: frozenset[str], names: list[str]) -> None:
    if isinstance(node, list):
        for item in node:
            _walk(item, where, bound, names)
        return
    if not isinstance(node, dict):
        return
    kind = node.get("class")
    if kind in FORBIDDEN:
        raise FileRefused("bad_expression", f"{where}: {FORBIDDEN[kind]} is not allowed")
    if kind == "COLUMN_REF":
        name = node["column_names"][0]
        if name not in bound:
            names.append(name)
        return
    if kind == "LAMBDA":
        parameters: list[str] = []
        _walk(node["lhs"], where, frozenset(), parameters)
        bound |= frozenset(parameters)
    for value in node.values():
        _walk(value, where, bound, names)
