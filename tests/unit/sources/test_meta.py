"""What answers of the Graph API mean: the code table, the usage headers, pages, Pacific days."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.http import (
    Answer,
    DropField,
    Exchange,
    Fatal,
    Gone,
    Limits,
    Ok,
    PageGuard,
    Request,
    Retry,
    SkipItem,
    SourceFailed,
    Split,
    pages,
)
from pipelines.http.records import Reply
from pipelines.sources.meta import classify, read_usage
from pipelines.sources.meta_figures import chunks, day_of, day_start, epoch
from pipelines.sources.meta_reads import GraphPages, within, without_links
from pipelines.sources.reading import Window, passes

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
METRICS = Request("post_insights", names_param="metric", names=("a", "b"), object_id="7")
OBJECT = Request("posts", names_param="fields", names=("id", "likes.limit(0)", "from{id,name}"),
                 object_id="7")  # fmt: skip


def outcome(request: Request, status: int, payload: Any) -> Any:
    body = json.dumps(payload).encode()
    headers = {"content-type": "application/json; charset=UTF-8"}
    return classify(Exchange(request, Reply(status, headers, body, payload, is_json=True)))


def error(code: Any, message: str = "no", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "OAuthException", "code": code, **more}}


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    ("code", "subcode", "expected"),
    [
        (1, None, Retry),
        (2, None, Retry),
        (4, None, Retry),
        (17, None, Retry),
        (32, None, Retry),
        (613, None, Retry),
        (80001, None, Retry),
        (80002, None, Retry),
        ("80002", None, Retry),  # some answers write it as a text
        (190, 463, Fatal),
        (102, None, Fatal),
        (104, None, Fatal),
        (10, None, SkipItem),
        (200, None, SkipItem),
        (299, None, SkipItem),
        (100, 33, Gone),
        (368, None, Fatal),
    ],
)
def test_error_when_it_has_a_code_then_that_decides_whatever_the_status(
    code: Any, subcode: int | None, expected: type, status: int
) -> None:
    more = {"error_subcode": subcode} if subcode else {}
    assert isinstance(outcome(OBJECT, status, error(code, **more)), expected)


@pytest.mark.parametrize(
    ("subcode", "words"),
    [
        (458, "token refused (190/458: the app was removed)"),
        (460, "token refused (190/460: its owner changed the password)"),
        (463, "token refused (190/463: it has expired)"),
        (467, "token refused (190/467: it was withdrawn)"),
        (999, "token refused (190/999)"),
    ],
)
def test_token_when_refused_then_the_subcode_says_why(subcode: int, words: str) -> None:
    found = outcome(OBJECT, 400, error(190, error_subcode=subcode))
    assert (found.fault, found.why) == ("token_refused", words)


def test_error_100_when_about_a_metric_then_split_when_about_a_field_then_it_is_named() -> None:
    metric = error(100, "(#100) The value must be a valid insights metric")
    assert outcome(METRICS, 400, metric) == Split()
    field = error(100, "(#100) Tried accessing nonexisting field (likes) on node type (Post)")
    assert outcome(OBJECT, 400, field) == DropField("likes.limit(0)")
    nested = error(100, "(#100) Tried accessing nonexisting field (name) on node type (User)")
    assert outcome(OBJECT, 400, nested) == DropField("from{id,name}")
    # Something else is wrong with the request: no metric may be taken for dead.
    other = error(100, "(#100) The since parameter must be before the until parameter")
    assert isinstance(outcome(METRICS, 400, other), Fatal)
    assert isinstance(outcome(OBJECT, 400, metric), Fatal)


def test_code_10_when_about_viewers_then_the_story_is_too_small_not_forbidden() -> None:
    few = error(10, "(#10) Not enough viewers for the media to show insights")
    assert outcome(METRICS, 400, few) == SkipItem("too_few_viewers")
    assert outcome(METRICS, 400, error(10, "(#10) needs the permission")) == SkipItem("permission")


@pytest.mark.parametrize(
    ("status", "payload", "fault"),
    [
        (400, error(12345), "refused"),
        (200, error(12345), "refused"),
        (200, {"error": {}}, "shape"),
        (200, {"error": "down"}, "shape"),
        (200, {"paging": {}}, "shape"),
        (200, [], "shape"),
    ],
)
def test_answer_when_it_is_no_page_then_never_a_success(
    status: int, payload: Any, fault: str
) -> None:
    assert outcome(OBJECT, status, payload).fault == fault


def test_error_when_unknown_but_called_transient_then_again() -> None:
    assert isinstance(outcome(OBJECT, 400, error(99, is_transient=True)), Retry)
    assert isinstance(outcome(OBJECT, 503, error(99)), Retry)
    assert isinstance(outcome(OBJECT, 400, error(99, is_transient="true")), Fatal)


def usage(**headers: str) -> Any:
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_usage(found, NOW, "pages")


BUSINESS = {
    "type": "pages", "call_count": 85, "total_cputime": 10, "total_time": 20,
    "estimated_time_to_regain_access": 0,
}  # fmt: skip


def test_usage_when_the_app_header_is_there_then_the_highest_share_counts() -> None:
    found = usage(x_app_usage='{"call_count":28,"total_time":95,"total_cputime":25}')
    assert (found.used, found.resets_at) == (0.95, None)


def test_usage_when_of_business_cases_then_those_of_ours_count() -> None:
    other = BUSINESS | {"type": "messenger", "call_count": 100}
    found = usage(x_business_use_case_usage=json.dumps({"1": [other, BUSINESS]}))
    assert found.used == 0.85
    found = usage(x_business_use_case_usage=json.dumps({"1": [other]}))
    assert found.used == 1.0


def test_usage_when_minutes_to_regain_are_named_then_no_access_until_then() -> None:
    waiting = BUSINESS | {"estimated_time_to_regain_access": 19}
    found = usage(x_business_use_case_usage=json.dumps({"1": [waiting], "2": [BUSINESS]}))
    assert (found.used, found.resets_at) == (1.0, NOW + timedelta(minutes=19))


@pytest.mark.parametrize(
    "text",
    ["", "soon", "[]", "7", '{"1":7}', '{"1":[7]}', '{"call_count":"28"}', '{"call_count":NaN}',
     '{"call_count":1e999}', '{"call_count":' + "9" * 400 + "}", '{"call_count":-5}', '{"call_count":true}'],
)  # fmt: skip
def test_usage_when_it_cannot_be_read_then_nothing_is_known(text: str) -> None:
    assert usage(x_app_usage=text, x_business_use_case_usage=text) is None


def step(payload: Any) -> tuple[str, Request] | None:
    request = Request("posts", params=(("limit", "100"),))
    return GraphPages("facebook").following(request, Answer(request, Ok(), NOW, payload=payload))


LINK = "https://graph.facebook.com/v26.0/7/posts?access_token=secret&limit=100"


def test_page_when_there_is_a_next_link_then_only_its_cursor_is_taken() -> None:
    cursors = {"before": "a", "after": "b"}
    cursor, request = step({"data": [], "paging": {"cursors": cursors, "next": LINK}}) or ("", None)
    assert cursor == "after=b"
    assert request is not None
    assert request.params == (("limit", "100"), ("after", "b"))
    assert request.link is None
    cursor, request = step({"data": [], "paging": {"next": f"{LINK}&after=c&until=9"}}) or (
        "",
        None,
    )
    assert cursor == "after=c&until=9"
    assert "secret" not in repr(request)


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=12))
def test_pages_when_some_are_empty_or_repeat_rows_then_all_come_in_order(
    parts: list[list[int]],
) -> None:
    """The server's pages, whatever is in them; the last one has cursors but no next link."""

    def fetch(request: Request) -> Answer:
        number = int(dict(request.params).get("after", "0"))
        paging: dict[str, Any] = {"cursors": {"after": str(number + 1)}}
        if number + 1 < len(parts):
            paging["next"] = f"{LINK}&after={number + 1}"
        rows = tuple({"id": str(n), "page": number} for n in parts[number])
        return Answer(request, Ok(), NOW, payload={"paging": paging}, rows=rows)

    guard = PageGuard("facebook", "posts", Limits())
    found = list(pages(fetch, Request("posts"), GraphPages("facebook"), guard))
    assert [[int(row["id"]) for row in answer.rows] for answer in found] == parts


