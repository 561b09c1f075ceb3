from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

import pytest

from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.world import World
from tests.support.fakenet import ask, hubspot, xrpc

CONTACTS = "/crm/v3/objects/contacts"


def test_server_when_left_then_its_ports_are_closed_and_no_listener_remains(small: World) -> None:
    before = threading.active_count()
    with fake_net(small) as net:
        origin = net.origin
        assert origin.startswith("http://127.0.0.1:")
        assert net.foreign_origin != origin
        assert hubspot(net, CONTACTS).status == 200
        ports = [server.server_address for server in net._servers]

    for address in ports:
        probe = FakeNet({}, net.clock)
        probe._servers = [type("Gone", (), {"server_address": address})()]  # type: ignore[list-item]
        with pytest.raises(ConnectionError):
            ask(probe, "/hubspot")
    assert threading.active_count() <= before + 1  # a connection thread may still be leaving


def test_clock_when_advanced_then_now_and_the_date_header_follow_and_nothing_else_moves_it(
    still: FakeNet,
) -> None:
    first = hubspot(still, CONTACTS)
    second = hubspot(still, CONTACTS)
    still.advance(1.5)
    third = hubspot(still, CONTACTS)

    assert first.headers["Date"] == second.headers["Date"] == "Sun, 28 Jun 2026 22:00:00 GMT"
    assert third.headers["Date"] == "Sun, 28 Jun 2026 23:30:00 GMT"
    assert ask(still, "/_fake/advance?hours=1").body["now"] == "2026-06-29T00:30:00+00:00"


def test_tick_when_set_then_every_request_moves_the_clock_by_it(small: World) -> None:
    with fake_net(small, tick=timedelta(seconds=2)) as net:
        start = net.clock.now()
        for _ in range(3):
            hubspot(net, CONTACTS)
        assert net.clock.now() - start == timedelta(seconds=6)


def test_facade_when_unknown_then_404_and_control_is_not_logged(still: FakeNet) -> None:
    assert ask(still, "/nowhere/x").status == 404
    assert ask(still, "/_fake/nothing").status == 404
    assert [entry["facade"] for entry in ask(still, "/_fake/log").body] == ["nowhere"]


def test_foreign_origin_when_asked_then_it_answers_nothing_useful_and_logs_the_headers(
    still: FakeNet,
) -> None:
    elsewhere = FakeNet({}, still.clock)
    elsewhere._servers = [still._servers[1]]
    assert ask(elsewhere, "/crm/v3/objects/contacts?stolen=1").body == {"results": []}

    (entry,) = still.log.of("foreign")
    assert entry.header("authorization") == "Bearer pat-fake-0001"
    assert entry.target == "/crm/v3/objects/contacts?stolen=1"
    assert still.log.of("hubspot") == []


def test_requests_when_many_come_at_once_then_all_are_answered_and_logged(still: FakeNet) -> None:
    brand = ask(still, "/_fake/oracle").body["bluesky"]["brand"]

    def one(_: int) -> int:
        return xrpc(still, "com.atproto.sync.getRepoStatus", {"did": brand}).status

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(one, range(40)))

    assert statuses == [200] * 40
    assert [entry.number for entry in still.log.of("bluesky")] == list(range(1, 41))


def test_log_when_a_secret_is_sent_then_nothing_is_printed(
    still: FakeNet, capfd: pytest.CaptureFixture[str]
) -> None:
    hubspot(still, CONTACTS, token="canary-secret")
    printed = capfd.readouterr()

    assert printed.out + printed.err == ""
    assert still.log.requests[0].header("authorization") == "Bearer canary-secret"


def test_oracle_when_asked_for_an_earlier_instant_then_it_counts_what_existed_then(
    still: FakeNet, small: World
) -> None:
    begin = small.parameters.starts_at
    found = ask(still, "/_fake/oracle", now=begin - timedelta(seconds=1)).body
    assert found["now"] == (begin - timedelta(seconds=1)).astimezone(UTC).isoformat()
    assert found["hubspot"]["contacts"] == found["bluesky"]["accounts"] == 0
