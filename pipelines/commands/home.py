"""`ror init` and `ror settings`: a home and its knobs."""

from __future__ import annotations

import click

from pipelines.cli import Options
from pipelines.home import prepare_home

ENV_FILE = """# Settings of this home, one per line; `ror settings` explains each.
# ROR_TIME_ZONE=Europe/Rome
# ROR_SCHEDULE=0 2 * * *
"""


@click.command()
@click.pass_obj
def init(options: Options) -> None:
    """Make the folders of a new home; what exists stays as it is."""
    settings = options.settings()
    prepare_home(settings)
    env_file = settings.root / "ror.env"
    if not env_file.exists():
        env_file.write_text(ENV_FILE, encoding="utf-8")
    click.echo(f"home: {settings.root}")
    click.echo(f"next: ror feed infer FILE > {settings.feeds_folder}/NAME.yml")


@click.command()
@click.pass_obj
def settings(options: Options) -> None:
    """Print every setting: variable, value, meaning. Secrets show as ***."""
    values = options.settings()
    for name, field in type(values).model_fields.items():
        value = getattr(values, name)
        click.echo(f"ROR_{name.upper()}={value}")
        click.echo(f"    {field.description}")


@click.command(name="dagster-home")
@click.pass_obj
def dagster_home(options: Options) -> None:
    """Prepare Dagster's home and print its path: `DAGSTER_HOME=$(ror dagster-home) dagster dev`."""
    from pipelines.orchestration.instance import prepare_instance

    click.echo(prepare_instance(options.settings()))
