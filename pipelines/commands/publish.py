"""`ror publish` and `ror rollback`: the versions that readers can be given."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from pipelines import publish as versions
from pipelines import runlock
from pipelines.cli import Options
from pipelines.ledger import Ledger

RUN_ID = click.argument("run_id")


@click.group()
def publish() -> None:
    """List, verify, pin and roll back published versions."""


@publish.command(name="list")
@click.pass_obj
def list_versions(options: Options) -> None:
    """Versions on disk, newest first; `*` is the one that readers see."""
    settings = options.settings()
    for version in versions.list_versions(settings):
        mark = "*" if version.is_current else " "
        pin = "pinned" if version.is_pinned else ""
        size = f"{version.byte_count / 1e6:,.1f} MB"
        click.echo(f"{mark} {version.run_id}  {version.built_at}  {size:>12}  {pin}".rstrip())


@publish.command()
@click.argument("run_id", required=False)
@click.pass_obj
def verify(options: Options, run_id: str | None) -> None:
    """Compare a version with its manifest; without a name the served one."""
    version = versions.verify_version(options.settings(), run_id)
    click.echo(f"{version.run_id}: file equals its manifest")


@publish.command()
@RUN_ID
@click.pass_obj
def pin(options: Options, run_id: str) -> None:
    """Keep a version whatever comes after it."""
    versions.pin(options.settings(), run_id)


@publish.command()
@RUN_ID
@click.pass_obj
def unpin(options: Options, run_id: str) -> None:
    """Let a version be pruned again."""
    versions.unpin(options.settings(), run_id)


@publish.command()
@click.pass_obj
def release(options: Options) -> None:
    """Allow nightly publishing again after `rollback --hold`."""
    settings = options.settings()
    versions.release(settings, Ledger(settings.ledger_file))
    click.echo("nightly publishing is on")


@click.command()
@click.option("--to", "run_id", help="Version to serve. [default: the one before the current]")
@click.option("--hold", is_flag=True, help="Stop nightly publishing until `ror publish release`.")
@click.pass_obj
def rollback(options: Options, run_id: str | None, hold: bool) -> None:
    """Serve an earlier version; its file is compared with its manifest first."""
    settings = options.settings()
    with runlock.hold(settings.lock_file, "rollback", "ror rollback", datetime.now(UTC)):
        served = versions.rollback(settings, Ledger(settings.ledger_file), to=run_id, hold=hold)
    click.echo(f"served: {served.run_id}{' (publishing is held)' if hold else ''}")


publish.add_command(rollback)
