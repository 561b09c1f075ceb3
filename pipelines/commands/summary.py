"""What a person sees after a run: where the file is, what is in it, numbers, the next command."""

from __future__ import annotations

from pathlib import Path

import click
import duckdb

from pipelines.settings import Settings

HEADLINES = {
    "people we know": "select count(*) from marts.people",
    "response rate, 24 h": """
        select format('{:.1f} %', 100.0 * count(*) filter (is_answered_24h) / count(*))
        from marts.responses where is_mature""",
    "median reply time of answered turns": """
        select format('{:.0f} min', median(response_minutes)) from marts.responses
        where is_answered""",
    "repeat purchase within 90 days": """
        select format('{:.1f} %', 100.0 * sum(repeated_count) / sum(observable_count))
        from marts.repeat_purchases_monthly where horizon_days = 90""",
    "net revenue": """
        select format('{:,} {}', (sum(amount_minor) // 100)::bigint, any_value(currency))
        from marts.revenue_events""",
    "credited to relationship touches, linear": """
        select format('{:.1f} %',
            100.0 * sum(credit_minor) filter (is_relationship) / sum(credit_minor))
        from marts.attribution_credits where model_id = 'linear'""",
}
EXAMPLE = (
    "select network, count(*) as turns, round(avg(is_answered_24h::int), 3) as response_rate"
    " from marts.responses where is_mature group by network order by network"
)
COUNTS = """
    select table_name, estimated_size from duckdb_tables()
    where schema_name = 'marts' order by table_name"""


def print_summary(settings: Settings, next_command: str) -> None:
    """Print the summary of the served file to standard output."""
    served = settings.served_file
    with duckdb.connect(str(served), read_only=True) as con:
        click.echo(f"\npublished: {_short(served)} -> {served.resolve().parent.name}")
        for name, rows in con.execute(COUNTS).fetchall():
            click.echo(f"  marts.{name:<34} {rows:>10,} rows")
        click.echo()
        for label, sql in HEADLINES.items():
            value = (con.execute(sql).fetchone() or (None,))[0]
            text = f"{value:,}" if isinstance(value, int) else value or "not known yet"
            click.echo(f"  {label:<40} {text:>16}")
    click.echo(f'\nnext: .venv/bin/{next_command} sql "{EXAMPLE}"')


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
