from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from expectations.limits import Against, Baseline, Interval, Level, baseline_of, permitted
from expectations.records import Past

WEDNESDAY = datetime(2026, 7, 1, tzinfo=UTC)


def nights(values: Sequence[float], weekday: int = 2) -> list[Past]:
    """One good run per value, oldest first."""
    return [Past(f"202605{10 + n:02d}T0200", weekday, value) for n, value in enumerate(values)]


def test_baseline_when_eight_runs_then_median_and_mad_of_them() -> None:
    # 80 90 100 100 110 120 130 400: median (100 + 110) / 2; distances 25 15 5 5 5 15 25 295
    found = baseline_of(
        nights([100, 90, 110, 400, 100, 120, 80, 130]), Against.SAME_WEEKDAY, "now", WEDNESDAY
    )
    assert found == Baseline(median=105, deviation=15, runs=8)


def test_baseline_when_more_than_eight_runs_then_oldest_left_out() -> None:
    found = baseline_of(nights([9000] * 5 + [10] * 8), Against.SAME_WEEKDAY, "now", WEDNESDAY)
    assert found == Baseline(median=10, deviation=0, runs=8)


def test_baseline_when_history_is_shuffled_then_same() -> None:
    history = nights([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    mixed = history[::-2] + history[::2]
    assert baseline_of(mixed, Against.RECENT_RUNS, "now", WEDNESDAY) == Baseline(6.5, 2.0, 8)


def test_baseline_when_other_weekdays_then_not_counted() -> None:
    history = nights([50, 60], weekday=2) + nights([1, 1, 1, 1], weekday=3)
    assert baseline_of(history, Against.SAME_WEEKDAY, "now", WEDNESDAY) is None
    assert baseline_of(history, Against.RECENT_RUNS, "now", WEDNESDAY) == Baseline(1, 0, 6)


def test_baseline_when_the_zone_is_ahead_of_utc_then_weekday_is_the_zones() -> None:
    rome = datetime(2026, 7, 1, tzinfo=timezone(timedelta(hours=2)))  # Tuesday 22:00 in UTC
    assert baseline_of(nights([5, 5, 5], weekday=2), Against.SAME_WEEKDAY, "now", rome)


def test_baseline_when_the_same_run_is_checked_again_then_it_is_not_its_own_baseline() -> None:
    history = [Past("r1", 2, 10), Past("r2", 2, 99)]
    assert baseline_of(history, Against.PREVIOUS_RUN, "r2", WEDNESDAY) == Baseline(10, 0, 1)


def test_baseline_of_month_when_last_run_reported_in_another_month_then_none() -> None:
    june = [Past("20260630T2230Z-aa", 2, 0.5)]
    assert baseline_of(june, Against.PREVIOUS_RUN_OF_MONTH, "now", WEDNESDAY) is None
    known = [Past("20260630T2230Z-aa", 2, 0.5, as_of=date(2026, 7, 1))]
    assert baseline_of(known, Against.PREVIOUS_RUN_OF_MONTH, "now", WEDNESDAY) == Baseline(
        0.5, 0, 1
    )
    odd = [Past("run-1", 2, 0.5), Past("20269999T0000", 2, 0.5)]
    assert baseline_of(odd, Against.PREVIOUS_RUN_OF_MONTH, "now", WEDNESDAY) is None


@pytest.mark.parametrize(
    ("level", "baseline", "low", "high"),
    [
        # larger of 4 × 1.4826 × 15 = 88.956 and .3 × 105 = 31.5
        ({"outside": {"deviations": 4, "share": 0.3}}, Baseline(105, 15, 8), 16.044, 193.956),
        # larger of 4 × 1.4826 × 1 = 5.9304 and .3 × 100 = 30
        ({"outside": {"deviations": 4, "share": 0.3}}, Baseline(100, 1, 8), 70, 130),
        ({"empty_from": 50}, Baseline(50, 0, 3), 1, None),
        ({"empty_from": 50}, Baseline(49, 0, 3), None, None),
        ({"above": 24}, None, None, 24),
        ({"above": 72, "usual_up_to": 24}, Baseline(20, 0, 3), None, 72),
        ({"above": 72, "usual_up_to": 24}, Baseline(30, 0, 3), None, None),
        ({"fall": 0.05}, Baseline(0.9, 0, 3), 0.85, None),
        ({"rise": 0.10}, Baseline(0.25, 0, 1), None, 0.35),
        ({"change": 0.02}, Baseline(0.5, 0, 1), 0.48, 0.52),
        ({"growth": 0.2, "drop": 0.2}, Baseline(1000, 0, 1), 800, 1200),
        ({"drop": 0.5}, Baseline(0, 0, 3), 0, None),
        ({"above": 10, "growth": 0.2}, Baseline(100, 0, 1), None, 10),
    ],
)
def test_permitted_when_judgeable_then_interval_by_hand(
    level: dict[str, object], baseline: Baseline | None, low: float | None, high: float | None
) -> None:
    found = permitted(Level.model_validate(level), baseline)
    assert found is not None
    assert (found.low, found.high) == (
        low if low is None else pytest.approx(low),
        high if high is None else pytest.approx(high),
    )


def test_permitted_when_history_is_missing_then_not_judged() -> None:
    assert permitted(Level(fall=0.05), None) is None
    assert permitted(Level(above=72, usual_up_to=24), None) is None
    assert permitted(None, Baseline(1, 1, 8)) is None


def test_slack_when_a_value_lies_on_the_limit_then_it_is_inside() -> None:
    interval = permitted(Level(change=0.02), Baseline(0.50, 0, 1))
    assert interval is not None
    wide = interval.with_slack()
    assert wide.low is not None
    assert wide.high is not None
    assert wide.low <= 0.48 <= 0.52 <= wide.high
    assert wide.high < 0.5200001


def test_text_when_both_sides_are_limited_then_names_both() -> None:
    assert Interval(700, 1300).text() == "outside 700 to 1300"
    assert Interval(None, 24).text() == "above 24"
    assert Interval(1).text() == "below 1"
    assert Interval().text() == "never"


def test_level_when_it_says_nothing_then_refused() -> None:
    with pytest.raises(ValidationError, match="at least one of"):
        Level(usual_up_to=24)
