from __future__ import annotations

import hashlib
import hmac
import json
from datetime import date, timedelta

import pytest

from pipelines.world.fakenet.faults import ExpireTokens, Nth, Rule
from pipelines.world.fakenet.graph_fields import Selection, parse_fields
from pipelines.world.fakenet.graph_tokens import CONTENT, INSIGHTS, MESSAGING, READ
from pipelines.world.fakenet.server import FakeNet
from tests.support.fakenet import PAGE_TOKEN, USER_TOKEN, Answer, ask, graph

PAGE, ACCOUNT = "9100000000000002", "9100000000000001"
VERSION = "facebook-api-version"


def code(answer: Answer) -> tuple[int, int, int | None]:
    """Status, code and subcode of an error in the shape of the Graph API."""
    error = answer.body["error"]
    assert {"message", "type", "code", "fbtrace_id"} <= set(error)
    return answer.status, error["code"], error.get("error_subcode")


def give(net: FakeNet, token: str, *scopes: str, facade: str = "facebook") -> str:
    gate = net.facades[facade].gate
    gate.tokens.add(token, scopes)
    gate.page_tokens.add(token)
    return token


def test_accounts_when_the_user_asks_then_the_pages_token_is_there_and_works(
    still: FakeNet,
) -> None:
    answer = graph(still, "facebook/me/accounts", {"fields": "id,access_token"}, token=USER_TOKEN)
    (page,) = answer.body["data"]

    assert page == {"id": PAGE, "access_token": PAGE_TOKEN}
    assert graph(still, "facebook/me", token=page["access_token"]).body["id"] == PAGE


@pytest.mark.parametrize("facade", ["facebook", "instagram"])
def test_token_when_it_is_in_the_query_or_the_header_then_both_are_accepted(
    still: FakeNet, facade: str
) -> None:
    in_query = graph(still, f"{facade}/me")
    in_header = ask(still, f"/{facade}/v26.0/me", token=PAGE_TOKEN)
    assert in_query.body == in_header.body
    assert in_query.headers[VERSION] == "v26.0"


def test_token_when_missing_unknown_or_ended_then_104_or_190_with_the_subcode(
    still: FakeNet,
) -> None:
    facade = still.facades["facebook"]
    assert code(graph(still, "facebook/me", token=None)) == (400, 104, None)
    assert code(graph(still, "facebook/me", token="guess")) == (400, 190, None)
    facade.expire_tokens(still.clock.now())
    ended = graph(still, "facebook/me")
    assert code(ended) == (400, 190, 463)
    assert "invalid_token" in ended.headers["WWW-Authenticate"]
    facade.gate.ended_with = 460
    assert code(graph(still, "facebook/me")) == (400, 190, 460)


def test_token_when_it_ends_between_two_pages_then_the_second_is_refused(net: FakeNet) -> None:
    net.script.add(Rule("facebook", "GET */published_posts", ExpireTokens(), Nth(2)))
    first = graph(net, "facebook/me/published_posts", {"limit": 1})
    assert first.status == 200
    assert code(graph(net, "facebook/me/published_posts", {"limit": 1})) == (400, 190, 463)


def test_proof_when_sent_then_it_must_be_the_tokens_own(still: FakeNet) -> None:
    right = hmac.new(b"app-secret-fake-0001", PAGE_TOKEN.encode(), hashlib.sha256).hexdigest()
    assert graph(still, "facebook/me", {"appsecret_proof": right}).status == 200
    assert code(graph(still, "facebook/me", {"appsecret_proof": "00"})) == (400, 100, None)


def test_token_of_the_user_when_the_pages_is_needed_then_190(still: FakeNet) -> None:
    posts = graph(still, f"facebook/{PAGE}/published_posts", token=USER_TOKEN)
    insights = graph(
        still, f"facebook/{PAGE}/insights", {"metric": "page_follows"}, token=USER_TOKEN
    )
    assert code(posts) == (400, 190, 2069032)
    assert code(insights) == (400, 190, None)
    assert graph(still, f"facebook/{PAGE}", {"fields": "fan_count"}, token=USER_TOKEN).status == 200


@pytest.mark.parametrize(
    ("scopes", "path", "expected"),
    [
        ((), "me", 10),
        ((READ,), "me/visitor_posts", 10),
        ((READ,), "me/ratings", 10),
        ((READ,), "me/conversations", 200),
        ((READ,), "me/insights?metric=page_follows", 200),
        ((INSIGHTS, MESSAGING, CONTENT), "me/published_posts", 10),
    ],
)
def test_permission_when_lacking_then_10_or_200_for_that_resource(
    still: FakeNet, scopes: tuple[str, ...], path: str, expected: int
) -> None:
    token = give(still, "few", *scopes)
    path, _, query = path.partition("?")
    params = dict([query.split("=")]) if query else {}
    assert code(graph(still, f"facebook/{path}", params, token=token)) == (400, expected, None)