def test_page_when_there_is_no_next_link_then_it_is_the_last_one() -> None:
    assert step({"data": [1], "paging": {"cursors": {"before": "a", "after": "b"}}}) is None
    assert step({"data": [1], "paging": {"next": ""}}) is None
    assert step({"data": []}) is None


def test_page_when_the_next_link_has_no_cursor_then_it_fails_instead_of_ending() -> None:
    for link in (LINK, "https://[", "x"):
        with pytest.raises(SourceFailed, match="cursor"):
            step({"data": [], "paging": {"next": link}})


def test_links_when_inside_objects_then_they_are_taken_out_at_any_depth() -> None:
    row: Any = {"id": "1", "comments": {"data": [{"paging": {"next": LINK}, "id": "2"}]}}
    deep = row
    for _ in range(3_000):
        deep = {"inner": deep, "access_token": "secret"}
    assert "secret" not in str(without_links(row))
    assert row == {"id": "1", "comments": {"data": [{"id": "2"}]}}
    without_links(deep)
    assert "access_token" not in deep


@pytest.mark.parametrize(
    ("ends_at", "day"),
    [
        ("2026-01-02T08:00:00+00:00", date(2026, 1, 1)),  # winter
        ("2026-07-02T07:00:00+00:00", date(2026, 7, 1)),  # summer
        ("2026-03-09T07:00:00+00:00", date(2026, 3, 8)),  # a day of 23 hours
        ("2026-11-02T08:00:00+00:00", date(2026, 11, 1)),  # a day of 25 hours
    ],
)
def test_day_when_it_ends_at_pacific_midnight_then_it_is_the_day_before(
    ends_at: str, day: date
) -> None:
    end = datetime.fromisoformat(ends_at)
    assert day_of(end) - timedelta(days=1) == day
    assert day_start(day + timedelta(days=1)) == end
    assert epoch(day + timedelta(days=1)) == str(int(end.timestamp()))


def test_chunks_when_days_are_many_then_pieces_without_gap_or_overlap() -> None:
    first, until = date(2026, 1, 1), date(2026, 7, 10)
    pieces = list(chunks(first, until, 90))
    assert [(end - start).days for start, end in pieces] == [90, 90, 10]
    assert pieces[0][0] == first
    assert pieces[-1][1] == until
    assert [end for _, end in pieces[:-1]] == [start for start, _ in pieces[1:]]
    assert list(chunks(until, first, 90)) == []


def test_window_when_rows_are_cut_then_half_open_and_the_unreadable_stay() -> None:
    rows = [{"t": f"2026-01-0{day}T00:00:00+0000"} for day in (4, 3, 2, 1)] + [{"t": "x"}, 7]
    window = Window(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 4, tzinfo=UTC))
    assert within(rows, ("t",), window) == [rows[1], rows[2], {"t": "x"}, 7]
    is_past = passes(window.since, ("t",))
    assert is_past(rows[:4])
    assert not is_past(rows[:3])
    assert not is_past([])
