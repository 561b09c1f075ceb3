from __future__ import annotations

import gzip
import http.client
import json
from datetime import timedelta

import pytest

from pipelines.world.fakenet.faults import (
    Act,
    Between,
    Chance,
    ExpireTokens,
    Fault,
    FaultScript,
    Nth,
    Rule,
)
from pipelines.world.fakenet.faults_wire import (
    ClockSkew,
    Delay,
    Drop,
    Empty,
    ForeignRedirect,
    GzipBomb,
    Html,
    Oversized,
    RateExhausted,
    Status,
    Trickle,
    Truncate,
)
from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.world import World
from tests.support.fakenet import Answer, hubspot, xrpc

CONTACTS, LIST = "/crm/v3/objects/contacts", "GET /crm/v3/objects/*"
MEBIBYTE = 1024 * 1024


def broken(net: FakeNet, *faults: Fault) -> Answer:
    """The list of contacts with these faults."""
    net.script.add(*(Rule("hubspot", LIST, fault) for fault in faults))
    return hubspot(net, CONTACTS)


def test_status_when_due_then_it_comes_with_its_body_and_headers(still: FakeNet) -> None:
    answer = broken(still, Status(503, {"message": "later"}, (("X-Why", "maintenance"),)))
    assert (answer.status, answer.body) == (503, {"message": "later"})
    assert answer.headers["X-Why"] == "maintenance"


def test_empty_when_due_then_202_without_a_body(still: FakeNet) -> None:
    answer = broken(still, Empty())
    assert (answer.status, answer.content) == (202, b"")
    assert "Content-Type" not in answer.headers


def test_html_when_due_then_200_with_a_page(still: FakeNet) -> None:
    answer = broken(still, Html())
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.content.lstrip().startswith(b"<")


def test_redirect_when_due_then_it_leads_to_the_foreign_origin(still: FakeNet) -> None:
    answer = broken(still, ForeignRedirect())
    assert answer.status == 302
    assert answer.headers["Location"] == f"{still.foreign_origin}{CONTACTS}"


def test_drop_when_due_then_the_connection_ends_without_an_answer(still: FakeNet) -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        broken(still, Drop())
    assert [entry.status for entry in still.log.requests] == [0]


def test_truncate_when_due_then_fewer_bytes_come_than_were_promised(still: FakeNet) -> None:
    with pytest.raises(http.client.IncompleteRead) as caught:
        broken(still, Truncate(100))
    assert len(caught.value.partial) == 100
    assert caught.value.expected is not None


def test_slow_answers_when_due_then_the_sleeper_gets_every_pause_and_the_body_is_whole(
    small: World,
) -> None:
    pauses: list[float] = []
    with fake_net(small, sleep=pauses.append) as net:
        plain = hubspot(net, CONTACTS).content
        slow = broken(net, Delay(7.5), Trickle(chunk_bytes=1000, pause_seconds=0.25))

    assert slow.content == plain
    assert pauses == [7.5] + [0.25] * ((len(plain) - 1) // 1000)
    assert len(pauses) > 3


def test_oversized_when_due_then_the_body_is_that_much_longer_and_still_json(
    still: FakeNet,
) -> None:
    plain = hubspot(still, CONTACTS)
    answer = broken(still, Oversized(2 * MEBIBYTE))
    assert len(answer.content) == 2 * MEBIBYTE + len(plain.content)
    assert answer.body == plain.body


def test_bomb_when_due_then_a_small_body_inflates_to_a_large_one(still: FakeNet) -> None:
    plain = hubspot(still, CONTACTS)
    answer = broken(still, GzipBomb(5 * MEBIBYTE + 3))
    inflated = gzip.decompress(answer.content)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.content) < 40_000
    assert len(inflated) == 5 * MEBIBYTE + 3 + len(plain.content)
    assert json.loads(inflated) == plain.body


def test_skew_when_due_then_only_the_date_is_off(still: FakeNet) -> None:
    plain = hubspot(still, CONTACTS)
    answer = broken(still, ClockSkew(3600))
    assert answer.headers["Date"] == "Sun, 28 Jun 2026 23:00:00 GMT"
    assert answer.content == plain.content


