"""LinkedIn: what answers mean, addresses by hand, pages by number, texts without names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.http import (
    Answer,
    Exchange,
    Fatal,
    Gone,
    Ok,
    QuotaStop,
    RefreshAuth,
    Request,
    SkipItem,
)
from pipelines.http.records import Reply
from pipelines.sources.linkedin_requests import (
    LONGEST_LIST,
    Numbered,
    batch,
    batches,
    below,
    classify,
    denied,
    paged,
    plain,
    urn_list,
)
from pipelines.world.fakenet.linkedin_restli import parse
from pipelines.world.fakenet.linkedin_store import little_text

POST = "urn:li:share:7100000000000000001"
COMMENT = "urn:li:comment:(urn:li:activity:71,72)"
LATE = {"date": "Wed, 30 Dec 2026 23:59:58 GMT"}


def outcome(request: Request, status: int, payload: Any, version: str = "202607") -> Any:
    body = json.dumps(payload).encode()
    headers = {"content-type": "application/json", **LATE}
    reply = Reply(status, headers, body, payload, is_json=True)
    return classify(Exchange(request, reply), version)


def error(status: int, message: str = "No.") -> dict[str, Any]:
    return {"status": status, "message": message, "serviceErrorCode": 1}


def test_classify_when_the_days_calls_are_used_up_then_stop_to_midnight_of_the_servers_clock() -> (
    None
):
    found = outcome(below("reactions", "/r/{urn}", POST), 429, error(429))
    assert isinstance(found, QuotaStop)
    assert found.until == datetime(2026, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (401, "expired", RefreshAuth()),
        (403, "Not enough permissions to access: GET /posts", SkipItem("access_denied")),
        (404, "Could not find entity", Gone((POST,))),
    ],
)
def test_classify_when_refused_then_the_outcome_of_its_status(
    status: int, message: str, expected: Any
) -> None:
    found = outcome(below("reactions", "/r/{urn}", POST), status, error(status, message))
    assert found == expected


def test_classify_when_a_person_is_needed_then_one_line_says_what_for() -> None:
    retired = outcome(Request("posts"), 426, error(426), "202401")
    assert isinstance(retired, Fatal)
    assert retired.why == "version 202401 is no longer served"
    ours = "Unpermitted fields present in PARAMETER: Data Processing Exception"
    for status, message in ((403, ours), (400, "Invalid query parameters"), (414, "too long")):
        assert isinstance(outcome(Request("posts"), status, error(status, message)), Fatal)
    listed = Request("posts", rows_path=("elements",))
    assert isinstance(outcome(listed, 200, error(500)), Fatal)


def test_batch_when_some_are_not_there_then_it_is_an_answer_and_they_are_named() -> None:
    body = {
        "results": {POST: {"id": POST}},
        "errors": {COMMENT: {"status": 404}, "urn:li:share:1": {"status": 500}},
    }
    request = batch("posts", "/rest/posts", [POST])
    assert outcome(request, 200, body) == Ok()
    answer = Answer(request, Ok(), datetime(2026, 1, 1, tzinfo=UTC), payload=body)
    assert denied(answer) == {COMMENT}  # what failed otherwise is not gone


def test_address_when_urns_hold_brackets_then_only_those_of_the_grammar_are_bare() -> None:
    found = urn_list([POST, COMMENT])
    assert found == (
        "List(urn%3Ali%3Ashare%3A7100000000000000001,"
        "urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A71%2C72%29)"
    )
    assert parse(found) == [POST, COMMENT]  # as the network reads it
    path = "/rest/reactions/(entity:{urn})"
    target = below("reactions", path, COMMENT, q="entity").target()
    assert target.startswith("/rest/reactions/(entity:urn%3Ali%3Acomment%3A%28urn%3A")
    assert target.endswith("%29)?q=entity&count=100")


@given(st.lists(st.integers(1, 10**19).map("urn:li:share:{}".format), unique=True, max_size=300))
def test_batches_when_there_are_many_then_all_fit_and_each_urn_is_in_one(urns: list[str]) -> None:
    found = list(batches(urns))
    assert [urn for some in found for urn in some] == urns
    assert all(len(urn_list(some)) <= LONGEST_LIST for some in found)
    assert unquote(urn_list(urns)).count("urn:li:") == len(urns)


@pytest.mark.parametrize(
    ("count", "has_link", "expected"),
    [(100, False, "300"), (100, True, "300"), (7, True, "300"), (7, False, None), (0, False, None)],
)
def test_pages_when_short_then_only_a_link_leads_on(
    count: int, has_link: bool, expected: str | None
) -> None:
    request = paged(Request("posts", params=(("start", "200"),)))
    links = [{"rel": "next", "href": "https://elsewhere.example/"}] if has_link else []
    answer = Answer(
        request, Ok(), datetime(2026, 1, 1, tzinfo=UTC), rows=({},) * count,
        payload={"paging": {"links": links}},
    )  # fmt: skip
    step = Numbered().following(request, answer)
    assert (step[0] if step else None) == expected
    if step:
        assert step[1].link is None  # never where a link leads
        assert dict(step[1].params)["start"] == expected


@given(st.text(st.sampled_from("ab \\|{}@[]()<>#*_~é"), max_size=30))
def test_plain_when_a_text_was_written_in_the_networks_notation_then_it_is_the_text(
    text: str,
) -> None:
    assert plain(little_text(text)) == text


def test_plain_when_members_are_named_then_their_names_are_gone_and_firms_stay() -> None:
    told = r"Thanks @[Ada Byron](urn:li:person:abc) of @[Acme](urn:li:organization:1) \(late\)"
    assert plain(told) == "Thanks @member of @Acme (late)"
    assert plain(r"{hashtag|\#|coffee} day") == "#coffee day"
    assert plain(None) is None
