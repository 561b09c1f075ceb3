"""`ror quarantine`: rows that were refused, and what becomes of them."""

from __future__ import annotations

import click

from pipelines.cli import Options
from pipelines.loading import quarantine as store


@click.group()
def quarantine() -> None:
    """List, show, release and discard refused rows."""


@quarantine.command(name="list")
@click.pass_obj
def list_rows(options: Options) -> None:
    """Refused rows by feed, entity, reason and field."""
    groups = store.list_quarantine(options.settings())
    for group in groups:
        field = f".{group.field}" if group.field else ""
        click.echo(
            f"{group.feed}/{group.entity}{field}: {group.reason}: {group.rows:,} rows,"
            f" first {group.first_file} line {group.first_line} ({group.first_id})"
        )
    if not groups:
        click.echo("no refused rows")


@quarantine.command()
@click.argument("quarantine_id")
@click.pass_obj
def show(options: Options, quarantine_id: str) -> None:
    """Print one refused row whole. It may hold personal data."""
    click.echo(store.show(options.settings(), quarantine_id))


@quarantine.command()
@click.option("--feed", help="Only rows of this feed.")
@click.option("--reason", help="Only rows refused for this reason.")
@click.pass_obj
def release(options: Options, feed: str | None, reason: str | None) -> None:
    """Put rows back into the inbox; the next run checks them with today's feed file."""
    files = store.release(options.settings(), feed=feed, reason=reason)
    click.echo(f"{len(files)} files written to the inbox; next: ror run")


@quarantine.command()
@click.argument("quarantine_id")
@click.pass_obj
def discard(options: Options, quarantine_id: str) -> None:
    """Drop one refused row for good."""
    store.discard(options.settings(), quarantine_id)
    click.echo(f"{quarantine_id}: discarded")
