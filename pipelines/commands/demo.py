"""`ror demo`: a small generated world through the same drop, run and publication as real data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from pipelines.cli import DEMO_HOME, Options
from pipelines.clock import ManualClock
from pipelines.commands.run import run_nightly
from pipelines.commands.summary import print_summary
from pipelines.settings import load_settings, set_process_environment

DEFAULT_PEOPLE = 600
DEFAULT_SOURCE = "bluesky"
# The other two tell of the same deals and posts again.
ALL_SOURCES = (
    "bluesky", "facebook", "hubspot", "instagram", "linkedin", "mastodon", "stripe", "typeform",
    "x",
)  # fmt: skip
TICK = timedelta(milliseconds=50)  # what a request takes on the simulated network


@click.command()
@click.option("--people", type=int, help="People in the world. [default: 600; scenarios: 20,000]")
@click.option("--weeks", default=26, show_default=True, help="Weeks of history.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same world.")
@click.option(
    "--sources",
    default=DEFAULT_SOURCE,
    show_default=True,
    help="APIs to read by their connectors, in place of files; all: nine of them.",
)
@click.option("--scenario", help="A planted world with a known answer, S0 to S9; see ror truth.")
@click.pass_context
def demo(
    context: click.Context,
    people: int | None,
    weeks: int,
    seed: int,
    sources: str,
    scenario: str | None,
) -> None:
    """Generate a small world and run the nightly on it, in var/demo or the given --home.

    APIs are simulated on this machine. A home that has read files of a network before keeps them:
    give other --sources another --home.

    With --scenario: people by weeks for the question whether relationship work pays, in
    var/planted-<scenario>; then `ror --home var/planted-<scenario> truth`.
    """
    if scenario:
        _planted(context, scenario, people, seed)
        return
    from pipelines.night import simulated_network
    from pipelines.world.export import write_world
    from pipelines.world.fakenet.access import demo_sources
    from pipelines.world.fakenet.network import fake_net
    from pipelines.world.parameters import BRAND_ZONE, WorldParameters
    from pipelines.world.world import build_world

    options: Options = context.obj
    home = options.home or DEMO_HOME
    parameters = WorldParameters(people=people or DEFAULT_PEOPLE, weeks=weeks, seed=seed)
    names = _named(sources)
    written = write_world(parameters, home.absolute(), names)
    size = f"{written.records:,} records in {written.files} files"
    click.echo(f"world: {size}, {written.rejected} of them faulty on purpose", err=True)
    _write_settings(home, parameters.as_of, str(BRAND_ZONE))
    clock = ManualClock(parameters.as_of.astimezone(UTC))
    with fake_net(build_world(parameters), clock=clock, tick=TICK) as net:
        set_process_environment({"ROR_HOME": str(home.absolute()), **demo_sources(net, names)})
        settings = load_settings(home=home)
        with simulated_network(clock):
            run_nightly(settings, command="ror demo")
    next_command = "ror --demo" if home == DEMO_HOME else f"ror --home {home}"
    print_summary(settings, next_command)


def _named(sources: str) -> list[str]:
    """Exit 64 when one has no façade."""
    from pipelines.errors import ExitCode, RorError
    from pipelines.sources import APIS

    if sources == "all":
        return list(ALL_SOURCES)
    names = [name.strip() for name in sources.split(",") if name.strip()]
    known = sorted(api.name for api in APIS)
    for name in names:
        if name not in known:
            raise RorError(
                "demo", name, "no such source", f"one of {', '.join(known)}", ExitCode.USAGE
            )
    return names


def _planted(context: click.Context, name: str, people: int | None, seed: int) -> None:
    """A planted world through the same night; no network is part of it."""
    from pipelines.errors import ExitCode, RorError
    from pipelines.world.planted.export import write_planted
    from pipelines.world.planted.parameters import SCENARIOS, scenario

    if name not in SCENARIOS:
        known = ", ".join(SCENARIOS)
        raise RorError("demo", name, "no such scenario", f"one of {known}", ExitCode.USAGE)
    options: Options = context.obj
    home = (options.home or DEMO_HOME.with_name(f"planted-{name}")).absolute()
    ends_at = write_planted(name, scenario(name, people, seed), home)
    _write_settings(home, ends_at, "UTC")
    set_process_environment({"ROR_HOME": str(home)})
    settings = load_settings(home=home)
    run_nightly(settings, command="ror demo")
    print_summary(settings, f"ror --home {home}")
    click.echo(f"      .venv/bin/ror --home {home} truth")


def _write_settings(home: Path, as_of: datetime, zone: str) -> None:
    (home / "ror.env").write_text(
        f"ROR_AS_OF={as_of.isoformat()}\nROR_TIME_ZONE={zone}\nROR_SETTLE_SECONDS=0\n",
        encoding="utf-8",
    )
