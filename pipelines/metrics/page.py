"""The page docs/metrics.md: every number, its meaning, its dimensions, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.metrics.catalogue import Entry, missing
from pipelines.metrics.definitions import Metric, common_dimensions

INTRO = """# Metrics

Source: `dbt_project/models/semantic` and `pipelines/metrics/catalogue.yml`.

Every published number has one definition. `ror metric NAME --by DIMENSION,week` computes it by any
dimension and any period from its finest on; the view `metrics.NAME` holds it at its grain, a rate
with numerator and denominator beside it. A rate over more rows is the sum of its numerators by the
sum of its denominators. Numbers that no sum or ratio gives, a Kaplan-Meier median for one, are
columns of one mart: read them there and never add or average them.
"""
HEAD = "| metric | meaning | by | additivity | owner | example |\n|---|---|---|---|---|---|\n"


def metrics_page(entries: Sequence[Entry], metrics: Mapping[str, Metric]) -> str:
    """The page in Markdown: metrics by the mart they come from, columns, what is missing."""
    parts = [INTRO]
    queryable = [entry for entry in entries if entry.name in metrics]
    for mart in sorted({entry.mart for entry in queryable}):
        parts.append(f"\n## From {mart}\n\n{HEAD}")
        parts += [
            _row(entry, _formula(entry), _askable(metrics[entry.name]))
            for entry in queryable
            if entry.mart == mart
        ]
    parts.append(f"\n## Columns of marts\n\n{HEAD}")
    for entry in entries:
        if entry.name not in metrics:
            column = f" Column `{entry.mart}.{entry.column_name}`."
            parts.append(_row(entry, column, entry.grain))
    parts.append("\n## Missing\n\n| number | why |\n|---|---|\n")
    parts += [f"| {number} | {reason} |\n" for number, reason in missing().items()]
    return "".join(parts)


def _formula(entry: Entry) -> str:
    return f" `{entry.numerator} / {entry.denominator}`." if entry.numerator else ""


def _askable(metric: Metric) -> str:
    return ", ".join((*common_dimensions([metric]), f"{metric.granularity} and longer"))


def _row(entry: Entry, addition: str, by: str) -> str:
    meaning = f"**{entry.label}.** {entry.definition}{addition}"
    cells = (f"`{entry.name}`", meaning, by, entry.additivity, entry.owner, entry.example)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
