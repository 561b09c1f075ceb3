"""Slower at 80 % use, none at 100 %, never more than documented."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipelines.http import Rate, RateHeaders, RateSignal, Request, ResetForm
from pipelines.http.throttle import Bucket, Throttle
from tests.unit.http.server import NOW, Bench, Said

SECOND = timedelta(seconds=1)


def starts(bucket: Bucket, count: int) -> list[float]:
    """Seconds after NOW at which `count` calls go out when each is asked for at once."""
    now, found = NOW, []
    for _ in range(count):
        now = bucket.take(now)
        found.append((now - NOW).total_seconds())
    return found


def test_bucket_when_80_percent_are_used_then_half_speed_and_at_100_percent_none() -> None:
    # 10 calls in 10 s: one a second is the even speed, one in two seconds is half of it
    assert starts(Bucket(Rate(10, 10)), 12) == [0] * 8 + [2, 4, 10, 10]


@given(
    st.integers(1, 12), st.integers(1, 20), st.lists(st.integers(0, 3000), min_size=1, max_size=60)
)
def test_bucket_when_asked_anyhow_then_no_window_has_more_calls_than_documented(
    calls: int, seconds: int, pauses_ms: list[int]
) -> None:
    bucket, now, sent = Bucket(Rate(calls, seconds)), NOW, []
    for pause in pauses_ms:
        now += timedelta(milliseconds=pause)
        sent.append(bucket.take(now))  # a worker of its own: it may be told to wait
    sent.sort()
    window = timedelta(seconds=seconds)
    for first in sent:
        assert sum(first <= instant < first + window for instant in sent) <= calls


def test_bucket_when_headers_say_less_is_left_then_they_are_believed() -> None:
    bucket = Bucket(Rate(100, 100))
    bucket.learn(RateSignal(0.79, 21, NOW + 60 * SECOND))
    assert starts(bucket, 2) == [0, 0]
    bucket.learn(RateSignal(0.8, 20, NOW + 60 * SECOND))
    assert starts(bucket, 2) == [2, 4]
    bucket.learn(RateSignal(1.0, 0, NOW + 60 * SECOND))
    assert starts(bucket, 2) == [60, 60]


def test_bucket_when_no_rate_is_documented_then_left_calls_are_spread_to_the_reset() -> None:
    bucket = Bucket()
    bucket.take(NOW)
    bucket.learn(RateSignal(0.9, 10, NOW + 100 * SECOND))
    # nine are left after this one is reserved, and 100 seconds
    assert 10 <= starts(bucket, 1)[0] <= 12


def test_bucket_when_used_up_without_a_reset_then_one_period() -> None:
    bucket = Bucket(Rate(100, 30))
    bucket.learn(RateSignal(1.2))
    assert starts(bucket, 2) == [30, 30]


def test_throttle_when_groups_differ_then_each_has_its_bucket() -> None:
    throttle = Throttle({"search": Rate(1, 10)})
    assert [throttle.take("search", NOW) for _ in range(3)] == [0, 20, 40]
    assert [throttle.take("other", NOW) for _ in range(3)] == [0, 0, 0]
    throttle.hold("other", NOW + 5 * SECOND)
    assert throttle.take("other", NOW) == 5


def test_fetch_when_headers_say_nothing_is_left_then_next_call_waits_before_a_refusal(
    bench: Bench,
) -> None:
    reset = str(int(NOW.timestamp()) + 90)
    headers = {"x-limit": "450", "x-remaining": "0", "x-reset": reset}
    bench.say(Said({"data": [1]}, headers=headers), Said({"data": [2]}))
    read = RateHeaders("x-limit", "x-remaining", "x-reset", ResetForm.EPOCH_SECONDS)
    kernel = bench.kernel(read_rate=read)
    kernel.fetch(Request("posts", "/posts"))
    kernel.fetch(Request("posts", "/posts"))
    assert bench.clock.slept == [90]
    assert [row["wait_ms"] for row in bench.ledger.take("requests")] == [0, 90_000]


def test_rate_headers_when_unreadable_then_no_signal() -> None:
    read = RateHeaders("x-limit", "x-remaining", "x-reset", ResetForm.SECONDS)
    assert read({}, NOW) is None
    assert read({"x-limit": "0", "x-remaining": "0"}, NOW) is None
    assert read({"x-limit": "many", "x-remaining": "3"}, NOW) is None
    assert read({"x-limit": "100", "x-remaining": "25"}, NOW) == RateSignal(0.75, 25)
