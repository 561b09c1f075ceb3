"""Rounds of the brand's own survey: would you recommend us, were you satisfied, was it easy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import WorldParameters, local_instant
from pipelines.world.records import Contact, Person

FIRST_WEEK, EVERY_WEEKS, ANSWER_SHARE = 5, 8, 0.35
# Kind, question, lowest and highest score, mean of the answers.
QUESTIONS = (
    ("nps", "Would you recommend us?", 0, 10, 7.8),
    ("csat", "How satisfied are you?", 1, 5, 4.0),
    ("ces", "How easy was it?", 1, 7, 5.5),
)
SPREAD = 0.2  # standard deviation of an answer, as a share of the scale


@dataclass(frozen=True)
class PollAnswer:
    """One answer to one question of a round."""

    response_id: str
    wave: str
    contact: Contact
    kind: str
    question: str
    low: int
    high: int
    score: int
    sent_at: datetime
    answered_at: datetime


def poll(parameters: WorldParameters, people: tuple[Person, ...]) -> tuple[PollAnswer, ...]:
    """All answers of all rounds; whoever likes the brand scores higher."""
    dice = Dice(parameters.seed, "polls")
    answers: list[PollAnswer] = []
    for week in range(FIRST_WEEK, parameters.weeks, EVERY_WEEKS):
        sent_at = local_instant(parameters.start_date + timedelta(days=7 * week), 10 * 3600)
        for person in people:
            known = person.contacts and not person.is_bot and person.enters_week < week
            if not known or not dice.chance(ANSWER_SHARE):
                continue
            answered_at = sent_at + timedelta(minutes=dice.integer(5, 4 * 24 * 60))
            for kind, question, low, high, mean in QUESTIONS:
                drawn = mean + (high - low) * SPREAD * (dice.normal() + 0.5 * person.affinity)
                score = min(max(round(drawn), low), high)
                name = f"{week:02}-{person.person_id}"
                answers.append(
                    PollAnswer(
                        name, f"round {week // EVERY_WEEKS + 1}", person.contacts[0], kind,
                        question, low, high, score, sent_at, answered_at,
                    )
                )  # fmt: skip
    return tuple(a for a in answers if a.answered_at < parameters.as_of)
