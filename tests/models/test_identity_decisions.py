"""Links held back, decisions, redirects: what changes, and that taking it back changes all back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.contract import PiiKind
from pipelines.identity.decisions import Decision, State
from pipelines.identity.landing import land_decided
from pipelines.names.forms import Name, NameTable, load_names
from pipelines.privacy import PseudonymKey
from tests.models.test_identity import person_id
from tests.support.acts import build, inbound, outbound, rows
from tests.support.raw import RawWarehouse

KEY = PseudonymKey(bytes(32))
DECIDED_AT = datetime(2026, 5, 1, tzinfo=UTC)
MARTS = ("person_identifiers", "identity_links", "person_redirects", "interactions")
LINKS = (
    "select left_key, right_key, decision, reason, person_id from marts.identity_links order by all"
)


def decision(one: str, other: str, state: State) -> Decision:
    a, b = sorted((one, other))
    return Decision("d1", DECIDED_AT, "approve", a, b, state, "")


def decide(raw: RawWarehouse, *decided: Decision, names: NameTable | None = None) -> bool:
    raw.loads += 1
    with duckdb.connect(str(raw.path)) as con:
        return land_decided(
            con, decided, names or NameTable(()), KEY, f"{1700000000 + raw.loads}.0"
        )


def contents(raw: RawWarehouse) -> dict[str, list[tuple[Any, ...]]]:
    with build(raw, *MARTS) as con:
        return {name: rows(con, f"select * from marts.{name} order by all") for name in MARTS}


def landed(home: Path) -> RawWarehouse:
    """Ann and Bob share an address; Ann writes on x; Bob's records name another profile."""
    raw = RawWarehouse(home)
    raw.land(
        "contacts",
        [
            {"contact_id": "ann", "emails_key": "home", "given_name_key": "n-ann",
             "created_at": "2026-01-03 00:00:00+00"},
            {"contact_id": "bob", "emails_key": "home own", "given_name_key": "n-bob",
             "created_at": "2026-01-04 00:00:00+00", "social_profiles_key": "bobx"},
            {"contact_id": "bob-2", "emails_key": "own", "given_name_key": "n-bob",
             "created_at": "2026-01-05 00:00:00+00"},
        ],
    )  # fmt: skip
    raw.land(
        "messages",
        [
            inbound("1", "10:00:00", "annx"),
            outbound("2", "11:00:00", "1"),
            inbound("3", "12:00:00", "bobx"),
        ],
    )
    return raw


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, list[Any]]]:
    """Before anything was decided, with an approval and a cut, after both were taken back."""
    raw = landed(tmp_path_factory.mktemp("decided"))
    decide(raw)
    found = [contents(raw)]
    joined, cut = ("contact|ann", "profile|annx"), ("contact|bob", "profile|bobx")
    assert decide(raw, decision(*joined, State.APPROVED), decision(*cut, State.REJECTED))
    found.append(contents(raw))
    assert decide(raw, decision(*joined, State.OPEN), decision(*cut, State.OPEN))
    found.append(contents(raw))
    assert not decide(raw, decision(*cut, State.OPEN), decision(*joined, State.OPEN))
    return found


def test_decision_when_approved_then_people_and_their_acts_are_one(nights: Any) -> None:
    before, approved, _ = nights
    assert approved != before
    ids = {row[0] for row in approved["person_identifiers"] if row[2] in ("ann", "annx")}
    assert ids == {person_id("contact|ann")}
    spoken = {row[6] for row in approved["interactions"]}
    assert ids <= spoken
    assert (person_id("profile|annx"), person_id("contact|ann")) in approved["person_redirects"]


def test_decision_when_taken_back_then_all_marts_are_what_they_were(nights: Any) -> None:
    before, _, taken_back = nights
    assert taken_back == before


