"""Who is whom: hand-made records, and random ones against a union-find."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.acts import build, inbound, rows
from tests.support.raw import RawWarehouse

PERSONS = "select identifier_kind, identifier_key, person_id from intermediate.int_person_keys"


def persons(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    return {(kind, key): person for kind, key, person in rows(con, PERSONS)}


def person_id(identifier: str) -> str:
    return "p_" + hashlib.md5(identifier.encode()).hexdigest()[:16]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("identity"))
    created = "2026-01-10 00:00:00+00"
    raw.land(
        "contacts",
        [
            {"contact_id": "1", "emails_key": "e1 e2", "created_at": created},
            {"contact_id": "2", "emails_key": "e2", "created_at": "2026-01-02 00:00:00+00"},
            {"contact_id": "3", "social_profiles_key": "ann", "created_at": created},
            {"contact_id": "4", "phones_key": "same", "created_at": created},
            {"contact_id": "5", "phones_key": "same", "created_at": created},
            {"contact_id": "gone", "emails_key": "e1", "_is_deleted": True},
            *(
                {"contact_id": f"desk {n}", "emails_key": "info", "created_at": created}
                for n in range(6)
            ),
            # Six records, but three were merged into one: four contacts share the mailbox.
            *(
                {"contact_id": f"team {n}", "emails_key": "team", "created_at": created}
                for n in range(6)
            ),
        ],
    )
    raw.land(
        "contact_merges",
        [
            {"loser_id": "team 1", "winner_id": "team 2"},
            {"loser_id": "team 2", "winner_id": "team 3"},
            {"loser_id": "8", "winner_id": "9"},
            {"loser_id": "9", "winner_id": "8"},
            {"loser_id": "a", "winner_id": "b"},
            {"loser_id": "b", "winner_id": "c"},
        ],
    )
    raw.land("deal_contacts", [{"deal_id": "d", "contact_id": "a"}])
    raw.land("messages", [inbound("m", "2026-01-01 00:00:00", "ann")])
    raw.land("profiles", [{"network": "x", "profile_id_key": "ann", "email_key": "e9"}])
    raw.land(
        "orders",
        [
            {
                "order_id": "o", "contact_id": "shop 7", "email_key": "e9", "gross_minor": 1,
                "ordered_at": "2026-03-01 00:00:00+00", "currency": "EUR",
            }
        ],
    )  # fmt: skip
    raw.land(
        "clicks",
        [
            {
                "click_id": "c", "channel": "mail", "contact_id": "1", "profile_id_key": "bea",
                "clicked_at": "2026-03-01 00:00:00+00",
            }
        ],
    )  # fmt: skip
    con = build(raw, "int_person_keys")
    yield con
    con.close()


def test_identity_when_two_contacts_share_an_address_then_they_are_the_one_seen_first(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = persons(built)
    same = {
        found[key] for key in (("contact", "1"), ("contact", "2"), ("email", "e1"), ("email", "e2"))
    }
    assert same == {person_id("contact|2")}
    assert found["profile", "bea"] == person_id("contact|2")
    assert ("contact", "gone") not in found


def test_identity_when_profile_order_and_contact_are_linked_then_the_message_came_first(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = persons(built)
    keys = (("profile", "ann"), ("contact", "3"), ("email", "e9"), ("contact", "shop 7"))
    assert {found[key] for key in keys} == {person_id("profile|ann")}


def test_identity_when_only_a_telephone_is_shared_then_they_stay_two(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = persons(built)
    assert found["contact", "4"] != found["contact", "5"]


def test_identity_when_more_than_five_contacts_share_a_mailbox_then_it_joins_nobody(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = persons(built)
    assert len({found["contact", f"desk {n}"] for n in range(6)} | {found["email", "info"]}) == 7
    assert len({found["contact", f"team {n}"] for n in range(6)} | {found["email", "team"]}) == 1
    assert rows(built, "select * from intermediate.int_identity_conflicts") == [
        ("email|info", "shared_by_contacts", 6)
    ]


def test_identity_when_merges_form_a_circle_then_it_ends_and_they_are_one(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = persons(built)
    assert found["contact", "8"] == found["contact", "9"]


def test_identity_when_contacts_of_a_deal_were_merged_twice_then_they_are_the_last_one(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = persons(built)
    assert found["contact", "a"] == found["contact", "b"] == found["contact", "c"]


def random_records(dice: random.Random, world: int) -> dict[str, list[dict[str, Any]]]:
    """Contacts, clicks and profiles whose keys start with the world's number: worlds never meet."""
    size = dice.randint(2, 12)

    def key(kind: str) -> str:
        return f"w{world}{kind}{dice.randrange(size)}"

    def instant() -> str:
        return f"2026-01-{dice.randint(1, 9):02} 00:00:00+00"

    return {
        "contacts": [
            {
                "contact_id": f"w{world}c{n}", "emails_key": key("e"), "created_at": instant(),
                "given_name_key": dice.choice([None, None, None, "ann", "bob"]),
            }
            for n in range(dice.randint(0, size))
        ],
        "clicks": [
            {
                "click_id": f"w{world}k{n}", "channel": "mail", "clicked_at": instant(),
                "email_key": key("e") if dice.random() < 0.7 else None,
                "contact_id": key("c") if dice.random() < 0.3 else None,
                "profile_id_key": key("p") if dice.random() < 0.5 else None,
            }
            for n in range(dice.randint(0, size))
        ],
    }  # fmt: skip


