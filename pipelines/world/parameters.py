"""What can be set about a world; everything else follows from the seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BRAND_ID = "bean"
BRAND_NAME = "Bean & Bond"
BRAND_ZONE = ZoneInfo("Europe/Rome")
BASE_CURRENCY = "EUR"
MARGIN_RATE = "0.35"
NETWORKS = ("x", "instagram", "facebook")


@dataclass(frozen=True)
class Behaviour:
    """How people and the brand behave. Rates are per person and week; shares lie in 0..1.

    `confounding`: how strongly affinity drives talking and buying. `reply_effect`: lift of the
    purchase rate from the first personal reply on. `order_value_*`: Gamma-Gamma of values, EUR.
    """

    confounding: float = 1.0
    purchase_log_rate: float = -2.2
    conversation_log_rate: float = -1.9
    season_amplitude: float = 0.15
    season_period_weeks: float = 26.0
    trend_per_week: float = 0.005
    reply_effect: float = 0.05
    unanswered_share: float = 0.30
    night_factor: float = 4.0
    acknowledgement_share: float = 0.35
    follow_up_share: float = 0.25
    order_value_p: float = 6.25
    order_value_q: float = 3.74
    order_value_v: float = 15.44
    missing_name_share: float = 0.15
    bot_share: float = 0.03
    duplicate_share: float = 0.04
    business_share: float = 0.12
    cancelled_share: float = 0.03
    refunded_share: float = 0.08


@dataclass(frozen=True)
class WorldParameters:
    """Size, seed and last date of a world.

    `people`: persons, bots included. `weeks`: length of the history,
    it ends with `end_date` (in Europe/Rome).
    """

    people: int = 600
    weeks: int = 26
    seed: int = 7
    end_date: date = date(2026, 6, 28)
    behaviour: Behaviour = field(default_factory=Behaviour)

    def __post_init__(self) -> None:
        if self.people < 1 or self.weeks < 1 or self.seed < 0:
            raise ValueError("people and weeks must be at least 1, seed at least 0")

    @property
    def start_date(self) -> date:
        """First date of the history."""
        return self.end_date - timedelta(days=7 * self.weeks - 1)

    @property
    def starts_at(self) -> datetime:
        """First instant of the history, UTC."""
        return local_instant(self.start_date, 0)

    @property
    def as_of(self) -> datetime:
        """The midnight after the last date, in the brand's zone: what the next night reports to."""
        return datetime.combine(self.end_date + timedelta(days=1), time(), BRAND_ZONE)


def local_instant(day: date, second: int) -> datetime:
    """`second` seconds after the brand's midnight of `day`, by its wall clock, as UTC."""
    wall = datetime.combine(day, time(), BRAND_ZONE) + timedelta(seconds=second)
    return wall.astimezone(UTC)
