"""Who an identifier is, or was on a day: a walk along the links of the published warehouse."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from pipelines.errors import ExitCode, RorError
from pipelines.settings import Settings
from pipelines.tables import rows_of

# Links in force that had been seen by then, and the identifiers they lead to from one.
WALK = """
with recursive
    links as (
        select left_kind || '|' || left_key as a, right_kind || '|' || right_key as b
        from marts.identity_links
        where decision in ('auto', 'approved') and person_id is not null
            and coalesce(since_at <= $on, true)
            and (least(a, b), greatest(a, b)) <> ($a, $b)
    ),
    both_ways as (select a, b from links union all select b, a from links),
    reached(identifier) as (
        select $identifier
        union
        select both_ways.b from reached inner join both_ways on both_ways.a = reached.identifier
    )
select identifier, first_seen_at
from reached
inner join (
    select identifier_kind || '|' || identifier_key as identifier, first_seen_at
    from marts.person_identifiers
) as known using (identifier)
where coalesce(first_seen_at <= $on, true)
order by first_seen_at nulls last, identifier
"""
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Holder:
    """Whose an identifier is: `person_id` as it was on the day; `identifiers`: all of them then."""

    person_id: str
    identifiers: tuple[str, ...]


def open_served(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The published warehouse, read-only. Exit 69: nothing is published yet."""
    if not settings.served_file.exists():
        raise RorError(
            "identity", "published", "nothing is published yet", "ror run", ExitCode.UNAVAILABLE
        )
    connection = duckdb.connect(str(settings.served_file), read_only=True)
    connection.execute("set timezone = 'UTC'")
    return connection


def holder(
    connection: duckdb.DuckDBPyConnection,
    identifier: str,
    on: datetime | None = None,
    without: tuple[str, str] = ("", ""),
) -> Holder | None:
    """Whose an identifier is by the links seen up to `on` (now: all), but for the link `without`.

    None when no record had named it by then. What is held back or rejected today counts as never
    linked.
    """
    found = connection.execute(
        WALK,
        {"identifier": identifier, "on": on or END_OF_TIME, "a": without[0], "b": without[1]},
    ).fetchall()
    identifiers = tuple(row[0] for row in found)
    if identifier not in identifiers:
        return None
    digest = hashlib.md5(identifiers[0].encode(), usedforsecurity=False).hexdigest()
    return Holder(f"p_{digest[:16]}", identifiers)


def links_of(connection: duckdb.DuckDBPyConnection, identifier: str) -> list[dict[str, Any]]:
    """Every link of an identifier, those held back too."""
    kind, _, key = identifier.partition("|")
    return rows_of(
        connection,
        "select * from marts.identity_links where (left_kind, left_key) = ($1, $2)"
        " or (right_kind, right_key) = ($1, $2)"
        " order by confidence desc, rule, left_key, right_key",
        [kind, key],
    )


def held_back(connection: duckdb.DuckDBPyConnection, limit: int) -> list[dict[str, Any]]:
    """Links in quarantine, the surest first."""
    return rows_of(
        connection,
        "select * from marts.identity_links where decision = 'quarantined'"
        " order by confidence desc, left_kind, left_key, right_kind, right_key limit ?",
        [limit],
    )


def proposals(connection: duckdb.DuckDBPyConnection, limit: int) -> list[dict[str, Any]]:
    """Proposals that nobody decided about, the likeliest first."""
    return rows_of(
        connection,
        "select * from marts.identity_proposals order by match_weight desc, proposal_id limit ?",
        [limit],
    )


def proposed_pair(connection: duckdb.DuckDBPyConnection, proposal_id: str) -> tuple[str, str]:
    """The two identifiers of a proposal. Exit 64: there is no such proposal."""
    found = connection.execute(
        "select left_kind || '|' || left_key, right_kind || '|' || right_key"
        " from marts.identity_proposals where proposal_id = ?",
        [proposal_id],
    ).fetchone()
    if found is None:
        raise _unknown("proposal", "is no proposal of the last run")
    return found[0], found[1]


def refuse_unless_known(connection: duckdb.DuckDBPyConnection, *identifiers: str) -> None:
    """Exit 64 when an identifier is in no record: nothing could come of a decision about it."""
    for identifier in identifiers:
        kind, _, key = identifier.partition("|")
        found = connection.execute(
            "select 1 from marts.person_identifiers"
            " where identifier_kind = ? and identifier_key = ? limit 1",
            [kind, key],
        ).fetchone()
        if found is None:
            raise _unknown(kind, "is named by no record of the last run")


def _unknown(where: str, why: str) -> RorError:
    return RorError("identity", where, why, "ror identity list", ExitCode.USAGE)
