"""Fills `solved.identity_proposals`: who may be one person, for a human to decide; joins nobody."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from pipelines.errors import ExitCode, RorError
from pipelines.identity.records import Record, fingerprint, records
from pipelines.names.forms import ADDITIONS, load_names
from pipelines.privacy import attach_vault
from pipelines.settings import Settings
from pipelines.tables import insert_rows

if TYPE_CHECKING:
    from pipelines.identity.linkage import Match

READS = (
    "intermediate.int_identity_names",
    "intermediate.int_identity_conflicts",
    "intermediate.int_person_keys",
)
WRITES = ("identity_proposals",)
SHIPPED_MODEL = Path(__file__).with_name("linkage_model.json")
LEAST_PROBABILITY = 0.9  # below it a human looks through too many for one that is right
ID_DIGITS = 12
OWN_MODEL = "identity_model.json"  # beside the ledger: trained on this home's own records
PROPOSALS = pa.schema(
    [("proposal_id", pa.string()), ("left_identifier", pa.string()),
     ("right_identifier", pa.string()), ("match_weight", pa.float64()),
     ("match_probability", pa.float64()), ("explanation", pa.string())]
)  # fmt: skip
# Persons of whom somebody said that they are not one; by command, else by the seed.
REJECTED = """
    with
        commanded as (from decided.identity_decisions),
        rejected as (
            select a, b from commanded where state = 'rejected'
            union all
            select a, b from (
                select least(left_identifier, right_identifier) as a,
                    greatest(left_identifier, right_identifier) as b
                from reference.identity_decisions where decision = 'rejected') as seeded
            anti join commanded using (a, b)),
        people as (
            select identifier_kind || '|' || identifier_key as identifier, person_id
            from intermediate.int_person_keys)
    select distinct lefts.person_id, rights.person_id from rejected
    inner join people as lefts on lefts.identifier = a
    inner join people as rights on rights.identifier = b
    order by all"""


def is_installed() -> bool:
    """Splink is there."""
    return importlib.util.find_spec("splink") is not None


def model_file(settings: Settings) -> Path:
    """The parameters in use: those trained here, else the shipped ones."""
    own = settings.ledger_file.with_name(OWN_MODEL)
    return own if own.exists() else SHIPPED_MODEL


def linkage() -> Any:
    """The module that imports Splink, which takes seconds: only where something is to be linked."""
    return importlib.import_module("pipelines.identity.linkage")


def propose(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Replace the proposals when what they rest on changed; how many stand.

    Rests on records, names, decisions and parameters alone: the same give the same. Needs the first
    half of the build in the same file, and the vault.
    """
    attach_vault(connection, settings.vault_file)
    try:
        found = records(connection, load_names(settings.seeds_folder / ADDITIONS))
    finally:
        connection.execute("detach vault")
    rejected = connection.execute(REJECTED).fetchall()
    model = model_file(settings)
    now = fingerprint(found, f"{rejected} {model.read_text(encoding='utf-8')}")
    if connection.execute("from solved.identity_proposal_inputs").fetchone() != (now,):
        apart = {frozenset(pair) for pair in rejected}
        matches = linkage().match(found, model, LEAST_PROBABILITY)
        _replace(connection, list(_proposals(found, matches, apart)), now)
    count = connection.execute("select count(*) from solved.identity_proposals").fetchone()
    return count[0] if count else 0


def train_own(settings: Settings) -> tuple[int, Path]:
    """Learn parameters from the records of the last build; how many records, and the file.

    Exit 75: a run holds the build file. 69: nothing was built yet.
    """
    if not settings.build_file.exists():
        why = "nothing was built yet"
        raise RorError("identity", "build", why, "ror run", ExitCode.UNAVAILABLE)
    try:
        connection = duckdb.connect(str(settings.build_file), read_only=True)
    except duckdb.IOException as error:
        why = "a run holds it"
        raise RorError("identity", "build file", why, "ror status", ExitCode.TRY_AGAIN) from error
    with connection:
        attach_vault(connection, settings.vault_file)
        found = records(connection, load_names(settings.seeds_folder / ADDITIONS))
    path = settings.ledger_file.with_name(OWN_MODEL)
    linkage().train(found, path)
    return len(found), path


def _proposals(
    found: list[Record], matches: Iterable[Match], apart: set[frozenset[str]]
) -> Iterable[dict[str, Any]]:
    """The likeliest match of each two persons; matches come the likeliest first."""
    by_id = {record.record_id: record for record in found}
    seen = set(apart)
    for one in matches:
        left, right = by_id[one.left], by_id[one.right]
        people = frozenset((left.person_id, right.person_id))
        if len(people) == 1 or people in seen:
            continue
        seen.add(people)
        first, second = sorted((left.identifier, right.identifier))
        digest = hashlib.md5(f"{first} {second}".encode(), usedforsecurity=False).hexdigest()
        yield {
            "proposal_id": digest[:ID_DIGITS],
            "left_identifier": first,
            "right_identifier": second,
            "match_weight": one.match_weight,
            "match_probability": one.match_probability,
            "explanation": ", ".join(f"{word} {weight:+.1f}" for word, weight in one.levels),
        }


def _replace(
    connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]], input_hash: str
) -> None:
    connection.begin()
    try:
        connection.execute("delete from solved.identity_proposals")
        found = pa.Table.from_pylist(rows, PROPOSALS)
        insert_rows(connection, "solved.identity_proposals", found)
        connection.execute("delete from solved.identity_proposal_inputs")
        connection.execute("insert into solved.identity_proposal_inputs values (?)", [input_hash])
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
