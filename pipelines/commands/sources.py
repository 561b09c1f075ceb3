"""`ror sources`: which APIs there are, what they land, and how one is set up."""

from __future__ import annotations

import click

from pipelines.cli import Options
from pipelines.commands.doctor import print_findings
from pipelines.errors import RorError


@click.group(invoke_without_command=True)
@click.pass_context
def sources(context: click.Context) -> None:
    """List the APIs that can be read; `show NAME` tells what one lands."""
    if context.invoked_subcommand is not None:
        return
    from pipelines.sources import APIS

    options: Options = context.obj
    used = options.settings().source_names
    for source in APIS:
        state = "in use" if source.name in used else ""
        lists = ", ".join(resource.name for resource in source.resources)
        click.echo(f"{source.name:<12} {state:<7} {source.title} {source.version}: {lists}")
    click.echo("next: ROR_SOURCES=NAME,… in ror.env, then ror sources show NAME")


@sources.command()
@click.argument("name")
@click.pass_obj
def show(options: Options, name: str) -> None:
    """What an API lands, its settings (secrets as ***), and what it does not tell."""
    from pipelines.loading.api.tables import field_columns
    from pipelines.sources.config import named, settings_of

    settings = options.settings()
    settings.use_for_sources()
    (source,) = named((name,))
    click.echo(f"{source.title}, version {source.version}; verified with {source.verified_with}")
    click.echo(f"settings: [sources.{source.name}] in {settings.root / '.dlt'}/*.toml")
    try:
        values = dict(settings_of(source))
    except RorError as error:
        click.echo(f"  {error.why}")
        values = {}
    for key, value in values.items():
        is_secret = "secret" in key or "token" in key or "password" in key
        click.echo(f"  {key} = {'***' if is_secret and value else value}")
    for resource in source.resources:
        key = ", ".join(resource.key)
        click.echo(f"\nraw_{source.name}.{resource.name}: one row per {resource.grain}")
        click.echo(f"  {resource.kind}, key {key}; a missing one: {resource.absence or 'nothing'}")
        click.echo(f"  {', '.join(column.name for column in field_columns(resource))}")
    for text in source.gives_not:
        click.echo(f"\nnot given: {text}")


@sources.command()
@click.argument("name")
@click.pass_context
def check(context: click.Context, name: str) -> int:
    """Ask an API for its cheapest object: token, rights and version in one line."""
    from pipelines import doctor as examination

    options: Options = context.obj
    settings = options.settings()
    settings.use_for_sources()
    findings = examination.ask((name,), settings)
    return print_findings(findings)
