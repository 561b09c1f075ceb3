"""`ror demo`: a small generated world through the same drop, run and publication as real data."""

from __future__ import annotations

from datetime import UTC, timedelta

import click

from pipelines.cli import DEMO_HOME, Options
from pipelines.clock import ManualClock
from pipelines.commands.run import run_nightly
from pipelines.commands.summary import print_summary
from pipelines.settings import load_settings, set_process_environment

TICK = timedelta(milliseconds=50)  # what a request takes on the simulated network


@click.command()
@click.option("--people", default=600, show_default=True, help="People in the world.")
@click.option("--weeks", default=26, show_default=True, help="Weeks of history.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same world.")
@click.pass_context
def demo(context: click.Context, people: int, weeks: int, seed: int) -> None:
    """Generate a small world and run the nightly on it, in var/demo or the given --home."""
    from pipelines.night import simulated_network
    from pipelines.world.export import write_world
    from pipelines.world.fakenet.access import demo_sources
    from pipelines.world.fakenet.network import fake_net
    from pipelines.world.parameters import BRAND_ZONE, WorldParameters
    from pipelines.world.world import build_world

    options: Options = context.obj
    home = options.home or DEMO_HOME
    parameters = WorldParameters(people=people, weeks=weeks, seed=seed)
    written = write_world(parameters, home.absolute())
    size = f"{written.records:,} records in {written.files} files"
    click.echo(f"world: {size}, {written.rejected} of them faulty on purpose", err=True)
    (home / "ror.env").write_text(
        f"ROR_AS_OF={parameters.as_of.isoformat()}\nROR_TIME_ZONE={BRAND_ZONE}\n"
        "ROR_SETTLE_SECONDS=0\n",
        encoding="utf-8",
    )
    clock = ManualClock(parameters.as_of.astimezone(UTC))
    with fake_net(build_world(parameters), clock=clock, tick=TICK) as net:
        set_process_environment({"ROR_HOME": str(home.absolute()), **demo_sources(net)})
        settings = load_settings(home=home)
        with simulated_network(clock):
            run_nightly(settings, command="ror demo")
    next_command = "ror --demo" if home == DEMO_HOME else f"ror --home {home}"
    print_summary(settings, next_command)