def test_version_when_older_ended_or_none_then_the_header_says_which_one_served(
    still: FakeNet,
) -> None:
    def served(path: str) -> str:
        return ask(still, f"/facebook{path}", token=PAGE_TOKEN).headers[VERSION]

    assert served("/v25.0/me") == "v25.0"
    assert served("/v3.1/me") == served("/me") == "v21.0"  # the oldest that lives in mid 2026
    still.facades["facebook"].gate.lifetimes["v21.0"] = date(2026, 6, 28)
    assert served("/v21.0/me") == "v22.0"
    unborn = ask(still, "/facebook/v99.0/me", token=PAGE_TOKEN)
    assert code(unborn) == (400, 2500, None)


def test_calls_of_the_page_when_counted_then_the_header_has_percent_and_minutes(
    still: FakeNet,
) -> None:
    gate = still.facades["facebook"].gate
    gate.business.limit = 8

    def usage(answer: Answer) -> dict[str, object]:
        (entry,) = json.loads(answer.headers["X-Business-Use-Case-Usage"])[PAGE]
        return entry

    first = usage(graph(still, "facebook/me"))
    assert (first["type"], first["call_count"]) == ("pages", 13)  # one of eight is 12.5 %
    for _ in range(7):
        last = usage(graph(still, "facebook/me"))
    assert (last["call_count"], last["estimated_time_to_regain_access"]) == (100, 0)
    still.clock.sleep(3600)
    refused = graph(still, "facebook/me")
    assert code(refused) == (400, 80001, None)
    assert refused.body["error"]["is_transient"] is True
    assert usage(refused)["estimated_time_to_regain_access"] == 23 * 60
    still.clock.sleep(23 * 3600)
    assert graph(still, "facebook/me").status == 200


def test_calls_of_the_account_when_used_up_then_80002(still: FakeNet) -> None:
    still.facades["instagram"].gate.business.limit = 1
    assert graph(still, "instagram/me").status == 200
    refused = graph(still, "instagram/me")
    assert code(refused) == (400, 80002, None)
    assert json.loads(refused.headers["X-Business-Use-Case-Usage"])[ACCOUNT]


def test_calls_of_users_when_used_up_then_17_for_one_and_4_for_the_app(still: FakeNet) -> None:
    gate = still.facades["facebook"].gate
    gate.user_calls, gate.app.limit = 2, 3
    gate.tokens.add("other", [READ])
    answers = [graph(still, "facebook/me", token=USER_TOKEN) for _ in range(2)]
    assert json.loads(answers[1].headers["X-App-Usage"]) == {
        "call_count": 67, "total_cputime": 33, "total_time": 33,
    }  # fmt: skip
    assert code(graph(still, "facebook/me", token=USER_TOKEN)) == (400, 17, None)
    assert code(graph(still, "facebook/me", token="other")) == (400, 4, None)
    assert graph(still, "facebook/me").status == 200  # the page has limits of its own
    still.clock.sleep(timedelta(hours=1).total_seconds())
    assert graph(still, "facebook/me", token="other").status == 200


@pytest.mark.parametrize(
    ("path", "params", "expected"),
    [
        ("me", {"fields": "id,nothing"}, (400, 100, None)),
        ("me", {"fields": "id,,name"}, (400, 2500, None)),
        ("me/published_posts", {"fields": "id{"}, (400, 2500, None)),
        ("me/published_posts", {"limits": 10}, (400, 100, None)),
        ("me/published_posts", {"limit": 101}, (400, 100, None)),
        ("me/published_posts", {"limit": "many"}, (400, 100, None)),
        ("me/published_posts", {"after": "?"}, (400, 100, None)),
        ("me/published_posts", {"since": "lately"}, (400, 100, None)),
        ("me/nothing", {}, (400, 2500, None)),
        ("404", {}, (400, 100, 33)),
    ],
)
def test_request_when_it_is_wrong_then_the_code_says_how(
    still: FakeNet, path: str, params: dict[str, object], expected: tuple[int, int, int | None]
) -> None:
    assert code(graph(still, f"facebook/{path}", params)) == expected


def test_fields_when_nested_and_modified_then_each_part_is_read() -> None:
    found = parse_fields("id,from{id,name},comments.limit(0).summary(total_count).as(talk){id}")
    assert found == (
        Selection("id", "id"),
        Selection("from", "from", {}, (Selection("id", "id"), Selection("name", "name"))),
        Selection(
            "comments", "talk", {"limit": "0", "summary": "total_count"}, (Selection("id", "id"),)
        ),
    )
