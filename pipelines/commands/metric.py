"""`ror metric`: numbers by their names, as the semantic layer defines them."""

from __future__ import annotations

from datetime import datetime

import click

from pipelines import query
from pipelines.cli import Options
from pipelines.errors import ExitCode, RorError

DATE = click.DateTime(["%Y-%m-%d"])
FORMATS = ("table", "csv", "json")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--by", default="", help="Dimensions and periods, with commas: network,week.")
@click.option("--where", multiple=True, help="Condition on dimensions, SQL; several hold together.")
@click.option(
    "--since", type=DATE, help="First date that counts; a week or month by its own first date."
)
@click.option("--until", type=DATE, help="First date that counts no more.")
@click.option("--format", "-f", "kind", type=click.Choice(FORMATS), default="table")
@click.option("--explain", is_flag=True, help="Print the SQL instead of running it.")
@click.option("--list", "is_list", is_flag=True, help="List the metrics.")
@click.pass_obj
def metric(
    options: Options,
    names: tuple[str, ...],
    by: str,
    where: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    kind: str,
    explain: bool,
    is_list: bool,
) -> None:
    """Ask the published warehouse for metrics: every number is defined once, whoever asks.

    Example: ror metric response_rate --by network,week --since 2026-01-01
    """
    settings = options.settings()
    if is_list:
        for name, grain, label, _ in query.metric_list(settings):
            click.echo(f"{name:<34} {label}; by {grain}")
        return
    if not names:
        raise RorError("metric", "NAME", "none is given", "ror metric --list", ExitCode.USAGE)
    words = [word.strip() for word in by.split(",") if word.strip()]
    first, end = (moment.date() if moment else None for moment in (since, until))
    sql = query.metric_sql(settings, names, words, where, first, end)
    if explain:
        click.echo(sql)
    else:
        query.run_query(settings, sql, kind=kind)
