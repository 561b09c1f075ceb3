"""`ror doctor`: is everything as it must be, and what to do where it is not."""

from __future__ import annotations

import click

from pipelines import doctor as examination
from pipelines.cli import Options


@click.command()
@click.pass_obj
def doctor(options: Options) -> int:
    """Examine this machine, the home and the files in it; exit 0, 73, 77 or 78."""
    findings = examination.examine(options.settings())
    for finding in findings:
        click.echo(f"{finding.level:<5} {finding.name:<22} {finding.text}")
        if finding.level != "ok" and finding.next_step:
            click.echo(f"      next: {finding.next_step}")
    return int(examination.exit_code(findings))
