"""The work list against plain Python: who is on it, in which order, why, and who is held out."""

from __future__ import annotations

import csv
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from tests.support.acts import build, rows
from tests.support.data import ROOT
from tests.support.money import brand_seed, order
from tests.support.raw import RawWarehouse

AS_OF = datetime(2026, 2, 2, tzinfo=UTC)  # a Monday
NIGHT = timedelta(days=1)
SEEDS = ROOT / "dbt_project" / "seeds"
MINUTES = 420
PEOPLE = 240
STORIES = (
    "open", "answered", "asked again", "deleted", "bot", "thanks", "old", "shared", "thanked",
    "refused", "deal", "left",
)  # fmt: skip
HALF_LIVES = {"answer": 48, "thank": 72, "follow_up": 336, "check_in": 720}
EFFORTS = {"answer": 6, "thank": 3, "follow_up": 10, "check_in": 10}
WON_SHARE = (2 + 1) / (3 + 2)  # two deals won, one lost


def story(n: int) -> str:
    return STORIES[n % len(STORIES)]


def has_contact(n: int) -> bool:
    return story(n) != "bot" and (n % 5 > 0 or story(n) in ("deal", "refused", "left"))


def has_bought(n: int) -> bool:
    return has_contact(n) and (n % 7 < 3 or story(n) == "left")


def at(n: int) -> datetime:
    """When the story of a person begins: within the last five days, to the second."""
    if story(n) in ("deal", "left"):
        return AS_OF - timedelta(days=12, seconds=61 * n)
    return AS_OF - (
        timedelta(days=31) if story(n) == "old" else timedelta(hours=3, seconds=997 * n)
    )


def message(n: int, part: str, minutes: float, direction: str, **more: Any) -> dict[str, Any]:
    return {
        "network": "x", "account_id": "acme", "message_kind": "dm", "thread_id": f"t{n}",
        "message_id": f"{part}{n}", "direction": direction, "text": "Where is it?",
        "sent_at": at(n) + timedelta(minutes=minutes),
        "author_profile_id_key": f"ann{n}" if direction == "inbound" else None,
        "to_profile_id_key": f"ann{n}" if direction == "outbound" else None,
    } | more  # fmt: skip


def messages(n: int) -> list[dict[str, Any]]:
    match story(n):
        case "open":
            return [message(n, "q", 0, "inbound", rating=1 if n % 24 else None)]
        case "old" | "bot":
            return [message(n, "q", 0, "inbound")]
        case "deleted":
            return [message(n, "q", 0, "inbound", _is_deleted=True)]
        case "thanks":
            return [message(n, "q", 0, "inbound", text="Thank you!")]
        case "asked again":
            return [
                message(n, "q", 0, "inbound", is_public=True),
                message(n, "b", 1, "outbound", is_automated=True),
                message(n, "r", 30, "inbound"),
            ]
        case "answered" | "deal":
            return [message(n, "q", 0, "inbound"), message(n, "a", 9, "outbound", agent_id="ann")]
        case "thanked":
            return [message(n, "a", 5, "outbound", agent_id="ann")]
    return []


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> RawWarehouse:
    raw = RawWarehouse(tmp_path_factory.mktemp("worklist"), as_of=AS_OF.isoformat())
    raw.seed("brands", brand_seed(currency="EUR", margin="0.4"))
    raw.seed("worklist_capacity", f"brand_id,iso_weekday,minutes\n,,9\n,1,{MINUTES}\nbrand,2,7\n")
    people = range(PEOPLE)
    raw.land("accounts", [{"network": "x", "account_id": "acme", "brand_id": "brand"}])
    raw.land("messages", [m for n in people for m in messages(n)])
    # The end of the data: what is open until then is open today.
    raw.land("reactions", [
        {
            "network": "x", "reaction_id": f"s{n}", "act": "share", "profile_id_key": f"ann{n}",
            "account_id": "acme", "reacted_at": at(n),
        }
        for n in people if story(n) in ("shared", "thanked", "refused")
    ])  # fmt: skip
    raw.land("profiles", [
        {
            "network": "x", "profile_id_key": f"ann{n}", "email_key": f"mail{n}",
            "is_bot_hint": story(n) == "bot", "language": "ru",
        }
        for n in people
    ])  # fmt: skip
    raw.land("contacts", [
        {
            "contact_id": f"c{n}", "emails_key": f"mail{n}", "given_name_masked": "A.",
            "consent_marketing": story(n) != "refused",
        }
        for n in people if has_contact(n)
    ])  # fmt: skip
    raw.land("orders", [
        order(f"o{n}-{k}", (AS_OF - timedelta(days=400 - 60 * k, seconds=n)).isoformat(), 100 * n, contact_id=f"c{n}")
        for n in people if has_bought(n) for k in range(2)
    ] + [order("late", (AS_OF - NIGHT).isoformat(), 500, contact_id="late")])  # fmt: skip
    stages = ["open"] * PEOPLE + ["won", "won", "lost"]
    raw.land("deals", [
        {
            "deal_id": f"d{n}", "stage_category": stage, "stage": stage, "amount_minor": 1000 + n,
            "currency": "EUR", "close_date": None if stage == "open" else "2025-01-01",
        }
        for n, stage in enumerate(stages) if stage != "open" or story(n) == "deal"
    ])  # fmt: skip
    raw.land("deal_contacts", [
        {"deal_id": f"d{n}", "contact_id": f"c{n}"} for n in people if story(n) == "deal"
    ])  # fmt: skip
    build(raw, "worklist", with_tests=False).close()
    return raw


