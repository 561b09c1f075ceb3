"""`ror new-source`: a connector that runs, with its staging, its fake and its tests."""

from __future__ import annotations

from pathlib import Path

import click

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
NEXT = (
    ("pipelines/sources/{name}.py", "settings, columns, what answers mean, what it does not give"),
    ("pipelines/sources/{name}_reads.py", "paths, pages, what is read each night, what has ended"),
    ("pipelines/world/fakenet/{name}.py", "its paths, bodies and refusals, from the API's pages"),
    ("dbt_project/models/staging/{name}/", "one file per entity; name each in dbt_project.yml"),
    ("tests/contract/test_{name}.py", "the faults that this API can show"),
)


@click.command()
@click.argument("name")
@click.option("--folder", type=FOLDER, help="Checkout to write to. [default: this one]")
def new_source(name: str, folder: Path | None) -> None:
    """Scaffold a connector that runs, with staging, fake and tests; refuses a name that is taken.

    Example: ror new-source shopware
    """
    from pipelines.scaffold import plan_source, write
    from pipelines.settings import ROOT

    root = folder or ROOT
    plan = plan_source(name, root)
    write(plan, root)
    for path in plan.created:
        click.echo(f"new      {path}")
    for path in plan.extended:
        click.echo(f"entered  {path}")
    click.echo("\nIt runs as it is: people of an API that nobody has. Edit, in this order:")
    for path, what in NEXT:
        click.echo(f"  {path.format(name=name):<42} {what}")
    click.echo(f"\nnext: pytest tests/contract/test_{name}.py tests/models/test_staging_{name}.py")
    click.echo("      make docs, then ROR_SOURCES=… and ror doctor --source " + name)
