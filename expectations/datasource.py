"""Great Expectations on DuckDB. Only `runner.py` imports this module, and late: it costs 7-25 s.

Stock Great Expectations closes the connection before it reads results. Here one connection
persists, nothing is written, and `~` becomes `regexp_matches` (DuckDB's own `~` matches whole
values only).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, cast

import great_expectations as gx
import great_expectations.expectations as gxe
import sqlalchemy
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent.sql_datasource import QueryAsset, SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import (
    SqlAlchemyExecutionEngine,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.operators import custom_op

from expectations.limits import Interval
from expectations.questions import Answer, Question
from expectations.suites import COUNTS, MEASURE, ROW_BY_ROW

# Numbers and counts only: no sample of unexpected values, no query text.
COUNTS_ONLY = {"result_format": "SUMMARY", "partial_unexpected_count": 0}


QUIET = DataContextConfig(
    store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
    progress_bars=ProgressBarsConfig(globally=False),
    analytics_enabled=False,
)


class ExpectMeasureToBeBetween(gxe.ExpectColumnMaxToBeBetween):  # type: ignore[name-defined, misc]
    """The one number in a one-row column lies in an interval."""


class PersistentEngine(SqlAlchemyExecutionEngine):
    """Runs everything on one open connection; regular expressions take the PostgreSQL form."""

    def __init__(self, connection: sqlalchemy.Connection) -> None:
        super().__init__(engine=connection.engine, create_temp_table=False)
        self._open = connection
        self.dialect_module = postgresql

    @contextmanager
    def get_connection(self) -> Iterator[sqlalchemy.Connection]:
        """The one connection; it stays open afterwards."""
        yield self._open

    def close(self) -> None:
        """Nothing: the connection belongs to the warehouse."""


class DuckDBDatasource(SQLDatasource):
    """A datasource over an already open connection."""

    type: Literal["open_duckdb"] = "open_duckdb"  # type: ignore[assignment]

    def get_engine(self) -> sqlalchemy.Engine:
        """The engine of the open connection."""
        return self.get_execution_engine().engine

    def get_execution_engine(self) -> SqlAlchemyExecutionEngine:
        """The engine that `Judge` set."""
        return cast(SqlAlchemyExecutionEngine, self._execution_engine)


@compiles(BinaryExpression, "duckdb")
def _regexp_matches(element: Any, compiler: Any, **options: Any) -> str:
    operator = element.operator
    if isinstance(operator, custom_op) and operator.opstring in ("~", "!~"):
        left, right = (compiler.process(side, **options) for side in (element.left, element.right))
        negation = "NOT " if operator.opstring == "!~" else ""
        return f"{negation}regexp_matches({left}, {right})"
    return str(compiler.visit_binary(element, **options))


class Judge:
    """An ephemeral context over one connection: no project folder, no Data Docs, nothing sent."""

    def __init__(self, connection: sqlalchemy.Connection) -> None:
        self._context = gx.get_context(mode="ephemeral", project_config=QUIET)
        self._source = DuckDBDatasource(name="warehouse", connection_string="duckdb:///:memory:")
        self._source._data_context = self._context
        self._source._execution_engine = PersistentEngine(connection)
        self._context._update_fluent_datasource(datasource=self._source)
        self._batches = 0

    def answers(self, query: str, questions: Sequence[Question]) -> dict[str, Answer]:
        """Ask all questions about the rows of `query` at once; answers by check id."""
        self._batches += 1
        asset = QueryAsset(name=f"rows_{self._batches}", query=query)
        # As add_query_asset does, but without serialising the whole context to YAML each time.
        asset._datasource = self._source
        self._source.assets.append(asset)
        batch = asset.get_batch(asset.build_batch_request())
        by_row = [q for q in questions if q.expectation in ROW_BY_ROW]
        aggregates = [q for q in questions if q.expectation not in ROW_BY_ROW]
        return _ask(batch, aggregates, COUNTS_ONLY) | _ask(batch, by_row, "BOOLEAN_ONLY")


def _ask(batch: Any, questions: Sequence[Question], result_format: Any) -> dict[str, Answer]:
    if not questions:
        return {}
    suite = gx.ExpectationSuite(name="asked")
    for question in questions:
        levels = {"warn": question.warn, "block": question.block}
        asked = {name: level for name, level in levels.items() if level is not None}
        for name, level in (asked or {"record": Interval()}).items():
            suite.add_expectation(_expectation(question, name, level))
    failed: dict[str, set[str]] = {question.check_id: set() for question in questions}
    observed: dict[str, float | None] = {}
    broken: set[str] = set()
    for result in batch.validate(suite, result_format=result_format).results:
        meta = result.expectation_config.meta
        check_id = meta["check_id"]
        if not result.success:
            failed[check_id].add(meta["level"])
        if _is_broken(result.exception_info):
            broken.add(check_id)
        value = result.result.get("observed_value")
        observed[check_id] = float(value) if isinstance(value, int | float) else None
    return {
        check_id: Answer(
            observed[check_id], "warn" in levels, "block" in levels, check_id in broken
        )
        for check_id, levels in failed.items()
    }


def _expectation(question: Question, level: str, interval: Interval) -> Any:
    """The Great Expectations object of one level; `meta` leads the result back to its check."""
    meta = {"check_id": question.check_id, "level": level}
    if question.expectation in ROW_BY_ROW:
        limits: dict[str, Any] = {"mostly": 1.0 - (interval.high or 0.0)}
    else:
        slack = interval.with_slack()
        limits = {"min_value": slack.low, "max_value": slack.high}
        if question.expectation in COUNTS:  # their limits are integers; fractions would be cut off
            limits = {
                "min_value": None if slack.low is None else math.ceil(slack.low),
                "max_value": None if slack.high is None else math.floor(slack.high),
            }
    if question.expectation == MEASURE:
        kind: Any = ExpectMeasureToBeBetween
    else:
        kind = getattr(gxe, "".join(part.title() for part in question.expectation.split("_")))
    severity = {"block": "critical", "warn": "warning"}.get(level, "info")
    return kind(**question.arguments, **limits, meta=meta, severity=severity)


def _is_broken(info: dict[str, Any]) -> bool:
    """Great Expectations reports either one exception or one per metric."""
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(entry.get("raised_exception", True) for entry in info.values())
