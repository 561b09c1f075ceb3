"""`ror today`: whom to answer first, and why."""

from __future__ import annotations

import click

from pipelines import query
from pipelines.cli import Options


@click.command()
@click.option(
    "--language", "-l", type=click.Choice(query.LANGUAGES), default="en", show_default=True,
    help="Language of the list.",
)  # fmt: skip
@click.option("--limit", default=0, show_default=True, help="Things per brand; 0: all of today's.")
@click.pass_obj
def today(options: Options, language: str, limit: int) -> None:
    """Print today's work list: whom to answer first, and why.

    What waits for an answer comes first, then suggestions; the day's minutes are those of
    `<home>/seeds/worklist_capacity.csv`. A share of the suggestions is held out at random, so that
    what they bring can be measured.

    Example: ror today --language it
    """
    click.echo("\n".join(query.todays_list(options.settings(), language, limit)))
