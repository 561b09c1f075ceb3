"""A question about metrics as SQL, written by MetricFlow; the only module that imports it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from pipelines.errors import ExitCode, RorError


@dataclass(frozen=True)
class Question:
    """Metrics by what, in MetricFlow's names.

    `where`: conditions in which a dimension stands as `{{ Dimension('name') }}`. `since` is the
    first date that counts, `until` the first that does not.
    """

    metrics: tuple[str, ...]
    group_by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


def compiler(manifest: Mapping[str, Any]) -> Callable[[Question], str]:
    """A function from questions to SELECT statements over the tables of the semantic manifest.

    Importing MetricFlow takes more than a second; compiling a question a few hundredths.
    Exit 78 when MetricFlow is not installed; the function raises exit 64 for what it refuses.
    """
    try:
        from metricflow.engine import metricflow_engine as engine_module  # noqa: PLC0415
        from metricflow.protocols.sql_client import SqlEngine  # noqa: PLC0415
        from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer  # noqa: PLC0415
        from metricflow_semantics.errors import error_classes  # noqa: PLC0415
        from metricflow_semantics.model.dbt_manifest_parser import (  # noqa: PLC0415
            parse_manifest_from_dbt_generated_manifest,
        )
        from metricflow_semantics.model.semantic_manifest_lookup import (  # noqa: PLC0415
            SemanticManifestLookup,
        )
    except ModuleNotFoundError as error:
        why = f"{error.name} is not installed"
        next_step = "pip install --require-hashes -r requirements.lock"
        raise RorError("metric", "MetricFlow", why, next_step, ExitCode.CONFIGURATION) from error

    # Explaining a question asks a client for its dialect only; nothing connects anywhere.
    dialect = SimpleNamespace(
        sql_engine_type=SqlEngine.DUCKDB, sql_plan_renderer=DuckDbSqlPlanRenderer()
    )
    parsed = parse_manifest_from_dbt_generated_manifest(json.dumps(manifest))
    engine = engine_module.MetricFlowEngine(SemanticManifestLookup(parsed), dialect)

    def compiled(question: Question) -> str:
        request = engine_module.MetricFlowQueryRequest.create(
            metric_names=question.metrics,
            group_by_names=question.group_by or None,
            where_constraints=question.where or None,
            time_constraint_start=_midnight(question.since),
            time_constraint_end=_last_midnight(question.until),
            output_column_order_mode=engine_module.OutputColumnOrderMode.INPUT_ORDER,
        )
        try:
            return str(engine.explain(request).sql_statement.sql)
        except (error_classes.InformativeUserError, ValueError) as error:
            raise RorError(
                "metric", ", ".join(question.metrics), _first_line(error), "ror metric --list",
                ExitCode.USAGE,
            ) from error  # fmt: skip

    return compiled


def named(sql: str, columns: Mapping[str, str], key_count: int = 0) -> str:
    """A SELECT of MetricFlow with columns called as they were asked for, ordered by the first."""
    listed = ", ".join(
        f'cast("{name}" as date) as "{word}"' if name.startswith("metric_time__")
        else f'"{name}" as "{word}"'
        for name, word in columns.items()
    )  # fmt: skip
    order = ", ".join(str(place) for place in range(1, key_count + 1))
    return f"select {listed} from (\n{sql}\n) as answer{f' order by {order}' if order else ''}"


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min)


def _last_midnight(until: date | None) -> datetime | None:
    """MetricFlow counts the end in; house intervals are half-open."""
    return None if until is None else _midnight(until - timedelta(days=1))


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "is refused")
