"""`ror sql` and `ror tables`: the published file, read-only and sandboxed."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines import query
from pipelines.cli import Options

FORMATS = ("table", "csv", "json", "parquet")


@click.command()
@click.argument("statement")
@click.option("--format", "-f", "kind", type=click.Choice(FORMATS), default="table")
@click.option("--out", "-o", type=click.Path(path_type=Path), help="File; needed for parquet.")
@click.option("--limit", default=1000, show_default=True, help="Rows shown in a table; 0: all.")
@click.option("--seconds", default=60.0, show_default=True, help="End the query after this long.")
@click.pass_obj
def sql(
    options: Options, statement: str, kind: str, out: Path | None, limit: int, seconds: float
) -> None:
    """Query the published warehouse: one read-only statement that cannot touch files or settings.

    Example: ror sql "select * from marts.responses limit 5"
    """
    text = query.run_query(
        options.settings(), statement, kind=kind, out=out, row_limit=limit, seconds=seconds
    )
    if text:
        click.echo(text)


@click.command()
@click.pass_obj
def tables(options: Options) -> None:
    """List the published tables with their rows and grain."""
    for table in query.tables(options.settings()):
        click.echo(f"{table.schema}.{table.name:<34} {table.rows:>12,}  {table.text}")
