"""Sentiment and recognition in the score: worked examples, and what does and does not move them."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.acts import build, inbound, outbound, rows
from tests.support.raw import RawWarehouse
from tests.support.ror_oracle import (
    AS_OF,
    PLANTED,
    QUESTION,
    SCORES,
    SEEN,
    add_recognition,
    last_word,
    plant_recognitions,
    plant_scores,
)  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.long]

MARTS = ("ror_scores_weekly", "ror_score_components_weekly")
GLAD, CROSS, _, UNSURE = PLANTED  # 0.8, -0.4, and no label
Rows = list[tuple[Any, ...]]


def asked(native: str, days_ago: float, person: str, text: str, **more: Any) -> dict[str, Any]:
    """A private message so many days before the newest week ends, in a conversation of its own."""
    at = f"{AS_OF - timedelta(days=days_ago):%F %T}+00"
    return inbound(native, at, person, text=text, thread_id=native, message_kind="dm", **more)


def replied(native: str, days_ago: float, person: str, **more: Any) -> dict[str, Any]:
    """A reply in a conversation that the person began shortly before."""
    at = f"{AS_OF - timedelta(days=days_ago):%F %T}+00"
    thread = {"thread_id": native, "message_kind": "dm", "to_profile_id_key": person}
    return outbound(native, at, **thread, **more)


def warehouse(folder: Path) -> RawWarehouse:
    """With planted scores, tables for recognitions, and messages in all weeks."""
    raw = RawWarehouse(folder, as_of=f"{AS_OF:%F %T}+00")
    last_word(raw)
    plant_scores(raw)
    plant_recognitions(raw, {})
    return raw


def known_as(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, Rows]:
    """All rows of a mart by the name under which the person's profile is known, in their order."""
    found: dict[str, Rows] = {}
    for name, *row in rows(
        con,
        f"select identifier_key, scores.* from marts.{table} as scores"
        " inner join intermediate.int_person_keys using (person_id)"
        " where identifier_kind = 'profile' order by all",
    ):
        found.setdefault(name, []).append(tuple(row))
    return found


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, dict[str, Rows]]]:
    """Four nights: people; nothing new; something late and a deletion; ten thousand strangers."""
    raw = warehouse(tmp_path_factory.mktemp("components"))
    found = []

    def night() -> None:
        with build(raw, *MARTS) as con:
            found.append({table: known_as(con, table) for table in MARTS})

    messages = [
        asked("a1", 0.5, "ann", GLAD),
        asked("a2", 60.5, "ann", CROSS),
        asked("a3", 1.5, "ann", UNSURE),
        asked("b1", 0.5, "bob", QUESTION),
        *(replied(native, 0.4, "bob") for native in ("named", "unknown", "noticed", "neither")),
        replied("robot", 0.3, "bob", is_automated=True),
        asked("c1", 3, "cid", GLAD),
        asked("c2", 2, "cid", CROSS),
        asked("d1", 9, "dan", GLAD),
        replied("old", 20, "dan"),
    ]
    raw.land("messages", messages)
    with duckdb.connect(str(raw.path)) as con:
        add_recognition(con, "named", True, False)  # 2 of 3
        add_recognition(con, "unknown", None, None)  # 1 of 1
        add_recognition(con, "noticed", None, True)  # 2 of 2
        add_recognition(con, "neither", False, False)  # 1 of 3
        add_recognition(con, "robot", False, False)
        add_recognition(con, "old", True, None)
    night()
    night()
    late = asked("a4", 24, "ann", GLAD)
    raw.land("messages", [late, asked("c2", 2, "cid", CROSS, _is_deleted=True)])
    night()
    raw.land("messages", [asked(f"s{n}", 0.1 + n % 100, f"s{n}", GLAD) for n in range(10_000)])
    night()
    return found


def components(night: dict[str, dict[str, Rows]], name: str, component: str) -> Rows:
    """By week, oldest first: raw value, norm, evidence, shrunk."""
    of_person = night["ror_score_components_weekly"][name]
    return [row[3:7] for row in sorted(of_person, key=lambda row: row[1]) if row[2] == component]


