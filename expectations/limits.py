"""From history to limits: pure functions, no database, no Great Expectations.

A level (`warn` or `block`) of a check becomes an interval of permitted values; the interval is
closed, so that a value exactly on the limit passes.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_validator

from expectations.records import Past

RUNS_COMPARED = 8  # good runs that make a baseline
RUNS_NEEDED = 3  # fewer are recorded, not judged
MAD_TO_SIGMA = 1.4826  # median absolute deviation → standard deviation of a normal distribution
ROUNDING = 1e-9  # relative slack, so that 0.52 - 0.50 is not "more than 0.02"


class Strict(BaseModel):
    """Base of everything a person writes in a suite: unknown words are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Against(StrEnum):
    """Which earlier good runs a value is compared with; medians need three of them."""

    SAME_WEEKDAY = "same_weekday"  # median of the last 8 on this weekday
    RECENT_RUNS = "recent_runs"  # median of the last 8
    PREVIOUS_RUN = "previous_run"  # the last one
    PREVIOUS_RUN_OF_MONTH = "previous_run_of_month"  # the last one that reported in this month


class Outside(Strict):
    """Distance from the median that is still usual: the larger of the two."""

    deviations: float = Field(gt=0)  # × 1.4826 × MAD
    share: float = Field(gt=0)  # × median


class Level(Strict):
    """When a check warns or blocks. Several words in one level: any of them is enough.

    above, below: fixed numbers. rise, fall, change: points against the baseline.
    growth, drop: shares of it.
    outside: distance from the median. empty_from: 0 observed where the median is at least this.
    usual_up_to: the level counts only where the median is at most this.
    """

    above: float | None = None
    below: float | None = None
    rise: float | None = Field(default=None, ge=0)
    fall: float | None = Field(default=None, ge=0)
    change: float | None = Field(default=None, ge=0)
    growth: float | None = Field(default=None, ge=0)
    drop: float | None = Field(default=None, ge=0, le=1)
    outside: Outside | None = None
    empty_from: float | None = Field(default=None, gt=0)
    usual_up_to: float | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Level:
        if not self.model_fields_set - {"usual_up_to"}:
            raise ValueError("needs at least one of: " + ", ".join(list(Level.model_fields)[:-1]))
        return self

    @property
    def needs_baseline(self) -> bool:
        """Whether the level cannot be judged without history."""
        return bool(self.model_fields_set - {"above", "below"})


@dataclass(frozen=True)
class Baseline:
    """Median and median absolute deviation of `runs` earlier values."""

    median: float
    deviation: float
    runs: int


@dataclass(frozen=True)
class Interval:
    """Permitted values, both ends included; None is no limit on that side."""

    low: float | None = None
    high: float | None = None

    def with_slack(self) -> Interval:
        """The same interval, wider by rounding error."""
        return Interval(
            None if self.low is None else self.low - ROUNDING * max(1.0, abs(self.low)),
            None if self.high is None else self.high + ROUNDING * max(1.0, abs(self.high)),
        )

    def text(self) -> str:
        """The values that are not permitted, in words."""
        if self.low is None and self.high is None:
            return "never"
        if self.low is None:
            return f"above {self.high:.6g}"
        if self.high is None:
            return f"below {self.low:.6g}"
        return f"outside {self.low:.6g} to {self.high:.6g}"


def baseline_of(
    history: Sequence[Past], against: Against | None, run_id: str, as_of: datetime
) -> Baseline | None:
    """What `run_id` is compared with; None when too few earlier runs qualify.

    `as_of` decides weekday and month in its own offset. Runs are ordered by run id, which begins
    with the time.
    """
    earlier = sorted((p for p in history if p.run_id != run_id), key=lambda past: past.run_id)
    needed = 1
    match against:
        case None:
            return None
        case Against.SAME_WEEKDAY:
            chosen = [p for p in earlier if p.weekday == as_of.weekday()][-RUNS_COMPARED:]
            needed = RUNS_NEEDED
        case Against.RECENT_RUNS:
            chosen, needed = earlier[-RUNS_COMPARED:], RUNS_NEEDED
        case Against.PREVIOUS_RUN:
            chosen = earlier[-1:]
        case Against.PREVIOUS_RUN_OF_MONTH:
            chosen = [p for p in earlier if _month(p) == (as_of.year, as_of.month)][-1:]
    if len(chosen) < needed:
        return None
    values = [past.value for past in chosen]
    median = statistics.median(values)
    deviation = statistics.median(abs(value - median) for value in values)
    return Baseline(median, deviation, len(values))


def _month(past: Past) -> tuple[int, int] | None:
    if past.as_of is not None:
        return past.as_of.year, past.as_of.month
    if not re.match(r"\d{8}", past.run_id):
        return None
    try:
        day = date.fromisoformat(past.run_id[:8])
    except ValueError:
        return None
    return day.year, day.month


def permitted(level: Level | None, baseline: Baseline | None) -> Interval | None:
    """Values that `level` permits; None without a level or without the history it needs."""
    if level is None or (level.needs_baseline and baseline is None):
        return None
    lows = [level.below] if level.below is not None else []
    highs = [level.above] if level.above is not None else []
    if baseline is not None:
        median = baseline.median
        if level.usual_up_to is not None and median > level.usual_up_to:
            return Interval()
        if level.rise is not None:
            highs.append(median + level.rise)
        if level.fall is not None:
            lows.append(median - level.fall)
        if level.change is not None:
            lows.append(median - level.change)
            highs.append(median + level.change)
        if level.growth is not None:
            highs.append(median * (1 + level.growth))
        if level.drop is not None:
            lows.append(median * (1 - level.drop))
        if level.outside is not None:
            distance = max(
                level.outside.deviations * MAD_TO_SIGMA * baseline.deviation,
                level.outside.share * median,
            )
            lows.append(median - distance)
            highs.append(median + distance)
        if level.empty_from is not None and median >= level.empty_from:
            lows.append(1)
    return Interval(max(lows, default=None), min(highs, default=None))
