"""`ror explain`: which touches have which credit, under which model, and why."""

from __future__ import annotations

import click

from pipelines import query
from pipelines.cli import Options


@click.command()
@click.argument("subject")
@click.option("--month", metavar="YYYY-MM", help="SUBJECT is a channel; explain this month of it.")
@click.pass_obj
def explain(options: Options, subject: str, month: str | None) -> None:
    """Explain the credit of a conversion, or of a channel in a month.

    SUBJECT: a conversion_id, the source's id of an order or deal, or with --month a channel.

    Example: ror explain email --month 2026-01
    """
    settings = options.settings()
    lines = (
        query.explain_channel(settings, subject, month)
        if month
        else query.explain_conversion(settings, subject)
    )
    click.echo("\n".join(lines))
