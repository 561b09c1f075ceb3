"""The worst case must fit before a byte is sent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipelines.http import (
    Allowance,
    Budget,
    Limits,
    Purse,
    Request,
    SourceFailed,
    SourceStopped,
    Spend,
)
from tests.unit.http.server import NOW, Bench, Said

USD = 1_000_000
# X: a post is 0.005 USD, its author 0.010 USD: 0.015 USD a row, 1.50 USD a full page of 100
POSTS = Request(
    "posts", "/posts", size_param="max_results", page_size=100, smallest_page=5,
    unit_cost_micro=15_000,
)  # fmt: skip
MONTH = Allowance(micro=20 * USD)
SPENT = Spend(micro=18_600_000, calls=50)


def rows(count: int) -> Said:
    return Said({"data": [{"id": n} for n in range(count)]})


def test_fetch_when_worst_case_does_not_fit_the_month_then_nothing_is_sent(bench: Bench) -> None:
    kernel = bench.kernel(purse=Purse(Budget(per_month=MONTH), SPENT))
    with pytest.raises(SourceStopped) as caught:
        kernel.fetch(POSTS)
    assert str(caught.value) == (
        "extract: x/posts: the budget of the month is used up;"
        " next: ror run after 2026-12-01 00:00 UTC"
    )
    assert caught.value.until == datetime(2026, 12, 1, tzinfo=UTC)
    assert bench.seen == []


def test_fetch_when_page_may_shrink_then_93_rows_are_asked_for(bench: Bench) -> None:
    bench.say(rows(93), rows(0))
    purse = Purse(Budget(per_month=MONTH, shrink_page=True), SPENT)
    answer = bench.kernel(purse=purse).fetch(POSTS)
    assert bench.server.script.targets == ["/posts?max_results=93"]
    assert answer.request.page_size == 93
    assert purse.spent == Spend(1_395_000, 1)  # 93 x 0.015 USD; 0.005 USD are left
    assert bench.ledger.take("requests")[0]["cost_micro"] == 1_395_000
    with pytest.raises(SourceStopped, match="budget of the month"):
        bench.kernel(purse=purse).fetch(POSTS)


def test_fetch_when_fewer_rows_come_then_only_they_are_paid_for(bench: Bench) -> None:
    bench.say(rows(2))
    purse = Purse(Budget(per_run=Allowance(micro=1_529_999)))
    kernel = bench.kernel(purse=purse)
    kernel.fetch(POSTS)
    assert purse.spent == Spend(30_000, 1)
    with pytest.raises(SourceStopped, match=r"budget of the run is used up; next: ror run$"):
        kernel.fetch(POSTS)  # 1.499999 USD are left, 1.50 USD may be needed


def test_fetch_when_smaller_page_is_below_what_the_api_allows_then_stopped(bench: Bench) -> None:
    budget = Budget(per_run=Allowance(micro=74_999), shrink_page=True)  # four rows
    with pytest.raises(SourceStopped):
        bench.kernel(budget=budget).fetch(POSTS)
    bench.say(rows(5))
    bench.kernel(budget=Budget(per_run=Allowance(micro=75_000), shrink_page=True)).fetch(POSTS)
    assert bench.server.script.targets == ["/posts?max_results=5"]


def test_fetch_when_calls_are_used_up_then_retries_count_too(bench: Bench) -> None:
    bench.say(Said(status=503))
    with pytest.raises(SourceStopped, match="budget of the run"):
        bench.kernel(budget=Budget(per_run=Allowance(calls=3))).fetch(POSTS)
    assert len(bench.seen) == 3


def test_fetch_when_the_answer_is_lost_then_it_counts_in_full_since_it_may_be_billed(
    bench: Bench,
) -> None:
    bench.say(Said(raw=b"{", length=50))
    purse = Purse(Budget())
    with pytest.raises(SourceFailed):
        bench.kernel(purse=purse, limits=Limits(attempts=1)).fetch(POSTS)
    assert purse.spent == Spend(1_500_000, 1)


def test_reserve_when_two_requests_are_under_way_then_both_worst_cases_count() -> None:
    purse = Purse(Budget(per_run=Allowance(micro=2_999_999)))
    purse.reserve(POSTS, NOW)
    with pytest.raises(Exception, match="budget of the run"):
        purse.reserve(POSTS, NOW)
    purse.settle(POSTS, 0)
    purse.reserve(POSTS, NOW)