def test_sentiment_when_one_message_is_sixty_days_older_then_it_counts_half(nights: Any) -> None:
    # (0.8 - 0.4 / 2) / 1.5 = 0.4; 1.5² / 1.25 = 1.8; the unsure one is nothing.
    raw_value, norm, evidence, shrunk = components(nights[0], "ann", "sentiment")[-1]
    assert (raw_value, norm, evidence) == (0.4, pytest.approx(0.7), 1.8)
    assert shrunk == pytest.approx((1.8 * 0.7 + 5 / 2) / (1.8 + 5))
    # A week before, the glad one had not been written.
    assert components(nights[0], "ann", "sentiment")[-2][:3] == (-0.4, pytest.approx(0.3), 1)
    assert components(nights[0], "bob", "sentiment")[-1] == (None, None, 0, 0.5)


def test_recognition_when_names_or_bios_are_unknown_then_they_are_left_out(nights: Any) -> None:
    # The mean of 2/3, 1, 1 and 1/3; the robot's reply is none.
    raw_value, norm, evidence, shrunk = components(nights[0], "bob", "recognition")[-1]
    assert (raw_value, norm, evidence) == (pytest.approx(0.75), pytest.approx(0.75), 4)
    assert shrunk == pytest.approx((4 * 0.75 + 5 / 2) / (4 + 5))
    assert components(nights[0], "ann", "recognition")[-1] == (None, None, 0, 0.5)
    weeks = components(nights[0], "dan", "recognition")
    assert [row[2] for row in weeks] == [1, 1, 1]
    assert weeks[-1][0] == 1


def test_scores_when_nothing_is_new_then_no_row_changes(nights: Any) -> None:
    assert nights[1] == nights[0]


def test_scores_when_something_is_late_or_deleted_then_only_that_person_moves(nights: Any) -> None:
    before, after = (night["ror_score_components_weekly"] for night in nights[1:3])
    assert {name for name in before if before[name] != after[name]} == {"ann", "cid"}
    # Weeks that ended before the late message know nothing of it.
    old, new = (components(night, "ann", "sentiment") for night in nights[1:3])
    assert old[:-4] == new[:-4]
    assert all(was[0] < is_now[0] for was, is_now in zip(old[-4:-1], new[-4:-1], strict=True))
    assert components(nights[2], "cid", "sentiment")[-1][:3] == (0.8, pytest.approx(0.9), 1)


def test_scores_when_ten_thousand_strangers_come_then_those_of_others_stay(nights: Any) -> None:
    for table in MARTS:
        before, after = nights[2][table], nights[3][table]
        assert len(after) >= len(before) + 10_000
        assert {name: after[name] for name in before} == before


def test_scores_when_components_are_summed_then_they_are_the_score_of_every_row(
    nights: Any,
) -> None:
    summed: dict[tuple[str, Any], list[int]] = {}
    for found in nights[3]["ror_score_components_weekly"].values():
        for person, week, *_, micro, _key in found:
            summed.setdefault((person, week), []).append(micro)
    scores = [row for found in nights[3]["ror_scores_weekly"].values() for row in found]
    assert len(scores) == len(summed) > 10_000
    assert all(sum(summed[row[0], row[1]]) == row[3] for row in scores)
    assert {len(parts) for parts in summed.values()} == {8}


@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_scores_when_rows_come_in_any_order_and_nights_then_every_bit_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    dice = random.Random(seed)
    messages, seen = [], {}
    for n in range(80):
        person, ago = dice.choice("abcde"), dice.uniform(0.1, 400)
        messages.append(asked(f"q{n}", ago, person, dice.choice([QUESTION, *SCORES])))
        messages.append(replied(f"r{n}", ago - 0.01, person))
        seen[f"r{n}"] = dice.choice(SEEN)
    found = []
    for cut in (len(messages), dice.randrange(1, len(messages))):
        raw = warehouse(tmp_path_factory.mktemp("order"))
        with duckdb.connect(str(raw.path)) as con:
            for native in dice.sample(sorted(seen), len(seen)):
                add_recognition(con, native, *seen[native])
        dice.shuffle(messages)
        raw.land("messages", messages[:cut])
        if messages[cut:]:
            build(raw, *MARTS).close()
            # Some are told a second time.
            raw.land("messages", messages[cut:] + dice.sample(messages, 10))
        with build(raw, *MARTS) as con:
            found.append([known_as(con, table) for table in MARTS])
    assert set(found[0][0]) >= set("abcde")
    assert found[0] == found[1]
