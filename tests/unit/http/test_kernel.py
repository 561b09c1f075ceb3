"""Every row of the outcome table, against a server."""

from __future__ import annotations

import pytest

from pipelines.errors import ExitCode
from pipelines.http import (
    DropField,
    Exchange,
    Fatal,
    Gone,
    Limits,
    Ok,
    Outcome,
    QuotaStop,
    Request,
    SkipItem,
    SourceFailed,
    SourceStopped,
    Split,
    default_outcome,
    fetch_many,
    fetch_split,
)
from tests.unit.http.server import NOW, Bench, Said, Seen, unused_port

POSTS = Request("posts", "/users/{id}/posts", {"id": "7/8"}, params=(("since", "a b"),))
PAGE = Said({"data": [{"id": "1"}, {"id": "2"}]})


def test_fetch_when_page_then_rows_and_one_ledger_row_without_values(bench: Bench) -> None:
    bench.say(Said({"data": [{"id": "1"}]}, headers={"X-Version": "v26", "X-Request-Id": "abc"}))
    kernel = bench.kernel(version_header="X-Version", request_id_header="x-request-id")
    answer = kernel.fetch(POSTS)
    assert (answer.rows, answer.outcome, answer.received_at) == (({"id": "1"},), Ok(), NOW)
    assert bench.server.script.targets == ["/users/7%2F8/posts?since=a%20b"]
    (row,) = bench.ledger.take("requests")
    assert row.pop("elapsed_ms") == 0  # the manual clock stands still
    assert row == {
        "run_id": "r1", "slot": "2026-11-20", "source": "x", "resource": "posts", "method": "GET",
        "url_template": "/users/{id}/posts", "attempt": 1, "status": 200, "outcome": "ok",
        "started_at": NOW, "bytes": 23, "rows": 1, "wait_ms": 0, "cost_micro": 0,
        "version_header": "v26", "request_id": "abc",
    }  # fmt: skip


def test_fetch_when_query_is_written_by_hand_then_it_reaches_the_wire_as_it_is(
    bench: Bench,
) -> None:
    query = "ids=List(urn%3Ali%3Ashare%3A1)&t=(timeRange:(start:1,end:2),timeGranularityType:DAY)"
    bench.say(PAGE)
    bench.kernel().fetch(Request("posts", "/posts", raw_query=query))
    assert bench.server.script.targets == [f"/posts?{query}"]


def test_fetch_when_json_body_then_post_with_it(bench: Bench) -> None:
    bench.say(PAGE)
    bench.kernel().fetch(Request("search", "/search", method="POST", json={"q": "é"}))
    (seen,) = bench.seen
    assert (seen.method, seen.body) == ("POST", '{"q": "é"}'.encode())
    assert seen.headers["content-type"] == "application/json"


def test_fetch_when_transient_then_same_request_again(bench: Bench) -> None:
    bench.say(Said(status=503), Said({"error": "x"}, 500), Said(status=202), PAGE)
    answer = bench.kernel().fetch(POSTS)
    assert len(answer.rows) == 2
    assert bench.outcomes() == ["retry: status 503", "retry: status 500", "retry: not_ready", "ok"]
    assert len(set(bench.server.script.targets)) == 1


def test_fetch_when_transient_five_times_then_unavailable_within_the_bounds_of_jitter(
    bench: Bench,
) -> None:
    bench.say(Said(status=503))
    with pytest.raises(SourceFailed) as caught:
        bench.kernel().fetch(POSTS)
    assert str(caught.value) == (
        "extract: x/posts: status 503 after 5 attempts; next: ror run later"
    )
    assert caught.value.code is ExitCode.UNAVAILABLE
    assert len(bench.seen) == 5
    assert len(bench.clock.slept) == 4
    bounds = [2, 4, 8, 16]  # 2^n seconds, n = 1..4
    assert all(0 <= s <= b for s, b in zip(bench.clock.slept, bounds, strict=True))
    assert [row["wait_ms"] for row in bench.ledger.take("requests")][1:] == [
        round(s * 1000) for s in bench.clock.slept
    ]


