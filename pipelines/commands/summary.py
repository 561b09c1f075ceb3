"""What a person sees after a run: where the file is, what is in it, five numbers, the next command."""

from __future__ import annotations

from pathlib import Path

import click
import duckdb

from pipelines.settings import Settings

HEADLINES = (
    ("people we know", "select count(*) from marts.people"),
    (
        "response rate, 24 h",
        "select format('{:.1f} %', 100.0 * count(*) filter (is_answered_24h) / count(*))"
        " from marts.responses where is_mature",
    ),
    (
        "median reply time, answered",
        "select format('{:.0f} min', median(response_minutes)) from marts.responses where is_answered",
    ),
    (
        "repeat purchase, 90 days",
        "select format('{:.1f} %', 100.0 * sum(repeated_count) / sum(observable_count))"
        " from marts.repeat_purchases_monthly where horizon_days = 90",
    ),
    (
        "net revenue",
        "select format('{:t,} {}', sum(amount_minor) // 100, any_value(currency)) from marts.revenue_events",
    ),
    (
        "credited to relationship touches (linear)",
        "select format('{:.1f} %', 100.0 * sum(credit_minor) filter (is_relationship) / sum(credit_minor))"
        " from marts.attribution_credits where model_id = 'linear'",
    ),
)
EXAMPLE = "select network, count(*) as turns, avg(is_answered_24h::int) as rate from marts.responses where is_mature group by network"  # noqa: E501 - one line to copy


def print_summary(settings: Settings, next_command: str) -> None:
    """Print the summary of the served file to standard output."""
    served = settings.served_file
    with duckdb.connect(str(served), read_only=True) as con:
        counts = con.execute(
            "select table_name, estimated_size from duckdb_tables() where schema_name = 'marts' order by all"
        ).fetchall()
        click.echo(f"\npublished: {_short(served)} -> {served.resolve().parent.name}")
        for name, rows in counts:
            click.echo(f"  marts.{name:<32} {rows:>10,} rows")
        click.echo()
        for label, sql in HEADLINES:
            value = (con.execute(sql).fetchone() or (None,))[0]
            text = "not known yet" if value is None else f"{value:,}" if isinstance(value, int) else value
            click.echo(f"  {label:<42} {text:>14}")
    click.echo(f'\nnext: .venv/bin/{next_command} sql "{EXAMPLE}"')


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
