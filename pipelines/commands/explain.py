"""`ror explain`: which touches have which credit, or what a person's score is made of, and why."""

from __future__ import annotations

import re

import click

from pipelines import query
from pipelines.cli import Options

PERSON = re.compile(r"p_[0-9a-f]{16}")


@click.command()
@click.argument("subject")
@click.option("--month", metavar="YYYY-MM", help="SUBJECT is a channel; explain this month of it.")
@click.pass_obj
def explain(options: Options, subject: str, month: str | None) -> None:
    """Explain the credit of a conversion, or of a channel in a month, or a person's ROR score.

    SUBJECT: a conversion_id, the source's id of an order or deal, a person_id, or with --month a
    channel.

    Example: ror explain email --month 2026-01
    """
    settings = options.settings()
    if month:
        lines = query.explain_channel(settings, subject, month)
    elif PERSON.fullmatch(subject):
        lines = query.explain_person(settings, subject)
    else:
        lines = query.explain_conversion(settings, subject)
    click.echo("\n".join(lines))