Identifier = tuple[str, str]
Link = tuple[float, Identifier, Identifier]


def closed(links: list[Link], seen: dict[Identifier, str]) -> dict[Identifier, set[Identifier]]:
    """The group of each identifier by a union-find."""
    leader = {identifier: identifier for identifier in seen}

    def find(identifier: Identifier) -> Identifier:
        while leader[identifier] != identifier:
            identifier = leader[identifier]
        return identifier

    for _, one, other in links:
        leader[find(one)] = find(other)
    groups: dict[Identifier, set[Identifier]] = defaultdict(set)
    for identifier in seen:
        groups[find(identifier)].add(identifier)
    return {identifier: groups[find(identifier)] for identifier in seen}


def expected_persons(records: dict[str, list[dict[str, Any]]]) -> dict[Identifier, str]:
    """Union-find over the same records, written from the rules alone."""
    rules = [
        (0.99, r["created_at"], [("contact", r["contact_id"]), ("email", r["emails_key"])])
        for r in records["contacts"]
    ] + [
        (
            0.9,
            r["clicked_at"],
            [
                ("contact", r["contact_id"]),
                ("email", r["email_key"]),
                ("profile", r["profile_id_key"]),
            ],
        )
        for r in records["clicks"]
    ]
    degrees: dict[Identifier, set[str]] = defaultdict(set)
    seen: dict[Identifier, str] = {}
    names = {
        ("contact", r["contact_id"]): r["given_name_key"]
        for r in records["contacts"]
        if r["given_name_key"]
    }
    groups = []
    for confidence, instant, named in rules:
        group = [identifier for identifier in named if identifier[1]]
        groups.append((confidence, group))
        for identifier in group:
            if confidence < 0.95 or identifier[0] == "contact":
                seen[identifier] = min(seen.get(identifier, "9"), instant)
            else:
                seen.setdefault(identifier, "9")
            if identifier[0] != "contact":
                degrees[identifier] |= {key for kind, key in group if kind == "contact"}
    claimed: dict[Identifier, set[str]] = defaultdict(set)
    for r in records["contacts"]:
        claimed["email", r["emails_key"]] |= {r["given_name_key"]} - {None}

    def is_usable(one: Identifier) -> bool:
        return len(degrees[one]) <= 5 and len(claimed[one]) <= 1

    links = [
        (confidence, one, other)
        for confidence, group in groups
        for one, other in itertools.combinations(group, 2)
        if is_usable(one) and is_usable(other)
    ]
    persons: dict[Identifier, set[Identifier]] = {}
    doubted = seen
    for level in (0.0, 0.95, 0.98, 1.0):  # all links, no clicks, the CRM's own, certain ones
        members = closed([k for k in links if k[0] >= level and k[1] in doubted], doubted)
        torn = {
            one
            for one, group in members.items()
            if len({names[m] for m in group if m in names}) > 1
        }
        persons |= {one: group for one, group in members.items() if one not in torn}
        doubted = {one: seen[one] for one in torn}
    return {
        one: person_id(min((seen[m], "|".join(m)) for m in group)[1])
        for one, group in persons.items()
    }


@pytest.mark.slow
@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_identity_when_records_are_random_then_persons_equal_a_union_find(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    dice = random.Random(seed)
    worlds = [random_records(dice, world) for world in range(80)]
    expected = {key: person for world in worlds for key, person in expected_persons(world).items()}
    strangers = random_records(dice, 999)

    def identify(home: Path, order: int, more: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
        raw = RawWarehouse(home)
        for name in ("contacts", "clicks"):
            landed = [row for world in [*worlds, *more] for row in world[name]]
            random.Random(order).shuffle(landed)
            raw.land(name, landed)
        with build(raw, "int_person_keys") as con:
            return persons(con)

    assert identify(tmp_path_factory.mktemp("one"), 1, []) == expected
    shuffled = identify(tmp_path_factory.mktemp("two"), 2, [strangers])
    assert shuffled == expected | expected_persons(strangers)
