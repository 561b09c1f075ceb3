"""`ror status`: what is served, what the last run did, what it found. Works during a run."""

from __future__ import annotations

import json
from typing import Any

import click

from pipelines import runlock
from pipelines.cli import Options
from pipelines.ledger import Ledger


@click.command()
@click.option("--checks", "with_checks", is_flag=True, help="Also list checks that did not pass.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
@click.pass_obj
def status(options: Options, with_checks: bool, as_json: bool) -> None:
    """Show what is served and what the last run did."""
    settings = options.settings()
    if not settings.ledger_file.exists():
        click.echo(f"no run yet in {settings.root}; next: ror run")
        return
    ledger = Ledger(settings.ledger_file)
    facts = _facts(ledger, settings.published)
    facts["running"] = runlock.holder(settings.lock_file)
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo(f"served     {facts['served'] or 'nothing yet'}{' (held)' if facts['held'] else ''}")
    if facts["running"]:
        click.echo(f"running    {facts['running']['run_id']} (pid {facts['running']['pid']})")
    for run in facts["runs"][:1]:
        click.echo(f"last run   {run['run_id']}  {run['status']}  reports up to {run['as_of']}")
    for phase in facts["phases"]:
        rows = "" if phase["rows_out"] is None else f"{phase['rows_out']:,} rows"
        name = f"{phase['phase']} {phase['source'] or ''}".strip()
        click.echo(f"  {name:<18} {phase['result'] or 'running':<9} {rows}".rstrip())
        if phase["error_line"]:
            click.echo(f"             {phase['error_line']}")
    if with_checks:
        for check in facts["checks"]:
            line = f"observed {check['observed']}, allowed {check['limit_text']}"
            click.echo(f"  {check['outcome']:<9} {check['check_id']}: {line}")
            click.echo(f"             because {check['because']}")


def _facts(ledger: Ledger, published: Any) -> dict[str, Any]:
    runs = ledger.runs(10)
    last = runs[0]["run_id"] if runs else ""
    current = published / "current"
    return {
        "served": current.readlink().name if current.is_symlink() else None,
        "held": ledger.is_held(),
        "runs": runs,
        "phases": ledger.phases(last),
        "checks": [c for c in ledger.quality_results(last) if c["outcome"] in ("warn", "block")],
        "alerts": ledger.alerts(10),
    }
