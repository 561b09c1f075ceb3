"""Conversations, turns and answers: fixtures in, rows worked out by hand out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.support.acts import build, inbound, message, message_id, named, outbound, rows
from tests.support.raw import RawWarehouse

ENRICHED = "intermediate.int_messages_enriched"
IDENTIFIED = "intermediate.int_messages_identified"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("conversations"))
    raw.land("accounts", [{"network": "x", "account_id": "acme", "brand_id": "brand"}])
    raw.land("agents", [{"agent_id": "robot", "is_bot": True}])
    raw.land("profiles", [{"network": "x", "profile_id_key": "spammer", "is_bot_hint": True}])
    raw.land(
        "messages",
        [
            # A turn of three, a bot at once, a human after 20 minutes, thanks, a question again.
            inbound("t1", "10:00:00", "ann"),
            inbound("t2", "10:04:00", "ann", parent_message_id="t1", text="@acme 😀 #help"),
            inbound("t3", "10:09:00", "ann", parent_message_id="t2", text="the blue one"),
            outbound("t4", "10:09:30", "t3", is_automated=True),
            outbound("t5", "10:20:00", "t3"),
            inbound("t6", "10:21:00", "ann", parent_message_id="t5", text="Спасибо!!"),
            inbound("t7", "10:26:01", "ann", parent_message_id="t5", text="and the red one?"),
            # Two people in one thread of the source; to whom does the brand speak?
            inbound("h1", "11:00:00", "bob", thread_id="h"),
            inbound("h2", "11:00:10", "cid", thread_id="h"),
            outbound("h3", "11:01:00", "h1", thread_id="h"),
            outbound("h4", "11:02:00", thread_id="h", to_profile_id_key="bob"),
            outbound("h5", "11:03:00", thread_id="h"),
            # Replies to a message that the data does not hold; the brand's robot is an agent.
            inbound("o1", "12:00:00", "dan", parent_message_id="missing"),
            outbound("o2", "12:00:01", "missing", agent_id="robot"),
            outbound("o3", "12:10:00", "missing"),
            # An author without a name is met by the parent of the reply only.
            inbound("n1", "13:00:00", None),
            inbound("n2", "13:00:30", None, parent_message_id="n1"),
            outbound("n3", "13:01:00", "n2"),
            # A circle of parents and what hangs on it; deleted, peer, bot.
            inbound("c1", "14:00:00", "eve", parent_message_id="c2"),
            inbound("c2", "14:10:00", "eve", parent_message_id="c1"),
            inbound("c3", "14:20:00", "eve", parent_message_id="c2"),
            inbound("d1", "15:00:00", "fay", _is_deleted=True),
            message("p1", "15:30:00", "peer", author_profile_id_key="gus"),
            inbound("b1", "15:40:00", "spammer"),
        ],
    )
    con = build(raw, "responses", "interactions")
    yield con
    con.close()


def ids(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """`{id in the warehouse: native id}` of all messages."""
    return {
        key: native.partition("|")[2]
        for key, native in rows(
            con, "select message_id, native_id from staging.stg_files__messages"
        )
    }


def columns(
    con: duckdb.DuckDBPyConnection, column: str, *natives: str, table: str = ENRICHED
) -> list[Any]:
    found = named(con, table, natives)
    return [found[native][column] for native in natives]


def test_conversation_when_parents_are_known_then_it_is_the_topmost_message(
    built: duckdb.DuckDBPyConnection,
) -> None:
    expected = rows(built, f"select {message_id('t1')}")[0][0]
    assert set(columns(built, "conversation_id", *["t1", "t2", "t3", "t4", "t5", "t6", "t7"])) == {
        expected
    }


def test_conversation_when_the_parent_is_missing_then_its_id_stands_in(
    built: duckdb.DuckDBPyConnection,
) -> None:
    expected = rows(built, f"select {message_id('missing')}")[0][0]
    assert set(columns(built, "conversation_id", "o1", "o2", "o3")) == {expected}
    assert columns(built, "is_orphan", "o1", "o2", "t2", "t1") == [True, True, False, False]


def test_conversation_when_parents_form_a_circle_then_the_least_id_of_all_stands_for_it(
    built: duckdb.DuckDBPyConnection,
) -> None:
    least = rows(
        built, f"select least({message_id('c1')}, {message_id('c2')}, {message_id('c3')})"
    )[0][0]
    assert set(columns(built, "conversation_id", "c1", "c2", "c3")) == {least}


def test_conversation_when_the_source_names_a_thread_then_it_is_the_thread(
    built: duckdb.DuckDBPyConnection,
) -> None:
    expected = rows(built, "select md5('x|thread|h')")[0][0]
    assert set(columns(built, "conversation_id", "h1", "h2", "h3", "h4", "h5")) == {expected}


def test_target_when_the_brand_writes_then_parent_named_profile_and_last_author_in_this_order(
    built: duckdb.DuckDBPyConnection,
) -> None:
    person = dict(rows(built, "select identifier_key, person_id from intermediate.int_person_keys"))
    assert columns(built, "target_person_id", "t5", "h3", "h4", "h5", "o3", "n3") == [
        person["ann"],
        person["bob"],
        person["bob"],
        person["cid"],  # the last who wrote before
        person["dan"],  # the only person there
        None,  # an author without a name
    ]


def test_responses_when_turns_are_answered_then_opening_counts_and_times_are_exact(
    built: duckdb.DuckDBPyConnection,
) -> None:
    native = ids(built)
    found = rows(
        built,
        "select response_id, message_count, missing_parent_count, strftime(first_bot_at, '%H:%M:%S'),"
        " response_seconds, is_answered_24h, agent_id from marts.responses",
    )
    assert sorted((native[row[0]], *row[1:]) for row in found) == [
        ("c1", 1, 0, None, None, False, None),
        ("c2", 1, 0, None, None, False, None),
        ("c3", 1, 0, None, None, False, None),
        ("h1", 1, 0, None, 60.0, True, "agent-1"),
        ("h2", 1, 0, None, 170.0, True, "agent-1"),
        ("n1", 1, 0, None, None, False, None),
        ("n2", 1, 0, None, 30.0, True, "agent-1"),
        ("o1", 1, 1, "12:00:01", 600.0, True, "agent-1"),
        ("t1", 3, 0, "10:09:30", 1200.0, True, "agent-1"),  # t3 is exactly five minutes after t2
        ("t7", 1, 0, None, None, False, None),  # five minutes and a second after the thanks
    ]


def test_messages_when_short_or_of_bots_then_only_questions_of_people_need_a_reply(
    built: duckdb.DuckDBPyConnection,
) -> None:
    names = ("t1", "t2", "t6", "t7", "d1", "p1", "b1", "t5")
    assert columns(built, "is_meaningful", *names) == [
        True, False, True, True, False, True, True, True,
    ]  # fmt: skip
    assert columns(built, "is_acknowledgement", *names, table=IDENTIFIED) == [
        False, False, True, False, False, False, False, False,
    ]  # fmt: skip
    assert columns(built, "needs_reply", *names) == [
        True, False, False, True, False, False, False, False,
    ]  # fmt: skip


def test_responses_when_less_than_a_day_is_observed_then_they_are_not_mature(
    built: duckdb.DuckDBPyConnection,
) -> None:
    # The newest message is of 5 January: that day is observed to its end, no turn of it for 24 hours.
    assert rows(built, "select distinct is_mature from marts.responses") == [(False,)]
    assert rows(
        built,
        "select observed_until::varchar from intermediate.int_observation_windows"
        " where domain = 'messages'",
    ) == [("2026-01-06 00:00:00+00",)]


def test_interactions_when_messages_are_of_brand_bot_or_deleted_then_they_stay_and_say_so(
    built: duckdb.DuckDBPyConnection,
) -> None:
    native = ids(built)
    found = {
        native[row[0]]: row[1:]
        for row in rows(
            built,
            "select interaction_id, is_by_brand, is_automated, is_deleted from marts.interactions",
        )
    }
    assert len(found) == 24
    assert found["t4"] == (True, True, False)
    assert found["o2"] == (True, True, False)
    assert found["b1"] == (False, True, False)
    assert found["d1"] == (False, False, True)
    assert found["t1"] == (False, False, False)