def test_decision_when_a_link_is_cut_then_it_stays_listed_and_joins_nobody(nights: Any) -> None:
    cut = nights[1]
    (link,) = [row for row in cut["identity_links"] if row[4] == "bobx"]
    assert link[10:] == ("rejected", None, None)
    owners = {row[2]: row[0] for row in cut["person_identifiers"]}
    assert owners["bobx"] == person_id("profile|bobx")
    assert owners["bob"] == owners["own"] == owners["bob-2"]


def test_links_when_contacts_of_different_names_share_an_address_then_it_is_held_back(
    nights: Any,
) -> None:
    held = {(r[2], r[4]): r[11] for r in nights[0]["identity_links"] if r[10] == "quarantined"}
    assert held == {("ann", "home"): "contacts_differ", ("bob", "home"): "contacts_differ"}
    owners = {row[2]: row[0] for row in nights[0]["person_identifiers"]}
    assert owners["bob"] == owners["own"] == owners["bob-2"] != owners["ann"]


def test_links_when_a_chain_would_join_two_names_then_the_weaker_links_of_it_give_way(
    tmp_path: Path,
) -> None:
    raw = RawWarehouse(tmp_path)
    at = "2026-01-01 00:00:00+00"
    raw.land(
        "contacts",
        [
            {"contact_id": "ann", "emails_key": "a", "given_name_key": "n-ann", "created_at": at},
            {"contact_id": "bob", "emails_key": "b", "given_name_key": "n-bob", "created_at": at},
            {"contact_id": "cid", "emails_key": "c", "created_at": at},
        ],
    )
    # Ann's newsletter was forwarded: it was read with Bob's profile, which names Bob's address.
    raw.land("profiles", [{"network": "x", "profile_id_key": "bobx", "email_key": "b"}])
    raw.land(
        "clicks",
        [
            {"click_id": "1", "channel": "mail", "clicked_at": at, "email_key": "a",
             "profile_id_key": "bobx"},
            {"click_id": "2", "channel": "mail", "clicked_at": at, "email_key": "c",
             "profile_id_key": "cidx"},
        ],
    )  # fmt: skip
    with build(raw, "identity_links") as con:
        found = {(left, right): state for left, right, state, *_ in rows(con, LINKS)}
    assert found == {
        ("ann", "a"): "auto", ("bob", "b"): "auto", ("cid", "c"): "auto",
        ("a", "bobx"): "quarantined", ("bobx", "b"): "auto", ("c", "cidx"): "auto",
    }  # fmt: skip


def test_links_when_names_are_forms_of_one_name_then_they_contradict_nobody(tmp_path: Path) -> None:
    raw = RawWarehouse(tmp_path)
    keys = {
        name: KEY.subject_key(PiiKind.PERSON_NAME, name) for name in ("катя", "екатерина", "иван")
    }
    raw.land(
        "contacts",
        [
            {"contact_id": str(number), "emails_key": email, "given_name_key": keys[name],
             "created_at": "2026-01-01 00:00:00+00"}
            for number, (email, name) in enumerate(
                [("e", "катя"), ("e", "екатерина"), ("f", "катя"), ("f", "иван")]
            )
        ],
    )  # fmt: skip
    decide(raw, names=load_names())
    with build(raw, "identity_links") as con:
        decisions = {(left, right): state for left, right, state, *_ in rows(con, LINKS)}
    assert decisions == {
        ("0", "e"): "auto", ("1", "e"): "auto", ("2", "f"): "quarantined", ("3", "f"): "quarantined",
    }  # fmt: skip


def test_names_when_landed_then_only_keys_land(tmp_path: Path) -> None:
    table = NameTable((Name("ru", "анна", {}, ("Анна", "Аня")),))
    with duckdb.connect(str(tmp_path / "w.duckdb")) as con:
        assert land_decided(con, [], table, KEY, "1.0")
        assert not land_decided(con, [], table, KEY, "2.0")
        assert rows(con, "from decided.loads") == [("1.0",)]
        found = rows(con, "select name_key, given_name from decided.given_names")
    assert len({name for _, name in found}) == 1
    assert all(key.startswith("k1_") and name.startswith("k1_") for key, name in found)
