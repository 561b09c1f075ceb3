"""A question in the words of a person, made one for MetricFlow; what is unknown gets neighbours."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlglot
from sqlglot import exp

from pipelines.errors import ExitCode, RorError
from pipelines.metrics.compiler import Question
from pipelines.metrics.definitions import (
    GRANULARITIES,
    Metric,
    coarsest,
    common_dimensions,
    from_period,
)

NEIGHBOURS = 3
TEMPLATE_MARKS = ("{{", "}}", "{%", "%}", "{#", "#}")  # MetricFlow renders conditions with Jinja
DIALECT = "duckdb"
PLACE = "ror_dimension_"


@dataclass(frozen=True)
class Asked:
    """A question and how its columns are to be called: MetricFlow's name to the person's word."""

    question: Question
    columns: Mapping[str, str]


def asked(
    metrics: Mapping[str, Metric],
    names: Sequence[str],
    by: Sequence[str] = (),
    where: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> Asked:
    """The question that these words are; exit 64 with the nearest names for what is unknown.

    `by`: dimensions and periods (day, week, month, quarter, year). `where`: conditions on
    dimensions in SQL. `since` counts in, `until` does not; a week or month of a metric that knows
    no dates counts by its first one.
    """
    chosen = [metrics[_known("metric", name, metrics)] for name in dict.fromkeys(names)]
    dimensions = common_dimensions(chosen)
    finest = coarsest(metric.granularity for metric in chosen)
    periods = from_period(finest)
    words = list(dict.fromkeys(by))
    for word in words:
        _known("--by", word, [*dimensions, *periods], hint=_too_fine(word, finest))
    if since and until and since >= until:
        why = "ends before it begins"
        raise RorError("metric", "--until", why, "--until is the day after", ExitCode.USAGE)
    conditions = [_condition(text, dimensions) for text in where]
    running = [metric.name for metric in chosen if metric.kind == "cumulative"]
    if running:
        _refuse_part_of_period(
            running[0], [word for word in words if word in periods], since, until
        )
    else:
        conditions += _range(finest, since, until)
    columns = {dimensions.get(word, f"metric_time__{word}"): word for word in words}
    return Asked(
        question=Question(
            metrics=tuple(metric.name for metric in chosen),
            group_by=tuple(columns),
            where=tuple(conditions),
            since=since if running else None,
            until=until if running else None,
        ),
        columns=columns | {metric.name: metric.name for metric in chosen},
    )


def _known(what: str, name: str, known: Iterable[str], hint: str = "") -> str:
    names = list(known)
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, NEIGHBOURS, cutoff=0.5)
    near += [other for other in names if name and name in other and other not in near]
    shown = near[:NEIGHBOURS] if what == "metric" else near[:NEIGHBOURS] or names
    next_step = f"did you mean {', '.join(shown)}?" if shown else "ror metric --list"
    raise RorError("metric", what, hint or f"{name!r} is unknown", next_step, ExitCode.USAGE)


def _too_fine(word: str, finest: str) -> str:
    return f"{word} is finer than {finest}, which the metrics have" if word in GRANULARITIES else ""


def _range(finest: str, since: date | None, until: date | None) -> list[str]:
    """Conditions on the date: MetricFlow's own range would grow to whole periods unasked."""
    moment = f"{{{{ TimeDimension('metric_time', '{finest}') }}}}"
    bounds = ((">=", since), ("<", until))
    return [f"{moment} {sign} '{bound}'" for sign, bound in bounds if bound]


def _refuse_part_of_period(
    name: str, periods: Sequence[str], since: date | None, until: date | None
) -> None:
    """A running metric looks back beyond its range: only MetricFlow's own, of periods, fits it."""
    if not periods:
        why = f"{name} runs along the calendar and needs a period"
        raise RorError("metric", "--by", why, "--by month", ExitCode.USAGE)
    for bound in (since, until):
        if bound and not all(_begins(period, bound) for period in periods):
            why = f"{name} runs along the calendar; {bound} begins no {' and '.join(periods)}"
            raise RorError("metric", "--since", why, "take its first date", ExitCode.USAGE)


def _begins(period: str, day: date) -> bool:
    if period == "week":
        return day.weekday() == 0
    months = {"month": 1, "quarter": 3, "year": 12}.get(period)
    return months is None or (day.day == 1 and (day.month - 1) % months == 0)


def _condition(text: str, dimensions: Mapping[str, str]) -> str:
    """The condition with MetricFlow's templates where dimensions stand; nothing else is let in."""
    if any(mark in text for mark in TEMPLATE_MARKS) or PLACE in text:
        raise _refused("holds marks of a template")
    try:
        tree = sqlglot.parse_one(f"select 1 where {text}", read=DIALECT)
    except sqlglot.errors.SqlglotError as error:
        raise _refused("is no condition in SQL") from error
    where = tree.args.get("where")
    plain = {"expressions", "where"}
    extra = {key for key, value in tree.args.items() if value} - plain
    if not isinstance(tree, exp.Select) or where is None or extra:
        raise _refused("is more than a condition")
    condition = where.this
    if next(condition.find_all(exp.Query, exp.Subquery), None) is not None:
        raise _refused("a condition holds dimensions and values only")
    found = []
    for column in list(condition.find_all(exp.Column)):
        _known("--where", column.name if not column.table else column.sql(), dimensions)
        found.append(dimensions[column.name])
        column.set("this", exp.to_identifier(f"{PLACE}{len(found) - 1}"))
    written = condition.sql(dialect=DIALECT)
    return re.sub(rf"{PLACE}(\d+)", lambda match: _template(found[int(match[1])]), written)


def _template(name: str) -> str:
    kind = "Dimension" if "__" in name else "Entity"
    return f"{{{{ {kind}('{name}') }}}}"


def _refused(why: str) -> RorError:
    return RorError("metric", "--where", why, "--where \"network = 'x'\"", ExitCode.USAGE)
