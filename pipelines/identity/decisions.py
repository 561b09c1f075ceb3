"""What people decided about pairs of identifiers: a log in the ledger's file, never rewritten.

open ──approve──▶ approved ──unmerge──▶ open      open: as the records say
open ──reject───▶ rejected ──approve──▶ approved  approved, rejected: whatever the records say
open ──unmerge──▶ rejected ──approve──▶ open      (approve takes back an unmerge)
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pipelines.errors import ExitCode, RorError
from pipelines.settings import Settings

SCHEMA = """
create table if not exists identity_decisions (
    decision_number integer primary key, decided_at text not null, action text not null,
    a text not null, b text not null, state text not null, note text);
"""
SEED = "identity_decisions.csv"


class Action(StrEnum):
    """What somebody does."""

    APPROVE = "approve"
    REJECT = "reject"
    UNMERGE = "unmerge"


class State(StrEnum):
    """What holds for a pair."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Decision:
    """One decision; `a` is the lesser identifier of the pair. Times in UTC."""

    decision_id: str
    decided_at: datetime | None
    action: str
    a: str
    b: str
    state: State
    note: str


def after(action: Action, before: State, last_action: str | None) -> State | None:
    """The state that an action leads to; None when it changes nothing."""
    match action, before:
        case Action.APPROVE, State.REJECTED if last_action == Action.UNMERGE:
            return State.OPEN
        case Action.APPROVE, State.OPEN | State.REJECTED:
            return State.APPROVED
        case Action.REJECT, State.OPEN | State.APPROVED:
            return State.REJECTED
        case Action.UNMERGE, State.APPROVED:
            return State.OPEN
        case Action.UNMERGE, State.OPEN:
            return State.REJECTED
    return None


def decide(
    settings: Settings, action: Action, one: str, other: str, at: datetime, note: str = ""
) -> Decision:
    """Write a decision about two identifiers down; the next run applies it.

    Exit 64: the two are one identifier, or the pair is in that state already.
    """
    a, b = sorted((one, other))
    if a == b:
        raise _refused("these are one identifier", "name two")
    with _log(settings.ledger_file) as log:
        log.execute("begin immediate")
        # A log, or else a seed, may have decided before.
        known = log.execute(
            "select action, state from identity_decisions where a = ? and b = ?"
            " order by decision_number desc limit 1",
            [a, b],
        ).fetchone()
        last_action, before = (
            (known[0], State(known[1])) if known else (None, _seeded(settings, a, b))
        )
        state = after(action, before, last_action)
        if state is None:
            raise _refused(f"the pair is {before} already", "ror identity list --decisions")
        number = log.execute(
            "insert into identity_decisions (decided_at, action, a, b, state, note)"
            " values (?, ?, ?, ?, ?, ?)",
            [at.isoformat(), action, a, b, state, note],
        ).lastrowid
    return Decision(f"d{number}", at, action, a, b, state, note)


def decisions(settings: Settings) -> list[Decision]:
    """The decision that holds for each pair that anybody decided about by command, oldest first."""
    if not settings.ledger_file.exists():
        return []
    with _log(settings.ledger_file) as log:
        rows = log.execute(
            "select decision_number, decided_at, action, a, b, state, note from identity_decisions"
            " where decision_number in"
            " (select max(decision_number) from identity_decisions group by a, b)"
            " order by decision_number"
        ).fetchall()
    return [
        Decision(f"d{number}", datetime.fromisoformat(at), action, a, b, State(state), note or "")
        for number, at, action, a, b, state, note in rows
    ]


def _seeded(settings: Settings, a: str, b: str) -> State:
    path = settings.seeds_folder / SEED
    if not path.exists():
        return State.OPEN
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if sorted((row["left_identifier"], row["right_identifier"])) == [a, b]:
                return State(row["decision"])
    return State.OPEN


@contextmanager
def _log(path: Path) -> Iterator[sqlite3.Connection]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(path, timeout=30)) as con:
        path.chmod(0o600)
        con.execute("pragma journal_mode=wal")
        con.execute("pragma synchronous=full")
        con.execute(SCHEMA)
        with con:
            yield con


def _refused(why: str, next_step: str) -> RorError:
    return RorError("identity", "pair", why, next_step, ExitCode.USAGE)
