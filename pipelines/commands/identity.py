"""`ror identity`: who is whom, what is proposed or held back, and decisions about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from pipelines.cli import Options

SHOWN = 20  # rows of a list unless asked for more
NOTE = click.option("--note", default="", help="Why; stays in the private ledger.")
PAIR = (click.argument("left"), click.argument("right", required=False))


@click.group()
def identity() -> None:
    """Say which identifiers are one person's: contact:ID, email:ADDRESS, profile:NETWORK:HANDLE.

    Keys as the tables have them may stand in place of addresses and handles. What is decided here
    holds from the next run on, and can be taken back.
    """


@identity.command(name="list")
@click.option("--decisions", "is_log", is_flag=True, help="Only what was decided.")
@click.option("--limit", type=click.IntRange(min=1), default=SHOWN, show_default=True)
@click.pass_obj
def list_open(options: Options, is_log: bool, limit: int) -> None:
    """What waits for a decision: proposals and links held back, the likeliest first; decisions."""
    from pipelines.identity.decisions import decisions
    from pipelines.identity.identifiers import typed
    from pipelines.identity.lookup import held_back, open_served, proposals

    settings = options.settings()
    if not is_log:
        with open_served(settings) as served:
            proposed, held = proposals(served, limit), held_back(served, limit)
        click.echo(f"{len(proposed)} proposals; next: ror identity approve|reject PROPOSAL")
        for row in proposed:
            click.echo(
                f"  {row['proposal_id']}  {row['match_probability']:.3f}  {_pair(row)}"
                f"  {row['explanation']}"
            )
        click.echo(f"{len(held)} links held back; next: ror identity approve|reject LEFT RIGHT")
        for row in held:
            click.echo(f"  {row['reason']}  {row['rule']}  {_pair(row)}")
    log = decisions(settings)
    click.echo(f"{len(log)} decisions")
    for one in log[-limit:]:
        at = f"{one.decided_at:%Y-%m-%d %H:%M}" if one.decided_at else ""
        click.echo(f"  {at}  {one.action}  {one.state}  {typed(one.a)} {typed(one.b)}  {one.note}")


@identity.command()
@click.argument("identifier")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As of the end of this date.")
@click.pass_obj
def who(options: Options, identifier: str, on: datetime | None) -> None:
    """Whose an identifier is, or was on a date, by the links that had been seen by then."""
    from pipelines.identity.identifiers import identifier_of, typed
    from pipelines.identity.lookup import holder, links_of, open_served

    settings = options.settings()
    wanted = identifier_of(identifier, settings)
    until = _end_of(on.date(), settings.time_zone) if on else None
    with open_served(settings) as served:
        found, links = holder(served, wanted, until), links_of(served, wanted)
    if found is None:
        click.echo("no record had named it" + (f" by {on:%Y-%m-%d}" if on else ""))
        return
    click.echo(found.person_id)
    for one in found.identifiers:
        click.echo(f"  {typed(one)}")
    for row in links:
        why = f" ({row['reason']})" if row["reason"] else ""
        click.echo(
            f"  {row['decision']}{why}: {row['rule']} {row['confidence']}: {_pair(row)};"
            f" {row['record_count']} {row['entity']}, first {row['record_id']}"
        )


@identity.command()
@PAIR[0]
@PAIR[1]
@NOTE
@click.pass_obj
def approve(options: Options, left: str, right: str | None, note: str) -> None:
    """Say that a proposal, or two identifiers, are one person; takes an unmerge back."""
    _decide(options, "approve", left, right, note)


@identity.command()
@PAIR[0]
@PAIR[1]
@NOTE
@click.pass_obj
def reject(options: Options, left: str, right: str | None, note: str) -> None:
    """Say that a proposal, or two identifiers, are not one person; it is not proposed again."""
    _decide(options, "reject", left, right, note)


@identity.command()
@click.argument("left")
@click.argument("right")
@NOTE
@click.pass_obj
def unmerge(options: Options, left: str, right: str, note: str) -> None:
    """Take an approval back, or cut the link between two identifiers."""
    from pipelines.identity.identifiers import typed
    from pipelines.identity.lookup import holder, open_served

    pair = _decide(options, "unmerge", left, right, note)
    with open_served(options.settings()) as served:
        rest = holder(served, pair[0], without=pair)
    if rest and pair[1] in rest.identifiers:
        between = " ".join(typed(one) for one in rest.identifiers if one not in pair)
        click.echo(f"other links still join them, by: {between}")


@identity.command()
@click.pass_obj
def train(options: Options) -> None:
    """Learn from this home's own records how likely agreement means one person; for proposals."""
    from pipelines.identity.proposals import train_own

    count, path = train_own(options.settings())
    click.echo(f"learnt from {count:,} records: {path}; next: ror run")


def _decide(
    options: Options, action: str, left: str, right: str | None, note: str
) -> tuple[str, str]:
    from pipelines.identity.decisions import Action, decide
    from pipelines.identity.identifiers import identifier_of
    from pipelines.identity.lookup import open_served, proposed_pair, refuse_unless_known

    settings = options.settings()
    with open_served(settings) as served:
        if right is None:
            one, other = proposed_pair(served, left)
        else:
            one, other = identifier_of(left, settings), identifier_of(right, settings)
        refuse_unless_known(served, one, other)
    done = decide(settings, Action(action), one, other, datetime.now(UTC), note)
    click.echo(f"{done.decision_id}: {done.state}; next: ror run")
    return done.a, done.b


def _pair(row: dict[str, Any]) -> str:
    return f"{row['left_kind']}:{row['left_key']} {row['right_kind']}:{row['right_key']}"


def _end_of(day: date, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
