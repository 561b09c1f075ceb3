"""What a refusal makes us wait: each header form, their order, and the caps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.http import (
    Exchange,
    Limits,
    Outcome,
    Rate,
    RateHeaders,
    Request,
    ResetForm,
    Retry,
    SourceFailed,
    SourceStopped,
    next_day,
    next_month,
)
from tests.unit.http.server import NOW, Bench, Said

POSTS = Request("posts", "/posts")
PAGE = Said({"data": [1]})
EPOCH = int(NOW.timestamp())


def reads(form: ResetForm) -> RateHeaders:
    return RateHeaders("x-limit", "x-remaining", "X-Reset", form)


def refused(status: int = 429, **headers: str) -> Said:
    return Said(
        {"e": 1}, status, {name.replace("_", "-"): value for name, value in headers.items()}
    )


@pytest.mark.parametrize(
    ("said", "form", "seconds"),
    [
        (refused(Retry_After="7"), ResetForm.EPOCH_SECONDS, 7),
        (refused(Retry_After=" 1.5 "), ResetForm.EPOCH_SECONDS, 1.5),
        (refused(Retry_After="Fri, 20 Nov 2026 02:00:30 GMT"), ResetForm.EPOCH_SECONDS, 30),
        (refused(503, Retry_After="9"), ResetForm.EPOCH_SECONDS, 9),
        (refused(X_Reset=str(EPOCH + 40)), ResetForm.EPOCH_SECONDS, 40),
        (refused(X_Reset="2026-11-20T02:00:50.000Z"), ResetForm.ISO_8601, 50),
        (refused(X_Reset="2026-11-20T04:00:20+02:00"), ResetForm.ISO_8601, 20),
        (refused(X_Reset="2"), ResetForm.MINUTES, 120),
        (refused(X_Reset="11"), ResetForm.SECONDS, 11),
        (refused(Retry_After="7", X_Reset="60"), ResetForm.SECONDS, 7),
        (refused(Retry_After="soon", X_Reset="60"), ResetForm.SECONDS, 60),
    ],
)
def test_fetch_when_server_says_how_long_then_exactly_that(
    bench: Bench, said: Said, form: ResetForm, seconds: float
) -> None:
    bench.say(said, PAGE)
    bench.kernel(read_rate=reads(form)).fetch(POSTS)
    assert bench.clock.now() - NOW == timedelta(seconds=seconds)
    assert bench.ledger.take("requests")[1]["wait_ms"] == seconds * 1000


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry_After": "soon"},
        {"Retry_After": "-5"},
        {"Retry_After": "0"},
        {"Retry_After": ""},
        {"Retry_After": "nan"},
        {"Retry_After": "٣"},
        {"Retry_After": "Fri, 20 Nov 2026 01:59:00 GMT"},
        {"Retry_After": "Fri, 99 Nov 2026 01:59:00 GMT"},
        {"X_Reset": str(EPOCH - 10)},
        {"X_Reset": "9" * 30},
        {"X_Reset": "NaN"},
    ],
)
def test_fetch_when_wait_is_garbage_or_over_then_own_backoff(
    bench: Bench, headers: dict[str, str]
) -> None:
    safe = {k: v.encode("utf-8").decode("latin-1") for k, v in headers.items()}
    bench.say(refused(**safe), PAGE)
    bench.kernel(read_rate=reads(ResetForm.EPOCH_SECONDS)).fetch(POSTS)
    assert 0 < (bench.clock.now() - NOW).total_seconds() <= 2


def test_fetch_when_reset_comes_with_a_defect_then_it_is_no_reason_to_wait(bench: Bench) -> None:
    bench.say(refused(500, X_Reset=str(EPOCH + 100)), PAGE)
    bench.kernel(read_rate=reads(ResetForm.EPOCH_SECONDS)).fetch(POSTS)
    assert (bench.clock.now() - NOW).total_seconds() <= 2


def test_fetch_when_only_a_period_is_documented_then_that(bench: Bench) -> None:
    bench.say(refused(), PAGE)
    bench.kernel(rates={"": Rate(100, 10)}).fetch(POSTS)
    assert bench.clock.now() - NOW == timedelta(seconds=10)


@pytest.mark.parametrize(
    ("retry_after", "until"),
    [
        ("121", "2026-11-20 02:02"),
        ("999999999999999999", "2027-11-21 02:00"),
        ("Fri, 20 Nov 2026 06:00:00 GMT", "2026-11-20 06:00"),
    ],
)
def test_fetch_when_wait_is_too_long_then_partial_until_then(
    bench: Bench, retry_after: str, until: str
) -> None:
    bench.say(refused(Retry_After=retry_after))
    with pytest.raises(SourceStopped, match=f"s is asked for; next: ror run after {until} UTC"):
        bench.kernel().fetch(POSTS)
    assert bench.clock.slept == []


def test_fetch_when_wait_is_exactly_the_longest_then_waited(bench: Bench) -> None:
    bench.say(refused(Retry_After="120"), PAGE)
    bench.kernel().fetch(POSTS)
    assert bench.clock.slept == [120]


def test_fetch_when_all_waits_of_a_resource_are_too_long_then_partial(bench: Bench) -> None:
    bench.say(refused(Retry_After="100"))
    kernel = bench.kernel(limits=Limits(attempts=50))
    with pytest.raises(SourceStopped, match="its waiting time is used up"):
        kernel.fetch(POSTS)
    assert sum(bench.clock.slept) == 900  # 15 minutes
    with pytest.raises(SourceStopped):  # another resource has its own
        kernel.fetch(Request("users", "/users"))
    assert sum(bench.clock.slept) == 1800


def test_fetch_when_throttled_for_ever_then_fails_after_five_attempts(bench: Bench) -> None:
    bench.say(refused(Retry_After="1"))
    with pytest.raises(SourceFailed, match="status 429 after 5 attempts"):
        bench.kernel().fetch(POSTS)


def test_fetch_when_source_says_not_before_then_that_wins(bench: Bench) -> None:
    def classify(exchange: Exchange) -> Outcome:
        assert exchange.reply is not None
        is_busy = exchange.reply.status == 429
        return Retry("busy", NOW + timedelta(seconds=33)) if is_busy else default(exchange)

    from pipelines.http import default_outcome as default

    bench.say(refused(Retry_After="5"), PAGE)
    bench.kernel(classify=classify).fetch(POSTS)
    assert bench.clock.slept == [33]


@pytest.mark.parametrize(
    ("now", "day", "month"),
    [
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), (2027, 1, 1), (2027, 1, 1)),
        (datetime(2024, 2, 28, tzinfo=UTC), (2024, 2, 29), (2024, 3, 1)),
    ],
)
def test_next_day_and_month_when_asked_then_midnight_utc(
    now: datetime, day: Any, month: Any
) -> None:
    assert next_day(now) == datetime(*day, tzinfo=UTC)
    assert next_month(now) == datetime(*month, tzinfo=UTC)
