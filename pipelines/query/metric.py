"""Metrics of the published file: words, made SQL by MetricFlow, run in the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipelines.errors import ExitCode, RorError
from pipelines.metrics.catalogue import computed_by
from pipelines.metrics.compiler import compiler, named
from pipelines.metrics.definitions import manifest_of, read_manifest, read_metrics
from pipelines.metrics.words import asked
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


def metric_list(settings: Settings) -> list[tuple[str, str, str, str]]:
    """Name, grain, label and definition of every metric of the published catalogue.

    Exit 69 before the first publication.
    """
    with sandbox(settings, Limits()) as con:
        return con.execute(
            "select name, grain, label, definition from marts.metric_catalog"
            " where is_queryable order by name"
        ).fetchall()
