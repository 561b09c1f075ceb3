"""`ror backfill`: repeat the loading of nights of the past, then build and publish as tonight."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import click

from pipelines.cli import Options
from pipelines.commands.run import run_nightly

LONGEST_DAYS = 3_660  # ten years; more is a slip of the keyboard


@click.command()
@click.argument("first", type=click.DateTime(["%Y-%m-%d"]), metavar="FROM")
@click.argument("last", type=click.DateTime(["%Y-%m-%d"]), metavar="[TO]", required=False)
@click.pass_obj
def backfill(options: Options, first: datetime, last: datetime | None) -> None:
    """Read again what the nights FROM to TO loaded (dates; TO is included), then run the night.

    Files come from the archive of the drop. Nothing is counted twice, and the report is as of
    today. A feed file that was changed needs no backfill: the next run reads its files again.
    """
    days = nights(first.date(), (last or first).date())
    status = run_nightly(
        options.settings(), command="ror backfill", again=[day.isoformat() for day in days]
    )
    click.echo(f"backfilled {len(days)} nights: the run is {status}")


def nights(first: date, last: date) -> list[date]:
    """Every date from the first to the last, both included."""
    count = (last - first).days + 1
    if not 1 <= count <= LONGEST_DAYS:
        raise click.UsageError(f"from {first} to {last} are {count} nights")
    return [first + timedelta(days=number) for number in range(count)]
