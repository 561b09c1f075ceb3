"""The default rules, in their order: status, headers and body against the outcome."""

from __future__ import annotations

import json

import pytest

from pipelines.http import (
    Exchange,
    Failure,
    Fatal,
    Gone,
    Ok,
    RefreshAuth,
    Reply,
    Request,
    Retry,
    SkipItem,
    default_outcome,
)
from pipelines.http.body import parse_json

LIST = Request("posts", "/posts")
ONE = Request("post", "/posts/{id}", {"id": "7"}, object_id="7", rows_path=())
JSON, HTML = "application/json", "text/html"


def outcome(status: int, body: str, kind: str = JSON, request: Request = LIST) -> object:
    try:
        payload, is_json = parse_json(body.encode()), True
    except ValueError:
        payload, is_json = None, False
    reply = Reply(status, {"content-type": kind}, body.encode(), payload, is_json)
    return default_outcome(Exchange(request, reply))


@pytest.mark.parametrize("kind", ["connect", "network", "timeout", "truncated", "deadline"])
def test_default_outcome_when_no_answer_then_retry(kind: str) -> None:
    assert default_outcome(Exchange(LIST, failure=Failure(kind))) == Retry(kind)


@pytest.mark.parametrize("kind", ["too_large", "encoding", "certificate", "private_address"])
def test_default_outcome_when_no_answer_can_be_had_then_fatal(kind: str) -> None:
    found = default_outcome(Exchange(LIST, failure=Failure(kind)))
    assert isinstance(found, Fatal)
    assert found.fault == kind


@pytest.mark.parametrize(
    ("status", "request_", "expected"),
    [
        (401, LIST, RefreshAuth()),
        (403, LIST, SkipItem("forbidden")),
        (404, ONE, Gone(("7",))),
        (410, ONE, Gone(("7",))),
        (408, LIST, Retry("status 408")),
        (425, LIST, Retry("status 425")),
        (429, LIST, Retry("status 429", is_throttle=True)),
        (500, LIST, Retry("status 500")),
        (503, LIST, Retry("status 503")),
        (404, LIST, Fatal("refused", "the request was refused (status 404)")),
        (400, LIST, Fatal("refused", "the request was refused (status 400)")),
    ],
)
def test_default_outcome_when_status_then_its_rule(
    status: int, request_: Request, expected: object
) -> None:
    assert outcome(status, '{"error": {"message": "no"}}', request=request_) == expected


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"data": null}', "<html>"])
def test_default_outcome_when_202_without_data_then_retry(body: str) -> None:
    assert outcome(202, body) == Retry("not_ready")


def test_default_outcome_when_202_with_data_then_ok() -> None:
    assert outcome(202, '{"data": []}') == Ok()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html>down</html>", HTML),
        ("<html>down</html>", JSON),
        ('{"data": []}', HTML),
        ("", JSON),
        ('{"data": [', JSON),
        ('{"data": [NaN]}', JSON),
        ('{"data": [1], "data": [2]}', JSON),
        ('{"data": [1e999]}', JSON),
        ("[" * 100_000, JSON),
    ],
)
def test_default_outcome_when_answer_is_no_json_then_three_retries_and_fatal(
    body: str, kind: str
) -> None:
    found = outcome(200, body, kind)
    assert isinstance(found, Retry)
    assert (found.reason, found.at_most) == ("not_json", 3)
    assert found.otherwise == Fatal("not_json", "the answer (status 200) is no JSON")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/vnd.api+json"])
def test_default_outcome_when_data_then_ok(kind: str) -> None:
    assert outcome(200, '\ufeff{"data": [{"id": 1}]}', kind) == Ok()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"error": {"code": 1}}', "status 200 with an error object"),
        ('{"errors": [{"code": 88}]}', "status 200 with an error object"),
        ('{"ok": true}', "status 200 with no data"),
        ('{"data": "text"}', "status 200 with no data"),
        ("[]", "status 200 with no data"),
        ('{"items": []}', "status 200 with no data"),
    ],
)
def test_default_outcome_when_success_without_data_then_never_success(body: str, why: str) -> None:
    assert outcome(200, body) == Fatal("shape", why)


def test_default_outcome_when_emptiness_is_declared_then_ok() -> None:
    may = Request("posts", "/posts", may_lack_rows=True)
    assert outcome(200, '{"meta": {"result_count": 0}}', request=may) == Ok()
    assert outcome(204, "", request=may) == Ok()
    assert outcome(200, '{"errors": [1]}', request=may) == Fatal(
        "shape", "status 200 with an error object"
    )


def test_default_outcome_when_data_and_errors_then_ok_with_the_errors() -> None:
    body = json.dumps({"data": [{"id": "1"}], "errors": [{"type": "gone"}, {"type": "private"}]})
    assert outcome(200, body) == Ok(({"type": "gone"}, {"type": "private"}))
    assert outcome(207, body) == Ok(({"type": "gone"}, {"type": "private"}))


def test_default_outcome_when_whole_answer_is_the_row_then_error_object_is_no_row() -> None:
    assert outcome(200, '{"id": "7"}', request=ONE) == Ok()
    assert outcome(200, '{"error": "x"}', request=ONE) == Fatal(
        "shape", "status 200 with an error object"
    )


def test_default_outcome_when_raw_bytes_are_wanted_then_no_json_is_needed() -> None:
    raw = Request("export", "/export", rows_path=None)
    assert outcome(200, "id;name\n1;a\n", "text/csv", raw) == Ok()
