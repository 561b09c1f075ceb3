from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pipelines.world.fakenet.hubspot import REFRESH_TOKEN, HubSpot
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.world import World
from tests.support.fakenet import Answer, ask, hubspot, search

CONTACTS = "/crm/v3/objects/contacts"


def facade(net: FakeNet) -> HubSpot:
    found = net.facades["hubspot"]
    assert isinstance(found, HubSpot)
    return found


def assert_error(answer: Answer, status: int, category: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.body
    assert (answer.status, body["status"], body["category"]) == (status, "error", category)
    assert body["message"]
    assert len(body["correlationId"]) == 36
    return body


def test_token_when_absent_or_unknown_then_401(still: FakeNet) -> None:
    for token in (None, "pat-of-somebody-else"):
        assert_error(hubspot(still, CONTACTS, token=token), 401, "INVALID_AUTHENTICATION")


def test_token_when_expired_then_401_until_it_is_refreshed(still: FakeNet) -> None:
    facade(still).expire_tokens(still.clock.now())
    body = assert_error(hubspot(still, CONTACTS), 401, "EXPIRED_AUTHENTICATION")
    assert list(body["context"]) == ["expire time"]
    form = f"grant_type=refresh_token&refresh_token={REFRESH_TOKEN}&client_id=x&client_secret=y"
    fresh = hubspot(still, "/oauth/v1/token", method="POST", body=form.encode(), token=None).body

    assert fresh["expires_in"] == 1800
    assert hubspot(still, CONTACTS, token=fresh["access_token"]).status == 200
    still.advance(0.5)
    again = hubspot(still, CONTACTS, token=fresh["access_token"])
    assert_error(again, 401, "EXPIRED_AUTHENTICATION")


def test_refresh_token_when_wrong_then_400(still: FakeNet) -> None:
    form = b"grant_type=refresh_token&refresh_token=guess"
    answer = hubspot(still, "/oauth/v1/token", method="POST", body=form, token=None)
    assert (answer.status, answer.body["status"]) == (400, "BAD_REFRESH_TOKEN")


def test_token_when_malformed_then_530_with_a_page(still: FakeNet) -> None:
    answer = hubspot(still, CONTACTS, token="two words")
    assert answer.status == 530
    assert answer.content.startswith(b"<")


def test_scope_when_missing_then_403_for_that_type_only(still: FakeNet) -> None:
    facade(still).tokens.add("narrow", ["crm.objects.contacts.read"])
    body = assert_error(
        hubspot(still, "/crm/v3/objects/deals", token="narrow"), 403, "MISSING_SCOPES"
    )

    scopes = body["errors"][0]["context"]["requiredGranularScopes"]
    assert scopes == ["crm.objects.deals.read"]
    assert hubspot(still, CONTACTS, token="narrow").status == 200


@pytest.mark.parametrize(
    "params", [{"limit": 101}, {"limit": 0}, {"limit": "x"}, {"after": "x"}, {"colour": "red"}]
)
def test_parameter_when_wrong_or_unknown_then_400_names_it(
    still: FakeNet, params: dict[str, Any]
) -> None:
    body = assert_error(hubspot(still, CONTACTS, params), 400, "VALIDATION_ERROR")
    assert body["errors"][0]["context"]["propertyName"] == list(params)


def test_object_type_when_unknown_then_404(still: FakeNet) -> None:
    assert_error(hubspot(still, "/crm/v3/objects/dogs"), 404, "OBJECT_NOT_FOUND")


def test_address_when_longer_than_fifteen_thousand_then_414(still: FakeNet) -> None:
    short, long = ("a" * count for count in (14_000, 15_000))
    assert hubspot(still, CONTACTS, {"properties": short}).status == 200
    assert_error(hubspot(still, CONTACTS, {"properties": long}), 414, "VALIDATION_ERROR")


def test_burst_when_a_hundred_are_used_then_429_until_ten_seconds_have_passed(
    still: FakeNet,
) -> None:
    left = [
        hubspot(still, "/crm/v3/owners").headers["X-HubSpot-RateLimit-Remaining"]
        for _ in range(100)
    ]
    refused = hubspot(still, "/crm/v3/owners")

    assert left == [str(number) for number in range(99, -1, -1)]
    body = assert_error(refused, 429, "RATE_LIMITS")
    assert body["policyName"] == "TEN_SECONDLY_ROLLING"
    assert "Retry-After" not in refused.headers
    assert refused.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    still.clock.sleep(9.9)
    assert hubspot(still, "/crm/v3/owners").status == 429
    still.clock.sleep(0.1)
    assert hubspot(still, "/crm/v3/owners").status == 200


def test_search_when_five_came_within_a_second_then_429_and_searches_have_no_rate_headers(
    still: FakeNet,
) -> None:
    good = [search(still, "contacts", {"limit": 1}) for _ in range(5)]
    body = assert_error(search(still, "contacts", {"limit": 1}), 429, "RATE_LIMITS")

    assert {answer.status for answer in good} == {200}
    assert body["policyName"] == "SECONDLY"
    assert not [name for name in good[0].headers if "RateLimit" in name]
    still.clock.sleep(1)
    assert search(still, "contacts", {"limit": 1}).status == 200


def test_day_when_its_calls_are_used_up_then_429_daily_until_midnight_utc(still: FakeNet) -> None:
    facade(still).gate.daily.limit = 2
    assert [hubspot(still, CONTACTS).status for _ in range(2)] == [200, 200]
    body = assert_error(hubspot(still, CONTACTS), 429, "RATE_LIMITS")
    assert body["policyName"] == "DAILY"

    # The world ends at 22:00 UTC, midnight in Rome.
    still.clock.sleep(timedelta(hours=2).total_seconds())
    assert hubspot(still, CONTACTS).status == 200


def test_limits_when_a_client_travels_in_time_then_they_go_by_the_clock(
    still: FakeNet, small: World
) -> None:
    facade(still).gate.burst.limit = 2
    early = small.parameters.starts_at
    statuses = [hubspot(still, CONTACTS, now=early).status for _ in range(3)]

    assert statuses == [200, 200, 429]
    still.clock.sleep(10)
    assert hubspot(still, CONTACTS, now=early).status == 200


def test_log_when_requests_came_then_it_shows_headers_and_bodies_as_sent(still: FakeNet) -> None:
    search(still, "contacts", {"limit": 3})
    (entry,) = ask(still, "/_fake/log").body

    assert entry["target"] == "/hubspot/crm/v3/objects/contacts/search"
    assert entry["body"] == '{"limit": 3}'
    assert ["authorization", "Bearer pat-fake-0001"] in entry["headers"]
    assert entry["status"] == 200
