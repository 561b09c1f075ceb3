"""Metrics of the published file: words, made SQL by MetricFlow, run in the sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pipelines.errors import ExitCode, RorError
from pipelines.metrics.catalogue import computed_by
from pipelines.metrics.compiler import compiler
from pipelines.metrics.definitions import manifest_of, read_manifest, read_metrics
from pipelines.metrics.words import asked
from pipelines.query.output import run_query
from pipelines.query.sandbox import Limits, sandbox
from pipelines.settings import Settings


def metric_sql(
    settings: Settings,
    names: Sequence[str],
    by: Sequence[str] = (),
    where: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> str:
    """The SELECT that answers a question; see `pipelines.metrics.words.asked` for its parts.

    Exit 64 for unknown names, 69 before the first run, 78 without MetricFlow.
    """
    manifest = read_manifest(manifest_of(settings))
    _refuse_columns(names)
    question = asked(read_metrics(manifest), names, by, where, since, until)
    return named(compiler(manifest)(question.question), question.columns, len(by))


def _refuse_columns(names: Sequence[str]) -> None:
    columns = computed_by()
    for name in names:
        if name in columns:
            mart, column, _ = columns[name]
            why = f"{name} is no sum or ratio but a column of marts.{mart}"
            next_step = f'ror sql "select {column} from marts.{mart}"'
            raise RorError("metric", "NAME", why, next_step, ExitCode.USAGE)


def named(sql: str, columns: Mapping[str, str], key_count: int = 0) -> str:
    """A SELECT of MetricFlow with columns called as they were asked for, ordered by the first."""
    listed = ", ".join(
        f'cast("{name}" as date) as "{word}"' if name.startswith("metric_time__")
        else f'"{name}" as "{word}"'
        for name, word in columns.items()
    )  # fmt: skip
    order = ", ".join(str(place) for place in range(1, key_count + 1))
    return f"select {listed} from (\n{sql}\n) as answer{f' order by {order}' if order else ''}"


def run_metric(settings: Settings, sql: str, *, kind: str = "table") -> None:
    """Run the SELECT of a question on the published file and print its rows."""
    run_query(settings, sql, kind=kind)


def metric_list(settings: Settings) -> list[tuple[str, str, str, str]]:
    """Name, grain, label and definition of every metric of the published catalogue.

    Exit 69 before the first publication.
    """
    with sandbox(settings, Limits()) as con:
        return con.execute(
            "select name, grain, label, definition from marts.metric_catalog"
            " where is_queryable order by name"
        ).fetchall()
