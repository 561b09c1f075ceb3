"""How many follow the brand's accounts, day by day, as the networks tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.world.crossposts import CHANNEL
from pipelines.world.dice import Dice
from pipelines.world.parameters import WorldParameters
from pipelines.world.posts import ACCOUNTS
from pipelines.world.records import Account

FIRST_FOLLOWERS, GAINED_A_DAY, LOST_A_DAY, SILENT_SHARE = 1_800, 6.0, 2.5, 0.04
TELLS_LOSSES = ("facebook", "telegram")


@dataclass(frozen=True)
class FollowerDay:
    """An account on a date; None: the network did not tell it. `true_*`: what it was."""

    account: Account
    day: date
    followers: int | None
    gained: int | None
    lost: int | None
    true_followers: int


def count_followers(parameters: WorldParameters) -> tuple[FollowerDay, ...]:
    """Every account on every date of the history, in that order."""
    dice = Dice(parameters.seed, "followers")
    days: list[FollowerDay] = []
    for account in (*ACCOUNTS, CHANNEL):
        count = int(dice.lognormal(FIRST_FOLLOWERS, 0.5))
        for index in range(7 * parameters.weeks):
            gained, lost = dice.poisson(GAINED_A_DAY), min(dice.poisson(LOST_A_DAY), count)
            count += gained - lost
            is_silent = dice.chance(SILENT_SHARE)
            tells = account.network in TELLS_LOSSES and not is_silent
            days.append(
                FollowerDay(
                    account, parameters.start_date + timedelta(days=index),
                    None if is_silent else count, None if is_silent else gained,
                    lost if tells else None, count,
                )
            )  # fmt: skip
    return tuple(days)
