"""Salesforce, read by a plain client: SOQL, ids, pages, the bin, versions, sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from pipelines.world.fakenet import salesforce as fake
from pipelines.world.fakenet.salesforce import Salesforce
from pipelines.world.fakenet.salesforce_ids import salesforce_id, with_checks
from pipelines.world.fakenet.server import FakeNet
from tests.support.fakenet import Answer, ask

DATA = "/salesforce/services/data/v67.0"


def salesforce(net: FakeNet, path: str, **more: Any) -> Answer:
    return ask(net, f"{DATA}/{path}", **{"token": "00DfakeSession0001", **more})


def soql(net: FakeNet, text: str, kind: str = "query", **more: Any) -> Answer:
    return salesforce(net, f"{kind}?q={quote(text)}", **more)


def facade(net: FakeNet) -> Salesforce:
    found = net.facades["salesforce"]
    assert isinstance(found, Salesforce)
    return found


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("001A0000006Vm9r", "001A0000006Vm9rIAC"),  # the example of the vendor's pages
        ("003000000000001", "003000000000001AAA"),
        ("ABCDEFGHIJKLMNO", "ABCDEFGHIJKLMNO555"),
    ],
)
def test_id_when_checked_then_the_last_three_tell_its_capitals(short: str, whole: str) -> None:
    assert with_checks(short) == whole


def test_ids_when_compared_without_case_then_still_all_different() -> None:
    ids = [salesforce_id(f"K{number:05d}") for number in range(2_000)]
    assert len({one.lower() for one in ids}) == len({one[:15] for one in ids}) == 2_000


def test_query_when_conditions_and_order_then_the_rows_of_the_store(net: FakeNet) -> None:
    live = facade(net).store.live("Opportunity", net.clock.now())
    won = sorted(
        (seen.fields["Amount"], seen.record_id)
        for seen in live
        if seen.fields["StageName"] == "Closed Won"
    )
    found = soql(net, "SELECT Id, Amount FROM Opportunity WHERE StageName = 'closed won'"
                      " AND IsDeleted = false ORDER BY Amount, Id").body  # fmt: skip
    assert [(row["Amount"], row["Id"]) for row in found["records"]] == won
    assert found["done"] is True
    assert found["records"][0]["attributes"]["type"] == "Opportunity"
    counted = soql(net, "SELECT COUNT() FROM Opportunity WHERE IsWon = true").body
    assert counted == {"totalSize": len(won), "done": True, "records": []}
    first, last = won[0][1], won[-1][1]
    picked = soql(net, f"SELECT Id FROM Opportunity WHERE Id IN ('{first}', '{last.lower()}')").body
    assert [row["Id"] for row in picked["records"]] == [first]  # the case of an id counts
    changed = max(seen.updated_at for seen in live)
    since = f"SELECT Id FROM Opportunity WHERE SystemModstamp >= {changed:%Y-%m-%dT%H:%M:%SZ}"
    assert soql(net, since).body["totalSize"] == sum(s.updated_at == changed for s in live)


def test_query_when_it_has_pages_then_they_are_those_of_the_moment_it_was_asked(
    net: FakeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake, "BATCH_SIZE", 5)
    first = soql(net, "SELECT Id FROM Contact ORDER BY Id").body
    store, ids = facade(net).store, [row["Id"] for row in first["records"]]
    whole = first["totalSize"]
    store.delete("Contact", store.live("Contact", net.clock.now())[-1].record_id, net.clock.now())
    link = first["nextRecordsUrl"]
    while link:
        page = salesforce(net, link.removeprefix("/services/data/v67.0/")).body
        ids += [row["Id"] for row in page["records"]]
        link = page.get("nextRecordsUrl")
    assert len(ids) == len(set(ids)) == whole
    lost = salesforce(net, "query/01gNothing-5")
    assert (lost.status, lost.body[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_bin_when_fifteen_days_have_passed_then_nobody_sees_the_record(net: FakeNet) -> None:
    store, now = facade(net).store, net.clock.now()
    ((native_id,), *_) = [(seen.record_id,) for seen in store.live("Case", now)]
    store.delete("Case", native_id, now)
    query = f"SELECT Id, IsDeleted, SystemModstamp FROM Case WHERE Id = '{native_id}'"
    stamp = f"{now:%Y-%m-%dT%H:%M:%S}.000+0000"
    for hours, count, named in ((0, 1, 1), (14 * 24, 1, 1), (16 * 24, 0, 0)):
        at = now + timedelta(hours=hours)
        found = soql(net, query, "queryAll", now=at).body
        assert found["totalSize"] == count
        assert {(row["IsDeleted"], row["SystemModstamp"]) for row in found["records"]} <= {
            (True, stamp)
        }
        assert soql(net, query, now=at).body["totalSize"] == 0
        start, end = ((at - timedelta(days=20)).isoformat(), (at + timedelta(hours=1)).isoformat())
        path = f"sobjects/Case/deleted/?start={quote(start)}&end={quote(end)}"
        deleted = salesforce(net, path, now=at).body["deletedRecords"]
        assert sum(row["id"] == native_id for row in deleted) == named


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("../v20.0/query?q=x", 404, "NOT_FOUND"),
        ("query?q=SELECT%20Id", 400, "MALFORMED_QUERY"),
        ("query?q=SELECT%20Id%20FROM%20Nothing", 400, "INVALID_TYPE"),
        ("query?q=SELECT%20Nothing%20FROM%20Case", 400, "INVALID_FIELD"),
        ("sobjects/Case/500gK0000000000AAA", 404, "NOT_FOUND"),
        ("nothing", 404, "NOT_FOUND"),
    ],
)
def test_request_when_wrong_then_an_array_with_its_code(
    net: FakeNet, path: str, status: int, code: str
) -> None:
    answer = salesforce(net, path)
    assert (answer.status, answer.body[0]["errorCode"]) == (status, code)


def test_versions_and_sessions_when_ended_then_refused(net: FakeNet) -> None:
    old = ask(net, "/salesforce/services/data/v30.0/limits", token="00DfakeSession0001")
    assert (old.status, old.body[0]["errorCode"]) == (410, "UNSUPPORTED_API_VERSION")
    guess = salesforce(net, "limits", token="guess")
    assert (guess.status, guess.body[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert salesforce(net, "limits").headers["Sforce-Limit-Info"].endswith("/100000")
    facade(net).gate.foreign_calls = 100_000
    full = salesforce(net, "limits")
    assert (full.status, full.body[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
