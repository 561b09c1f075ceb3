"""The sandbox for SQL from people: one SELECT, no way to files, settings or the net."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from pipelines.errors import ExitCode, RorError
from pipelines.publish.tables import literal
from pipelines.settings import Settings

# They reveal settings, run SQL hidden in a text, or write. DuckDB itself blocks files and the net.
REFUSED_NAMES = frozenset(
    {
        "current_setting", "duckdb_logs", "duckdb_secrets", "duckdb_settings", "getenv",
        "json_execute_serialized_sql", "pg_settings", "query", "query_table", "which_secret",
        "write_log",
    }
)  # fmt: skip
NAME_FIELDS = ("function_name", "table_name")
WHY_LENGTH = 140


@dataclass(frozen=True)
class Limits:
    """What one query may use."""

    seconds: float = 60.0
    memory_mb: int = 1024


@contextmanager
def sandbox(settings: Settings, limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked, read-only connection to the served file that is interrupted when its time is up.

    Exit 69 before the first publication, 64 for refused or wrong SQL, 73 memory, 75 time.
    """
    # Resolved once: this query sees one version, whatever is published meanwhile.
    file = settings.served_file.resolve()
    if not file.exists():
        raise RorError(
            "sql", "published", "nothing is published yet", "ror run", ExitCode.UNAVAILABLE
        )
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{min(limits.memory_mb, settings.memory_limit_mb)}MiB",
        "threads": settings.threads,
        "temp_directory": "",  # a reader must not write beside the published file
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",  # a table name must not find our variables
    }
    with _explained(limits), duckdb.connect(str(file), read_only=True, config=config) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")
        timer = threading.Timer(limits.seconds, con.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield con
        finally:
            timer.cancel()


def check_statement(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Exit 64 unless `sql` is exactly one statement that only reads tables."""
    try:
        sql.encode()  # a lone surrogate is no text that DuckDB takes
        statements = con.extract_statements(sql)
        row = con.execute(f"select json_serialize_sql({literal(sql)})").fetchall()
        tree = json.loads(row[0][0])
    except (UnicodeError, RecursionError) as error:
        raise _refused("text cannot be parsed") from error
    if len(statements) != 1:
        raise _refused(f"exactly one statement is allowed, not {len(statements)}")
    if tree["error"]:
        raise _refused("only SELECT is allowed")
    for name in _names(tree):
        if name.lower() in REFUSED_NAMES:
            raise _refused(f"{name.lower()} is not allowed")


def _names(tree: object) -> Iterator[str]:
    """Every function and table that a serialised statement names, subqueries included."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            yield from (node[field] for field in NAME_FIELDS if isinstance(node.get(field), str))
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)


@contextmanager
def _explained(limits: Limits) -> Iterator[None]:
    try:
        yield
    except duckdb.InterruptException as error:
        why = f"stopped after {limits.seconds:g} seconds"
        raise RorError(
            "sql", "query", why, "narrow it, or raise the limit", ExitCode.TRY_AGAIN
        ) from error
    except duckdb.OutOfMemoryException as error:
        why = f"needs more than {limits.memory_mb} MiB"
        raise RorError(
            "sql", "query", why, "narrow it, or raise the limit", ExitCode.CANNOT_WRITE
        ) from error
    except duckdb.PermissionException as error:
        raise _refused("reads or writes outside the published file") from error
    except duckdb.Error as error:
        raise _refused(_why(error)) from error


def _why(error: duckdb.Error) -> str:
    """DuckDB's first line, cut, and without quoted values unless they are catalogue names."""
    line = str(error).splitlines()[0]
    if not isinstance(
        error, duckdb.CatalogException | duckdb.BinderException | duckdb.ParserException
    ):
        line = re.sub(r"'[^']*'|\"[^\"]*\"", "…", line)
    return line if len(line) <= WHY_LENGTH else line[: WHY_LENGTH - 1] + "…"


def _refused(why: str) -> RorError:
    return RorError("sql", "query", why, "ror tables", ExitCode.USAGE)
