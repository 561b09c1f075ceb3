"""Exchange rates of the world, one per week."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from pipelines.world.dice import Dice
from pipelines.world.parameters import WorldParameters

FOREIGN_CURRENCY = "USD"
FIRST_RATE, WEEKLY_STEP = 0.92, 0.004


def weekly_rates(parameters: WorldParameters) -> tuple[tuple[date, Decimal], ...]:
    """US dollar in EUR on each Monday-like date of the history, four decimals, oldest first."""
    dice = Dice(parameters.seed, "rates")
    value = FIRST_RATE
    rates: list[tuple[date, Decimal]] = []
    for week in range(parameters.weeks):
        rates.append((parameters.start_date + timedelta(days=7 * week), Decimal(f"{value:.4f}")))
        value += dice.uniform(-WEEKLY_STEP, WEEKLY_STEP)
    return tuple(rates)


def to_base(
    amount_minor: int, currency: str, day: date, rates: tuple[tuple[date, Decimal], ...]
) -> int:
    """Minor units of the base currency at the newest rate not after `day`, half away from zero."""
    if currency != FOREIGN_CURRENCY:
        return amount_minor
    rate = [value for since, value in rates if since <= day][-1]
    return int((amount_minor * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))
