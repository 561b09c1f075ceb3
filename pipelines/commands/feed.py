"""`ror feed`: declare what kinds of files a team drops."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines import contract
from pipelines.cli import Options
from pipelines.files.feeds import load_feed, load_feeds

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def feed() -> None:
    """Declare, draft and list feeds of the file drop."""


@feed.command()
@click.argument("file", type=FILE)
@click.option("--name", help="Name of the feed. [default: from the file's name]")
def infer(file: Path, name: str | None) -> None:
    """Draft a feed from a file: format, columns, types and the entity it seems to hold.

    Example: ror feed infer export.csv > var/feeds/export.yml
    """
    from pipelines.files.infer import infer_feed

    click.echo(infer_feed(file, name))


@feed.command(name="list")
@click.pass_obj
def list_feeds(options: Options) -> None:
    """Feeds of this home and the folder each one's files go to."""
    settings = options.settings()
    for item in load_feeds(settings.feeds_folder):
        entities = ", ".join(mapping.entity for mapping in item.entities)
        folder = settings.drop / item.feed
        click.echo(f"{item.feed:<24} {item.format:<10} -> {entities:<30} {folder}")


@feed.command()
@click.argument("feed_file", type=FILE)
@click.argument("file", type=FILE)
@click.pass_obj
def check(options: Options, feed_file: Path, file: Path) -> None:
    """Read a file with a feed and say what would land; nothing is stored."""
    from pipelines.files.read import read_file

    declared = load_feed(feed_file)
    read = rejected = 0
    landed: dict[str, int] = {}
    reasons: dict[tuple[str, str], int] = {}
    for batch in read_file(declared, file, file.name, options.settings()):
        read, rejected = read + batch.rows_read, rejected + batch.rejected_records
        for entity, table in batch.entities.items():
            landed[entity] = landed.get(entity, 0) + table.num_rows
        for reject in batch.rejects.select(["reason", "field"]).to_pylist():
            key = (reject["reason"], reject["field"] or "")
            reasons[key] = reasons.get(key, 0) + 1
    click.echo(f"{file.name}: {read:,} records, {rejected:,} refused")
    for entity, rows in landed.items():
        click.echo(f"  {entity:<16} {rows:>10,} rows")
    for (reason, field), rows in sorted(reasons.items()):
        click.echo(f"  refused: {reason} {field}: {rows:,}")


@feed.command()
@click.argument("entity", type=click.Choice([e.name for e in contract.ENTITIES]), required=False)
def entities(entity: str | None) -> None:
    """What can be fed: all entities, or the columns of one."""
    for item in contract.ENTITIES if entity is None else ():
        click.echo(f"{item.name:<16} {item.grain}")
    for column in contract.entity(entity).columns if entity else ():
        marks = "required" if column.is_required else ""
        allowed = f" One of: {', '.join(column.allowed)}." if column.allowed else ""
        click.echo(f"{column.name:<20} {column.type:<10} {marks:<9} {column.text}{allowed}")