# The world ends on 2026-06-28T22:00:00Z = 1782684000; 90 seconds later is …:01:30.
@pytest.mark.parametrize(
    ("form", "header", "value"),
    [
        ("retry_after_seconds", "Retry-After", "90"),
        ("retry_after_date", "Retry-After", "Sun, 28 Jun 2026 22:01:30 GMT"),
        ("epoch_seconds", "x-rate-limit-reset", "1782684090"),
        ("ratelimit_epoch", "RateLimit-Reset", "1782684090"),
        ("iso_8601", "X-RateLimit-Reset", "2026-06-28T22:01:30.000Z"),
        ("garbage", "Retry-After", "soon"),
        ("negative", "Retry-After", "-90"),
        ("far_ahead", "Retry-After", "10000000"),
    ],
)
def test_rate_when_exhausted_then_the_reset_comes_in_that_form(
    still: FakeNet, form: str, header: str, value: str
) -> None:
    answer = broken(still, RateExhausted(form, 90))
    assert (answer.status, answer.body["category"]) == (429, "RATE_LIMITS")
    assert answer.headers[header] == value


def test_rate_when_exhausted_in_metas_form_then_minutes_are_rounded_up(still: FakeNet) -> None:
    usage = json.loads(
        broken(still, RateExhausted("minutes", 90)).headers["X-Business-Use-Case-Usage"]
    )
    assert usage["1"][0]["estimated_time_to_regain_access"] == 2


def test_rate_when_exhausted_without_a_word_then_there_is_no_reset(still: FakeNet) -> None:
    headers = broken(still, RateExhausted("none")).headers
    assert not {"retry-after", "x-rate-limit-reset", "ratelimit-reset"} & {
        k.lower() for k in headers
    }


def test_rate_when_the_form_is_unknown_then_the_script_is_refused() -> None:
    with pytest.raises(ValueError, match="form must be one of"):
        RateExhausted("tomorrow")


def test_token_when_it_ends_at_the_third_page_then_that_page_is_refused(still: FakeNet) -> None:
    still.script.add(Rule("hubspot", LIST, ExpireTokens(), Nth(3)))
    statuses = [hubspot(still, CONTACTS, {"limit": 1}).status for _ in range(4)]
    assert statuses == [200, 200, 401, 401]


def test_act_when_due_then_it_happens_before_that_answer_and_once(
    still: FakeNet, small: World
) -> None:
    store, now = still.facades["hubspot"].store, small.parameters.as_of
    first = hubspot(still, CONTACTS, {"limit": 1}).body["results"][0]["id"]
    act = Act(lambda: store.delete("contacts", first, now))
    still.script.add(Rule("hubspot", LIST, act, Nth(2)))
    shown = [hubspot(still, CONTACTS, {"limit": 1}).body["results"][0]["id"] for _ in range(2)]

    assert shown[0] == first != shown[1]


def statuses(net: FakeNet, count: int) -> list[int]:
    return [hubspot(net, CONTACTS, {"limit": 1}).status for _ in range(count)]


def test_nth_when_a_count_is_given_then_that_many_fail_and_other_endpoints_do_not_count(
    still: FakeNet,
) -> None:
    still.script.add(Rule("hubspot", LIST, Status(500), Nth(2, count=2)))
    assert hubspot(still, "/crm/v3/owners").status == 200
    assert statuses(still, 4) == [200, 500, 500, 200]
    assert xrpc(still, "com.atproto.sync.getRepoStatus", {"did": "x"}).status == 400


def test_between_when_the_clock_is_inside_then_only_then(still: FakeNet) -> None:
    start = still.clock.now() + timedelta(hours=1)
    still.script.add(Rule("*", "*", Status(502), Between(start, start + timedelta(hours=1))))
    seen = []
    for _ in range(3):
        seen += statuses(still, 1)
        still.advance(1)
    assert seen == [200, 502, 200]


def test_chance_when_drawn_then_the_seed_decides_and_the_share_is_right(small: World) -> None:
    def run(seed: int) -> list[bool]:
        return [Chance(0.3, seed).holds(number, small.parameters.as_of) for number in range(4000)]

    assert run(1) == run(1) != run(2)
    assert sum(run(1)) / 4000 == pytest.approx(0.3, abs=0.03)
    assert sum(Chance(0.0, 1).holds(n, small.parameters.as_of) for n in range(100)) == 0
    assert sum(Chance(1.0, 1).holds(n, small.parameters.as_of) for n in range(100)) == 100


def test_script_when_replayed_with_chance_then_the_same_requests_break(small: World) -> None:
    def run() -> list[int]:
        script = FaultScript(Rule("hubspot", "*", Status(500), Chance(0.5, 9)))
        with fake_net(small, script=script) as net:
            return statuses(net, 20)

    first = run()
    assert first == run()
    assert {200, 500} == set(first)


def test_faults_when_several_are_due_then_all_apply(still: FakeNet) -> None:
    answer = broken(still, ClockSkew(60), Status(500))
    assert answer.status == 500
    assert answer.headers["Date"] == "Sun, 28 Jun 2026 22:01:00 GMT"
