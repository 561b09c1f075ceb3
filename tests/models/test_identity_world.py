"""Precision and recall of identity on a planted world with shared mailboxes and forwarded mail."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipelines.identity.decisions import Decision, State
from pipelines.identity.landing import land_decided
from pipelines.identity.proposals import is_installed, propose
from pipelines.names.forms import load_names
from pipelines.privacy import Vault
from pipelines.privacy.vault import BATCH_SCHEMA
from pipelines.settings import Settings
from tests.models.test_identity import persons
from tests.support.acts import build, rows
from tests.support.identity_world import KEY, SpoiltWorld, spoilt_world
from tests.support.raw import RawWarehouse

SEEN = datetime(2026, 1, 1, tzinfo=UTC)
Pairs = set[frozenset[str]]


def pairs(groups: Iterable[set[str]]) -> Pairs:
    return {frozenset(pair) for group in groups for pair in itertools.combinations(group, 2)}


def true_pairs(world: SpoiltWorld) -> Pairs:
    groups: dict[str, set[str]] = defaultdict(set)
    for identifier, person in world.truth.items():
        groups[person].add(identifier)
    return pairs(groups.values())


def evident_pairs(world: SpoiltWorld) -> Pairs:
    """Pairs that hang together by unspoilt records: a union-find."""
    leader = {identifier: identifier for identifier in world.truth}

    def find(identifier: str) -> str:
        while leader[identifier] != identifier:
            identifier = leader[identifier]
        return identifier

    for one, other in world.links:
        leader[find(one)] = find(other)
    groups: dict[str, set[str]] = defaultdict(set)
    for identifier in leader:
        groups[find(identifier)].add(identifier)
    return pairs(groups.values())


def found_pairs(world: SpoiltWorld, con: duckdb.DuckDBPyConnection) -> Pairs:
    groups: dict[str, set[str]] = defaultdict(set)
    for (kind, key), person in persons(con).items():
        if f"{kind}|{key}" in world.truth:
            groups[person].add(f"{kind}|{key}")
    return pairs(groups.values())


def landed(home: Path, world: SpoiltWorld) -> RawWarehouse:
    raw = RawWarehouse(home)
    for entity, found in world.rows.items():
        raw.land(entity, found)
    with duckdb.connect(str(raw.path)) as con:
        land_decided(con, [], load_names(), KEY, "1700001000.0")
    batch = [
        {"subject_key": key, "kind": kind, "value": value, "seen_at": SEEN}
        for key, (kind, value) in world.clear.items()
    ]
    with Vault(home / "build" / "vault.duckdb", KEY) as vault:
        vault.upsert(pa.Table.from_pylist(batch, BATCH_SCHEMA))
    return raw


@pytest.mark.long
def test_identity_when_the_world_is_spoilt_then_precision_recall_and_proposals_hold(
    tmp_path: Path,
) -> None:
    world = spoilt_world(500)
    raw = landed(tmp_path, world)
    with build(raw, "int_person_keys", "int_identity_names") as con:
        found = found_pairs(world, con)
    true = true_pairs(world)
    assert len(found & true) / len(found) >= 0.995
    evident = evident_pairs(world)
    assert len(found & evident) / len(evident) >= 0.90
    if not is_installed():
        pytest.skip("without splink nobody is proposed")
    settings = Settings(home=tmp_path)
    with duckdb.connect(str(raw.path)) as con:
        count = propose(con, settings)
        proposed = rows(
            con, "select left_identifier, right_identifier, match_probability"
            " from solved.identity_proposals order by match_weight desc, proposal_id",
        )  # fmt: skip
        con.execute("delete from solved.identity_proposal_inputs")
        assert propose(con, settings) == count == len(proposed)
        assert proposed == rows(
            con, "select left_identifier, right_identifier, match_probability"
            " from solved.identity_proposals order by match_weight desc, proposal_id",
        )  # fmt: skip
    # Somebody who knows everybody looks through them.
    right = [p for p in proposed if world.truth.get(p[0]) == world.truth.get(p[1]) is not None]
    assert len(right) / len(proposed) >= 0.8
    decided = [
        Decision(f"d{n}", SEEN, "approve", left, other, State.APPROVED, "")
        for n, (left, other, _) in enumerate(right)
    ]
    with duckdb.connect(str(raw.path)) as con:
        land_decided(con, decided, load_names(), KEY, "1700001001.0")
    with build(raw, "int_person_keys") as con:
        found = found_pairs(world, con)
    assert len(found & true) / len(found) >= 0.995
    assert len(found & true) / len(true) >= 0.90
