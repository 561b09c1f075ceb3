"""`ror recover`: bring back rows that the build file lost, from the archive of dropped files."""

from __future__ import annotations

import click

from pipelines import runlock
from pipelines.cli import Options
from pipelines.commands.run import run_nightly


@click.command()
@click.option(
    "--set-aside", is_flag=True, help="Keep the damaged build file apart, start a new one."
)
@click.pass_obj
def recover(options: Options, set_aside: bool) -> None:
    """Read again every archived file whose rows are missing, then run the night.

    Needed when `ror run` says that rows are below the ledger, or when the build file is damaged
    (--set-aside). Readers keep the published version meanwhile.
    """
    settings = options.settings()
    who = runlock.holder(settings.lock_file)
    if who is not None:
        raise runlock.refusal(who)
    if set_aside and settings.build_file.exists():
        number = len(list(settings.build_file.parent.glob("damaged-*.duckdb"))) + 1
        aside = settings.build_file.with_name(f"damaged-{number}.duckdb")
        settings.build_file.rename(aside)
        settings.build_file.with_name("warehouse.duckdb.wal").unlink(missing_ok=True)
        click.echo(f"set aside: {aside}")
    status = run_nightly(settings, command="ror recover", is_recovery=True)
    click.echo(f"recovered: the run is {status}")
