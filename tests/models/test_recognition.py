"""Planted replies through staging, vault, Python and mart, in nights; equal to one night."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.contract import PiiKind
from pipelines.privacy import PseudonymKey, Vault, pseudonym
from pipelines.privacy.vault import BATCH_SCHEMA
from pipelines.recognition.solve import solve_recognition
from pipelines.settings import Settings
from pipelines.world.recognition import PlantedReply, planted_replies
from tests.support.acts import build, inbound, message_id, outbound, rows
from tests.support.raw import RawWarehouse

KEY = PseudonymKey(bytes(32))
START = datetime(2026, 1, 1, tzinfo=UTC)
TIME = "%Y-%m-%d %H:%M:%S"
MART = "select * from marts.reply_recognitions order by message_id"


def landed(planted: PlantedReply) -> list[tuple[str, dict[str, Any]]]:
    """Rows of one person who asks and is answered; the person is seen by the profile."""
    person = f"{planted.language}{planted.number}"
    asked_at = START + timedelta(minutes=20 * planted.number)
    found = [
        (
            "profiles",
            {"network": "x", "profile_id_key": person, "bio": planted.bio or None,
             "display_name_key": name_key(planted.displayed)},
        ),
        ("messages", inbound(f"{person}q", f"{asked_at:{TIME}}", person, text=planted.asked)),
        (
            "messages",
            outbound(f"{person}a", f"{asked_at + timedelta(minutes=5):{TIME}}", f"{person}q",
                     text=planted.reply),
        ),
    ]  # fmt: skip
    if planted.given_name:
        contact = {
            "contact_id": person, "social_profiles_key": person,
            "given_name_key": name_key(planted.given_name),
        }  # fmt: skip
        found.append(("contacts", contact))
    return found


def name_key(name: str) -> str | None:
    return pseudonym(KEY, PiiKind.PERSON_NAME, name) if name else None


def night(raw: RawWarehouse, found: list[tuple[str, dict[str, Any]]]) -> int:
    """Land rows, build the first half, recognise, build the mart; how many replies were read."""
    for name in ("profiles", "contacts", "messages"):
        raw.land(name, [row for entity, row in found if entity == name])
    build(raw, "int_messages_enriched", "int_texts", "int_identity_names", "int_brands").close()
    with duckdb.connect(str(raw.path)) as con:
        count = solve_recognition(con, Settings(home=raw.home))
    raw.build("--select", "reply_recognitions").close()
    return count


def fill_vault(home: Path, replies: list[PlantedReply]) -> None:
    names = {name for r in replies for name in (r.given_name, r.displayed) if name}
    batch = [
        {"subject_key": name_key(name), "kind": "person_name", "value": name, "seen_at": START}
        for name in sorted(names)
    ]
    with Vault(home / "build" / "vault.duckdb", KEY) as vault:
        vault.upsert(pa.Table.from_pylist(batch, BATCH_SCHEMA))


@pytest.mark.long
def test_recognition_when_replies_come_in_nights_then_mart_holds_the_truth_and_equals_one_night(
    tmp_path: Path,
) -> None:
    replies = [reply for code in ("en", "it", "ru") for reply in planted_replies(code, 150)]
    found = [row for reply in replies for row in landed(reply)]
    random.Random(3).shuffle(found)
    parts, whole = RawWarehouse(tmp_path / "parts"), RawWarehouse(tmp_path / "whole")
    for raw in (parts, whole):
        fill_vault(raw.home, replies)
    night(parts, found[:700])
    night(parts, found[700:])
    assert night(parts, []) == 0
    assert night(whole, found) == len(replies)
    tables = []
    for raw in (parts, whole):
        with duckdb.connect(str(raw.path), read_only=True) as con:
            tables.append(rows(con, MART))
            known = {row[0]: row for row in rows(con, MART)}
            natives = {
                native: rows(con, f"select {message_id(native)}")[0][0]
                for native in (f"{r.language}{r.number}a" for r in replies)
            }
    assert tables[0] == tables[1]
    assert len(known) == len(replies)
    for what, true in ((8, "is_named"), (11, "is_bio_noticed")):
        pairs = [
            (bool(known[natives[f"{r.language}{r.number}a"]][what]),
             r.is_named if true == "is_named" else r.is_noticed)
            for r in replies
        ]  # fmt: skip
        hits = sum(seen and planted for seen, planted in pairs)
        assert hits / sum(seen for seen, _ in pairs) >= 0.98
        assert hits / sum(planted for _, planted in pairs) >= 0.90


def test_recognition_when_a_name_becomes_known_later_then_old_replies_are_read_again(
    tmp_path: Path,
) -> None:
    raw = RawWarehouse(tmp_path)
    reply = PlantedReply(1, "en", "Robert", "", "", "Where is it?", "Hi Bob, today.", True, False)
    fill_vault(raw.home, [reply])
    rows_of = landed(reply)
    assert night(raw, [row for row in rows_of if row[0] != "contacts"]) == 1
    columns = "select is_name_knowable, is_named, name_form from marts.reply_recognitions"
    with duckdb.connect(str(raw.path), read_only=True) as con:
        assert rows(con, columns) == [(False, None, None)]
    assert night(raw, [row for row in rows_of if row[0] == "contacts"]) == 1
    with duckdb.connect(str(raw.path), read_only=True) as con:
        assert rows(con, columns) == [(True, True, "diminutive")]
