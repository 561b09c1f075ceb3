from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.clock import ManualClock
from pipelines.world.fakenet.hubspot import HubSpot
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.fakenet.store import Store
from tests.support.fakenet import search

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(days=30)
MANY = 10_050


def contacts(count: int) -> Store:
    """Contact n was created n seconds after the beginning and is called `n…`."""
    store = Store()
    for number in range(1, count + 1):
        fields = {"email": f"p{number}@mail.example", "firstname": "Ann" if number % 2 else None}
        store.create("contacts", str(number), fields, BEGIN + timedelta(seconds=number))
    return store


def running(store: Store, **more: Any) -> FakeNet:
    tick = timedelta(milliseconds=250)
    return FakeNet({"hubspot": HubSpot(store, BEGIN, **more)}, ManualClock(NOW), tick=tick)


@pytest.fixture(scope="module")
def many() -> Iterator[FakeNet]:
    with running(contacts(MANY)) as net:
        yield net


@pytest.fixture
def twelve() -> Iterator[FakeNet]:
    with running(contacts(12)) as net:
        yield net


def ids(answer: Any) -> list[int]:
    return [int(item["id"]) for item in answer.body["results"]]


def stamp(seconds: int) -> str:
    """Epoch milliseconds of the instant so many seconds after the beginning, as text."""
    return str(int((BEGIN + timedelta(seconds=seconds)).timestamp()) * 1000)


def test_search_when_ten_thousand_are_read_then_the_next_page_is_refused(many: FakeNet) -> None:
    last = search(many, "contacts", {"limit": 200, "after": "9800"})
    beyond = search(many, "contacts", {"limit": 200, "after": "10000"})
    straddling = search(many, "contacts", {"limit": 200, "after": "9900"})

    assert last.body["total"] == MANY
    assert ids(last) == list(range(9801, 10001))
    assert last.body["paging"]["next"]["after"] == "10000"
    assert beyond.status == straddling.status == 400
    assert beyond.body["category"] == "VALIDATION_ERROR"


def test_search_when_restarted_behind_the_last_id_then_all_are_found(many: FakeNet) -> None:
    """The way out of the cut: sort by stamp and id, begin again where it stopped."""
    condition = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": stamp(10_000)}
    body = {"filterGroups": [{"filters": [condition]}], "sorts": ["lastmodifieddate"], "limit": 200}

    rest = search(many, "contacts", body)

    assert ids(rest) == list(range(10_000, MANY + 1))
    assert "paging" not in rest.body


@pytest.mark.parametrize(
    ("operator", "more", "expected"),
    [
        ("EQ", {"value": "7"}, [7]),
        ("NEQ", {"value": "7"}, [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12]),
        ("LT", {"value": "3"}, [1, 2]),
        ("LTE", {"value": "3"}, [1, 2, 3]),
        ("GT", {"value": "9"}, [10, 11, 12]),  # by number: by text 10 would come before 9
        ("GTE", {"value": "11"}, [11, 12]),
        ("BETWEEN", {"value": "9", "highValue": "11"}, [9, 10, 11]),
        ("IN", {"values": ["2", "12"]}, [2, 12]),
        ("NOT_IN", {"values": ["1", "2", "3", "4", "5", "6", "7", "8", "9"]}, [10, 11, 12]),
    ],
)
def test_filter_when_it_compares_numbers_then_it_finds_those(
    twelve: FakeNet, operator: str, more: dict[str, Any], expected: list[int]
) -> None:
    condition = {"propertyName": "hs_object_id", "operator": operator} | more
    body = {"filterGroups": [{"filters": [condition]}], "limit": 100}

    assert ids(search(twelve, "contacts", body)) == expected


def test_filters_when_in_groups_then_groups_are_alternatives(twelve: FakeNet) -> None:
    named = {"propertyName": "firstname", "operator": "HAS_PROPERTY"}
    early = {"propertyName": "createdate", "operator": "LTE", "value": "2026-01-01T00:00:05Z"}
    unnamed = {"propertyName": "firstname", "operator": "NOT_HAS_PROPERTY"}
    last = {"propertyName": "email", "operator": "CONTAINS_TOKEN", "value": "p12"}
    body = {"filterGroups": [{"filters": [named, early]}, {"filters": [unnamed, last]}]}

    assert ids(search(twelve, "contacts", body)) == [1, 3, 5, 12]


def test_query_when_words_are_given_then_all_must_occur_in_some_property(twelve: FakeNet) -> None:
    assert ids(search(twelve, "contacts", {"query": "ANN p11@mail"})) == [11]
    assert ids(search(twelve, "contacts", {"query": "ann p12@mail"})) == []


def test_sorts_when_descending_then_empty_values_come_last_and_ids_break_ties(
    twelve: FakeNet,
) -> None:
    sort = {"propertyName": "firstname", "direction": "DESCENDING"}
    found = ids(search(twelve, "contacts", {"sorts": [sort], "limit": 100}))

    assert found == [1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12]


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 0.5},
        {"surprise": 1},
        {"filterGroups": [{"filters": []}] * 7},
        {"filterGroups": [{"filters": [{"propertyName": "nope", "operator": "HAS_PROPERTY"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "LIKE"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "EQ"}]}]},
        {"filterGroups": [
            {"filters": [{"propertyName": "createdate", "operator": "GT", "value": "soon"}]}]},
        {"sorts": ["nope"]},
        {"filterGroups": "all"},
        {"properties": 7},
    ],
)  # fmt: skip
def test_search_when_the_body_is_wrong_then_400_in_the_sheets_shape(
    twelve: FakeNet, body: dict[str, Any]
) -> None:
    answer = search(twelve, "contacts", body)

    assert answer.status == 400
    assert answer.body["status"] == "error"
    assert answer.body["category"] == "VALIDATION_ERROR"
    assert answer.body["correlationId"]


def test_search_when_the_index_lags_then_a_fresh_object_is_missing_there_but_not_in_the_list() -> (
    None
):
    store = contacts(3)
    store.create("contacts", "99", {"email": "new@mail.example"}, NOW - timedelta(minutes=5))
    with running(store, search_lag=timedelta(minutes=10)) as net:
        early = ids(search(net, "contacts", {}))
        net.advance(0.1)
        late = ids(search(net, "contacts", {}))

    assert early == [1, 2, 3]
    assert late == [1, 2, 3, 99]