def facts(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[Any, ...]]:
    """Per profile: person, churn state, expected margin; what other marts say and others test."""
    return {
        key: tuple(values)
        for key, *values in rows(
            con,
            "select identifier_key, person_id, churn_state, expected_margin_24m_minor"
            " from intermediate.int_person_keys left join marts.customer_values using (person_id)"
            " where identifier_kind = 'profile'",
        )
    }


def expected(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The whole list of one brand, in order, held-out people included."""
    with (SEEDS / "worklist_reasons.csv").open(encoding="utf-8") as file:
        points = {row["reason"]: int(row["points"]) for row in csv.DictReader(file)}
    known = facts(con)
    # A bot is nobody; everybody else counts, also who stands in the CRM alone.
    ((people_count, worth),) = rows(
        con,
        "select count(*), sum(greatest(expected_margin_24m_minor, 0))::bigint from marts.people"
        " left join marts.customer_values using (person_id) where kind = 'person'",
    )
    average = worth // people_count
    found = []
    for n in range(PEOPLE):
        person_id, churn, margin = known[f"ann{n}"]
        name, reasons, since = story(n), [], at(n)
        if name in ("open", "asked again"):
            action, reasons = "answer", ["open_turn"]
            if name == "open" and n % 24:
                reasons.append("low_rating")
            if name == "asked again":
                reasons += ["asked_again", "only_bot", "public"]
        elif name == "shared":
            action, reasons = "thank", ["thank_share"]
        elif name == "deal":
            action, reasons, since = "follow_up", ["follow_up_silent"], at(n) + timedelta(minutes=9)
        elif (
            name in ("left", "deleted", "old") and has_bought(n) and churn in ("at_risk", "lapsed")
        ):
            action, reasons = "check_in", [f"check_in_{churn}"]
            since = AS_OF - timedelta(days=340, seconds=n)
        else:
            continue
        if has_bought(n) and action != "check_in":
            reasons.append("customer")
        age = (AS_OF - since).total_seconds() / 3600
        value = max(margin or 0, average)
        if name == "deal":
            value += round((1000 + n) * WON_SHARE * 0.4)
        severity = sum(points[reason] for reason in reasons) / 100
        found.append({
            "n": n, "person_id": person_id, "action": action, "reasons": set(reasons),
            "value": value, "severity": severity, "since": since,
            "priority": max(value, 1) * 0.5 ** (age / HALF_LIVES[action]) * severity,
        })  # fmt: skip
    return sorted(found, key=lambda item: (item["action"] != "answer", -item["priority"]))


def fraction(person_id: str, salt: str = "proactive_1") -> float:
    digest = hashlib.md5(f"proactive_1|{person_id}|{salt}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


LIST = (
    "select person_id, action, value_at_stake_minor, severity, priority, since, arm, is_today,"
    " rank_number from marts.worklist order by action <> 'answer', priority desc"
)


def test_worklist_when_stories_are_planted_then_every_figure_equals_plain_python(
    warehouse: RawWarehouse,
) -> None:
    with duckdb.connect(str(warehouse.path), read_only=True) as con:
        planted, found = expected(con), rows(con, LIST)
    assert {item["action"] for item in planted} == {"answer", "thank", "follow_up", "check_in"}
    assert [row[:2] for row in found] == [(i["person_id"], i["action"]) for i in planted]
    for row, item in zip(found, planted, strict=True):
        assert row[2:4] == (item["value"], item["severity"]), item
        assert row[4] == pytest.approx(item["priority"], rel=1e-9)
        assert row[5] == item["since"]


def test_worklist_when_the_day_is_short_then_it_is_cut_and_only_suggestions_are_held_out(
    warehouse: RawWarehouse,
) -> None:
    with duckdb.connect(str(warehouse.path), read_only=True) as con:
        planted, found = expected(con), rows(con, LIST)
        recorded = dict(
            rows(con, "select person_id, arm from marts.holdout_assignments where not is_excluded")
        )
    minutes = rank = 0
    arms = {}
    for row, item in zip(found, planted, strict=True):
        minutes += EFFORTS[item["action"]]
        arm = "must_answer"
        if item["action"] != "answer":
            arm = "holdout" if fraction(item["person_id"]) < 0.1 else "treat"
            if minutes <= MINUTES:
                arms[item["person_id"]] = arm
            else:
                arm = None
        rank += arm != "holdout"
        is_today = minutes <= MINUTES and arm != "holdout"
        assert row[6:] == (arm, is_today, None if arm == "holdout" else rank), item
    assert recorded == arms
    assert {"holdout", "treat"} <= set(arms.values())  # the day is long enough to show both


@pytest.mark.long
def test_worklist_when_things_are_done_then_they_leave_and_arms_stay(
    warehouse: RawWarehouse,
) -> None:
    query = "select person_id, item_id, arm from marts.worklist order by 1"
    with duckdb.connect(str(warehouse.path), read_only=True) as con:
        before = {person: rest for person, *rest in rows(con, query)}
        arms = rows(con, "from marts.holdout_assignments order by 1, 2")
        known = facts(con)
    done = {n: known[f"ann{n}"][0] for n in (0, 2, 7)}  # open, asked again, shared
    assert set(done.values()) <= set(before)
    warehouse.land("messages", [
        message(0, "q", 0, "inbound", rating=None, _is_deleted=True, updated_at=AS_OF),
        message(2, "a", 40, "outbound", agent_id="ann"),
        message(7, "a", 20, "outbound", agent_id="ann"),
    ])  # fmt: skip
    warehouse.seed(
        "holdout_experiments",
        "experiment_id,salt,holdout_share,starts_on,ends_on\nproactive_1,another,0.4,,\n",
    )
    build(warehouse, "worklist", with_tests=False).close()
    with duckdb.connect(str(warehouse.path), read_only=True) as con:
        after = {person: rest for person, *rest in rows(con, query)}
        later = rows(con, "from marts.holdout_assignments order by 1, 2")
    assert set(before) - set(after) == set(done.values())
    assert all(
        after[person][0] == item_id for person, (item_id, _) in before.items() if person in after
    )
    assert set(arms) <= set(later)  # whoever was assigned stays so, whatever the salt is now
