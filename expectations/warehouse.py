"""The file under check, opened read-only, and the numbers that aggregate SQL yields from it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import sqlalchemy
from sqlalchemy.pool import StaticPool

from expectations import measures
from expectations.records import CheckRequest
from expectations.suites import DeclaredCheck

log = logging.getLogger(__name__)

# Errors whose text names tables and columns only. Others quote the value they stumble over.
NAMES_ONLY = ("BinderException", "CatalogException", "ParserException")
MEASURED = "memory.main.measured"


class NotMeasuredError(Exception):
    """A number could not be had; the text says why without a value of a row."""


class Warehouse:
    """One connection for one request: an empty in-memory database with the file attached read-only.

    The numbers lie in the one-row table `memory.main.measured`, one column per check, so that each
    is computed once however often Great Expectations asks. OSError: the file cannot be opened.
    """

    def __init__(self, request: CheckRequest) -> None:
        self.request = request
        path = Path(request.database)
        if not path.is_file():
            raise FileNotFoundError(f"{path.name} does not exist")
        self.engine = sqlalchemy.create_engine(
            "duckdb:///:memory:",
            isolation_level="AUTOCOMMIT",  # or one failing query would spoil all that follow
            poolclass=StaticPool,  # one connection: what is attached and measured lives in it
            connect_args={
                "config": {
                    "memory_limit": f"{request.memory_limit_mb}MiB",
                    "threads": request.threads,
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "temp_directory": f"{path}.checks",
                }
            },
        )
        self.connection = self.engine.connect()
        try:
            escaped = str(path).replace("'", "''")
            self._execute("set timezone = 'UTC'")
            self._execute(f"attach '{escaped}' as warehouse (read_only)")
            self._execute("use warehouse")
        except sqlalchemy.exc.DBAPIError as error:
            self.close()
            raise OSError(f"{path.name} cannot be opened ({type(error.orig).__name__})") from error
        self.columns = self._columns()
        self._counts: dict[str, float] = {}

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
        self.engine.dispose()

    def has(self, check: DeclaredCheck) -> bool:
        """Whether the check's table exists."""
        return (check.table_schema, check.table_name) in self.columns

    def arrived(self, table_schema: str, table: str) -> bool:
        """Whether anything came for the table tonight; True without a file ledger."""
        if (table_schema, "file_ledger") not in self.columns:
            return True
        query = measures.arrival_query(table_schema, table, self.request.run_id)
        return bool(self._numbers(query)[0])

    def count(self, check: DeclaredCheck) -> float:
        """Number of the check's rows."""
        rows = measures.rows_of(check, self.request)
        if rows not in self._counts:
            self._counts[rows] = self._numbers(f"select count(*) from {rows}")[0] or 0.0
        return self._counts[rows]

    def measure(
        self, checks: Iterable[DeclaredCheck]
    ) -> dict[str, float | NotMeasuredError | None]:
        """The number of each check by check id; None where SQL says NULL.

        Checks over the same rows share one scan; if that fails, each is measured alone, so that one
        bad line does not take the others with it.
        """
        groups: dict[str, list[DeclaredCheck]] = {}
        for check in checks:
            alone = measures.stands_alone(check)
            key = check.check_id if alone else measures.rows_of(check, self.request)
            groups.setdefault(key, []).append(check)
        numbers: dict[str, float | NotMeasuredError | None] = {}
        for group in groups.values():
            try:
                numbers |= self._measure_together(group)
            except NotMeasuredError:
                for check in group:
                    try:
                        numbers |= self._measure_together([check])
                    except NotMeasuredError as error:
                        numbers[check.check_id] = error
        return numbers

    def store(self, numbers: dict[str, float | None]) -> None:
        """Lay the numbers into `memory.main.measured`, columns `c0`, `c1`, … in order."""
        columns = ", ".join(
            f"{'null' if value is None else repr(float(value))}::double as c{place}"
            for place, value in enumerate(numbers.values())
        )
        self._execute(f"create or replace table {MEASURED} as select {columns}")

    def _measure_together(
        self, group: list[DeclaredCheck]
    ) -> dict[str, float | NotMeasuredError | None]:
        expressions = ", ".join(
            f"({measures.measure_of(check, self.request, self._text_columns(check))})::double"
            for check in group
        )
        rows = measures.rows_of(group[0], self.request)
        source = "" if measures.stands_alone(group[0]) else f" from {rows}"
        values = self._numbers(f"select {expressions}{source}")
        return {check.check_id: value for check, value in zip(group, values, strict=True)}

    def _text_columns(self, check: DeclaredCheck) -> list[str]:
        columns = self.columns.get((check.table_schema, check.table_name), {})
        return [name for name, kind in columns.items() if "VARCHAR" in kind or kind == "JSON"]

    def _numbers(self, query: str) -> tuple[float | None, ...]:
        try:
            rows = self._execute(query).fetchall()
        except sqlalchemy.exc.DBAPIError as error:
            kind = type(error.orig).__name__
            if kind in NAMES_ONLY:
                log.warning("%s", str(error.orig).splitlines()[0])
            raise NotMeasuredError(f"could not be measured ({kind})") from error
        return tuple(rows[0])

    def _columns(self) -> dict[tuple[str, str], dict[str, str]]:
        found: dict[tuple[str, str], dict[str, str]] = {}
        rows: Any = self._execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns()"
            " where database_name = 'warehouse' order by schema_name, table_name, column_index"
        ).fetchall()
        for schema, table, name, kind in rows:
            found.setdefault((schema, table), {})[name] = kind
        return found

    def _execute(self, sql: str) -> sqlalchemy.CursorResult[Any]:
        # The driver's own call: SQLAlchemy would read `:name` inside literals as a parameter.
        return self.connection.exec_driver_sql(sql)
