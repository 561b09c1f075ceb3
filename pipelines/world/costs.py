"""What advertising, answering and tools cost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from pipelines.world.conversations import Transcript
from pipelines.world.dice import Dice
from pipelines.world.parameters import BRAND_ZONE, WorldParameters
from pipelines.world.posts import ACCOUNTS, campaign_of
from pipelines.world.records import Cost

DAILY_SPEND_MINOR = {"paid_social": 1_800, "paid_search": 1_200}  # median, EUR cents
MINUTES_PER_ANSWER, LABOUR_MINOR_PER_HOUR = 6, 2_400
TOOL_MINOR_PER_MONTH = 8_900


def make_costs(parameters: WorldParameters, said: Transcript) -> tuple[Cost, ...]:
    """Advertising per campaign and date, working time per account and date, one tool per month."""
    dice = Dice(parameters.seed, "costs")
    costs: list[Cost] = []
    answers = Counter(
        (m.sent_at.astimezone(BRAND_ZONE).date(), m.account.account_id)
        for m in said.messages
        if m.direction == "outbound" and not m.is_automated
    )
    for day_index in range(7 * parameters.weeks):
        day = parameters.start_date + timedelta(days=day_index)
        for channel, median in DAILY_SPEND_MINOR.items():
            spend = int(dice.lognormal(median, 0.35))
            name = f"ad-{channel}-{day:%Y%m%d}"
            costs.append(Cost(name, "ad", channel, "", campaign_of(day_index), day, None, spend))
        for account in ACCOUNTS:
            if count := answers[day, account.account_id]:
                minutes = count * MINUTES_PER_ANSWER + dice.integer(0, 5)
                amount = minutes * LABOUR_MINOR_PER_HOUR // 60
                name = f"labour-{account.network}-{day:%Y%m%d}"
                costs.append(Cost(name, "labour", "", account.account_id, "", day, minutes, amount))
        if day.day == 1:
            name = f"tool-{day:%Y%m}"
            costs.append(Cost(name, "tool", "", "", "", day, None, TOOL_MINOR_PER_MONTH))
    return tuple(costs)
