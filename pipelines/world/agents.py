"""Who answers for the brand, and how fast."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import BRAND_ZONE, Behaviour, WorldParameters
from pipelines.world.records import Agent

BOT_ID = "agent-bot"
NIGHT_FROM_HOUR, NIGHT_TO_HOUR = 20, 8  # in the brand's zone
SHORTEST_ANSWER = timedelta(seconds=40)


def staff(parameters: WorldParameters) -> tuple[Agent, ...]:
    """Five people and a bot; one leaves half way, another comes two weeks before."""
    before = parameters.start_date - timedelta(days=200)
    half = parameters.start_date + timedelta(days=7 * (parameters.weeks // 2))
    return (
        Agent("agent-1", "community manager", False, before, None, 22.0, 0.9),
        Agent("agent-2", "community manager", False, before, None, 45.0, 1.0),
        Agent("agent-3", "customer care", False, before, half, 90.0, 1.1),
        Agent("agent-4", "customer care", False, half - timedelta(days=14), None, 60.0, 0.9),
        Agent("agent-5", "owner", False, before, None, 240.0, 1.2),
        Agent(BOT_ID, "assistant", True, before, None, 0.5, 0.1),
    )


def is_night(instant: datetime) -> bool:
    """Nobody is at work at that hour in the brand's zone."""
    hour = instant.astimezone(BRAND_ZONE).hour
    return hour >= NIGHT_FROM_HOUR or hour < NIGHT_TO_HOUR


def human_answer(
    dice: Dice, agents: tuple[Agent, ...], behaviour: Behaviour, asked_at: datetime
) -> tuple[Agent, datetime]:
    """Which person answers a turn asked at that instant, and when."""
    day = asked_at.astimezone(BRAND_ZONE).date()
    present = [
        a
        for a in agents
        if not a.is_bot and a.active_from <= day and (a.active_to is None or day <= a.active_to)
    ]
    agent = dice.pick(present)
    minutes = dice.lognormal(agent.median_minutes, agent.sigma)
    if is_night(asked_at):
        minutes *= behaviour.night_factor
    return agent, asked_at + max(SHORTEST_ANSWER, timedelta(seconds=round(minutes * 60)))
