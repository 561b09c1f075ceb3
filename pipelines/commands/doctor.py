"""`ror doctor`: is everything as it must be, and what to do where it is not."""

from __future__ import annotations

import click

from pipelines import doctor as examination
from pipelines.cli import Options


@click.command()
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="Ask this API, and nothing else."
)
@click.option("--online", is_flag=True, help="Ask every API in use as well.")
@click.pass_obj
def doctor(options: Options, sources: tuple[str, ...], online: bool) -> int:
    """Examine this machine, the home and the files in it; exit 0, 73, 77 or 78."""
    settings = options.settings()
    settings.use_for_sources()
    findings = [] if sources else examination.examine(settings)
    if sources or online:
        findings += examination.ask(sources, settings)
    return print_findings(findings)


def print_findings(findings: list[examination.Finding]) -> int:
    """One line per finding, and what to do where it is not ok; returns the exit code."""
    for finding in findings:
        click.echo(f"{finding.level:<5} {finding.name:<22} {finding.text}")
        if finding.level != "ok" and finding.next_step:
            click.echo(f"      next: {finding.next_step}")
    return int(examination.exit_code(findings))