def test_fetch_when_many_seeds_then_backoff_is_spread_and_capped(bench: Bench) -> None:
    bench.say(Said(status=503))
    limits = Limits(attempts=9, backoff_cap_seconds=5)
    for seed in range(8):
        with pytest.raises(SourceFailed):
            bench.kernel(seed=seed, limits=limits).fetch(POSTS)
    waits = bench.clock.slept
    assert len(waits) == 64
    assert max(waits) <= 5
    assert max(waits) > 4
    assert min(waits) < 1


def test_fetch_when_nobody_listens_then_retries_and_unavailable(bench: Bench) -> None:
    from pipelines.http import Origins

    with unused_port() as port, pytest.raises(SourceFailed, match="connect after 5 attempts"):
        bench.kernel(origins=Origins(f"http://127.0.0.1:{port}")).fetch(POSTS)
    assert bench.outcomes() == ["retry: connect"] * 5


def test_fetch_when_html_then_three_retries_and_not_json(bench: Bench) -> None:
    bench.say(Said(raw=b"<html>maintenance</html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(SourceFailed) as caught:
        bench.kernel().fetch(POSTS)
    assert caught.value.fault == "not_json"
    assert "maintenance" not in str(caught.value)
    assert len(bench.seen) == 4
    assert bench.outcomes()[-1] == "retry: not_json"


def test_fetch_when_success_with_error_object_then_shape(bench: Bench) -> None:
    bench.say(Said({"error": {"message": "personal text"}}))
    with pytest.raises(SourceFailed) as caught:
        bench.kernel().fetch(POSTS)
    assert str(caught.value) == (
        "extract: x/posts: status 200 with an error object; next: ror run; if it stays, report it"
    )
    assert len(bench.seen) == 1


def test_fetch_when_errors_beside_data_then_rows_and_one_row_per_error(bench: Bench) -> None:
    bench.say(Said({"data": [{"id": "1"}], "errors": [{"t": 1}, {"t": "x" * 600}]}))
    assert len(bench.kernel().fetch(POSTS).rows) == 1
    first, second = bench.ledger.take("partial_errors")
    assert (first["error"], first["resource"], first["seen_at"]) == ('{"t": 1}', "posts", NOW)
    assert len(second["error"]) == 500


def test_fetch_when_forbidden_then_skipped_and_recorded(bench: Bench) -> None:
    bench.say(Said({"error": "no"}, 403))
    answer = bench.kernel().fetch(POSTS)
    assert (answer.outcome, answer.rows, answer.status) == (SkipItem("forbidden"), (), 403)
    (event,) = bench.ledger.take("source_capability_events")
    assert (event["event"], event["reason"], event["subject"]) == ("unavailable", "forbidden", None)


def test_fetch_when_one_object_is_missing_then_gone(bench: Bench) -> None:
    bench.say(Said({"error": "no"}, 404))
    one = Request("post", "/posts/{id}", {"id": "7"}, object_id="7", rows_path=())
    assert bench.kernel().fetch(one).outcome == Gone(("7",))


def stop_for_the_month(exchange: Exchange) -> Outcome:
    return QuotaStop("usage is capped", NOW.replace(month=12, day=1, hour=0))


def test_fetch_when_quota_stop_then_source_ends_partial(bench: Bench) -> None:
    bench.say(Said(status=429))
    with pytest.raises(SourceStopped) as caught:
        bench.kernel(classify=stop_for_the_month).fetch(POSTS)
    assert str(caught.value) == (
        "extract: x/posts: usage is capped; next: ror run after 2026-12-01 00:00 UTC"
    )
    assert caught.value.code is ExitCode.TRY_AGAIN
    assert caught.value.until == NOW.replace(month=12, day=1, hour=0)


def test_fetch_when_source_says_fatal_then_its_hint_on_one_line(bench: Bench) -> None:
    bench.say(Said(status=426))
    fatal = Fatal("version", "the API version is retired", "raise the version of {source}")
    with pytest.raises(SourceFailed, match=r"retired; next: raise the version of x$"):
        bench.kernel(classify=lambda exchange: fatal).fetch(POSTS)


BAD = {"plays", "impressions"}
METRICS = Request(
    "insights", "/insights", names=("likes", "plays", "views", "impressions", "reach"),
    names_param="metric",
)  # fmt: skip


def metrics(seen: Seen) -> Said:
    """Refuses a request with a retired metric as a whole."""
    asked = seen.target.partition("metric=")[2].split("%2C")
    bad = [name for name in asked if name in BAD]
    return Said({"bad": bad}, 400) if bad else Said({"data": [{"name": n} for n in asked]})


def names_the_bad_one(exchange: Exchange) -> Outcome:
    if exchange.reply is not None and exchange.reply.status == 400:
        return DropField(exchange.reply.payload["bad"][0])
    return default_outcome(exchange)


def only_says_no(exchange: Exchange) -> Outcome:
    if exchange.reply is not None and exchange.reply.status == 400:
        return Split()
    return default_outcome(exchange)


def test_fetch_when_server_names_bad_metrics_then_they_are_dropped_and_recorded(
    bench: Bench,
) -> None:
    bench.say(metrics)
    answer = bench.kernel(classify=names_the_bad_one).fetch(METRICS)
    assert [row["name"] for row in answer.rows] == ["likes", "views", "reach"]
    assert answer.request.names == ("likes", "views", "reach")
    events = bench.ledger.take("source_capability_events")
    assert [(e["event"], e["subject"]) for e in events] == [
        ("name_unavailable", "plays"),
        ("name_unavailable", "impressions"),
    ]


def test_fetch_split_when_server_names_nothing_then_bad_metrics_are_found_by_halving(
    bench: Bench,
) -> None:
    bench.say(metrics)
    answers = list(fetch_split(bench.kernel(classify=only_says_no).fetch, METRICS))
    found = [row["name"] for answer in answers for row in answer.rows]
    assert found == ["likes", "views", "reach"]
    events = bench.ledger.take("source_capability_events")
    assert {e["subject"] for e in events if e["event"] == "name_unavailable"} == BAD


def test_fetch_when_refused_field_was_not_asked_for_then_fatal_and_no_loop(bench: Bench) -> None:
    bench.say(Said(status=400))
    for outcome in (DropField("other"), Split()):
        with pytest.raises(SourceFailed, match="not asked for"):
            bench.kernel(classify=lambda exchange, o=outcome: o).fetch(POSTS)
    assert len(bench.seen) == 2


def test_fetch_when_rows_are_too_complex_then_they_are_set_apart(bench: Bench) -> None:
    deep: object = "x"
    for _ in range(41):
        deep = [deep]
    wide = {f"k{n}": n for n in range(2_001)}
    fits: object = {f"k{n}": n for n in range(2_000)}
    bench.say(Said({"data": [{"id": "1"}, deep, wide, fits]}))
    answer = bench.kernel().fetch(POSTS)
    assert answer.rows == ({"id": "1"}, fits)
    assert answer.too_complex == (deep, wide)


def test_fetch_when_wall_clock_is_used_up_then_partial(bench: Bench) -> None:
    bench.say(PAGE)
    kernel = bench.kernel(limits=Limits(source_seconds=100))
    kernel.fetch(POSTS)
    bench.clock.sleep(101)
    with pytest.raises(SourceStopped, match=r"time is used up; next: ror run$"):
        kernel.fetch(POSTS)
    assert len(bench.seen) == 1


def test_fetch_many_when_four_workers_then_answers_in_order(bench: Bench) -> None:
    bench.say(lambda seen: Said({"data": [{"id": seen.target.rpartition("/")[2]}]}))
    requests = [Request("posts", "/posts/{id}", {"id": str(n)}) for n in range(20)]
    kernel = bench.kernel()
    answers = list(fetch_many(kernel.fetch, requests, workers=4))
    assert [answer.rows[0]["id"] for answer in answers] == [str(n) for n in range(20)]
    assert len(bench.outcomes()) == 20


def test_fetch_many_when_one_fails_then_it_is_raised_and_the_rest_is_not_sent(
    bench: Bench,
) -> None:
    bench.say(lambda seen: Said({"e": 1}, 400) if seen.target.endswith("/3") else PAGE)
    requests = [Request("posts", "/posts/{id}", {"id": str(n)}) for n in range(100)]
    with pytest.raises(SourceFailed):
        list(fetch_many(bench.kernel().fetch, requests, workers=4))
    assert len(bench.seen) < 20
