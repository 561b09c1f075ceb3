"""What buyers answer when the brand asks: a survey per quarter with NPS, CSAT and CES.

It follows from a world and adds nothing to it. The more somebody is drawn to the brand the better
the answers. Forms stay open: some answer weeks after the quarter, some answers arrive late.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import BRAND_ZONE, local_instant
from pipelines.world.records import Order, Person
from pipelines.world.voice import say
from pipelines.world.world import World

ASKED_AFTER = timedelta(days=3)
ANSWER_SHARE, LEFT_SHARE = 0.6, 0.15  # of those asked: answer, begin and leave
DELAY_MEDIAN_HOURS, DELAY_SIGMA, FILLING_MEDIAN_SECONDS = 30.0, 1.6, 90.0
DELETED_SHARE, DELAYED_SHARE, COMMENT_SHARE, SKIPPED_SHARE = 0.04, 0.05, 0.4, 0.1
IDENTIFIERS, IDENTIFIER_WEIGHTS = ("email", "email_hash", "contact_id", ""), (0.4, 0.3, 0.2, 0.1)
CHANNELS = ("Instagram", "Facebook", "X", "Mastodon", "A friend")
NPS_CENTRE, NPS_SLOPE, NPS_NOISE = 7.6, 1.3, 1.4


@dataclass(frozen=True)
class Survey:
    """A form. `quarter`: like `2026-Q1`."""

    quarter: str
    opens_at: datetime


@dataclass(frozen=True)
class SurveyAnswer:
    """A response. Scores that are None were skipped; `submitted_at` None: begun and left.

    `known_by`: what the link told about the person (`email`, `email_hash`, `contact_id` or
    nothing). `arrived_at`: when the provider shows it, if later than it was submitted.
    """

    number: int
    person_id: str
    quarter: str
    order_id: str
    known_by: str
    email: str
    contact_id: str
    landed_at: datetime
    submitted_at: datetime | None
    nps: int | None
    csat: int | None
    ces: int | None
    channel: str
    comment: str
    would_buy_again: bool
    arrived_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass
class SurveyWorld:
    """All forms, and all answers in the order of numbers."""

    surveys: list[Survey] = field(default_factory=list)
    answers: list[SurveyAnswer] = field(default_factory=list)


def build_typeform(world: World) -> SurveyWorld:
    """Derive the surveys of a world; the same world always gives the same."""
    return _Desk(world).run()


def quarter_of(instant: datetime) -> str:
    """The quarter by the brand's calendar, like `2026-Q1`."""
    day = instant.astimezone(BRAND_ZONE)
    return f"{day.year}-Q{(day.month + 2) // 3}"


class _Desk:
    def __init__(self, world: World) -> None:
        self.world, self.end = world, world.parameters.as_of
        self.dice = Dice(world.parameters.seed, "typeform")
        self.result = SurveyWorld()

    def run(self) -> SurveyWorld:
        days = range(7 * self.world.parameters.weeks)
        start = self.world.parameters.start_date
        for day in days:
            begins = local_instant(start + timedelta(days=day), 0)
            if quarter_of(begins) not in {s.quarter for s in self.result.surveys}:
                self.result.surveys.append(Survey(quarter_of(begins), begins))
        people = {p.person_id: p for p in self.world.population.people}
        asked: set[tuple[str, str]] = set()
        for order in sorted(self.world.orders, key=lambda o: (o.ordered_at, o.order_id)):
            at = order.ordered_at + ASKED_AFTER
            key = (order.person_id, quarter_of(at))
            if order.counts and key not in asked and at < self.end:
                asked.add(key)
                self._ask(people[order.person_id], order, at)
        return self.result

    def _ask(self, person: Person, order: Order, at: datetime) -> None:
        """One invitation: answered, left half-way or never opened."""
        dice, fate = self.dice, self.dice.uniform()
        landed = at + timedelta(hours=dice.lognormal(DELAY_MEDIAN_HOURS, DELAY_SIGMA))
        landed = landed.replace(microsecond=0)
        seconds = 20 + round(dice.lognormal(FILLING_MEDIAN_SECONDS, 0.6))
        answer = self._answer(person, order, quarter_of(at), landed, seconds)
        if fate < ANSWER_SHARE + LEFT_SHARE and landed + timedelta(seconds=seconds) < self.end:
            is_left = fate >= ANSWER_SHARE
            self.result.answers.append(_left(answer) if is_left else answer)

    def _answer(
        self, person: Person, order: Order, quarter: str, landed: datetime, seconds: int
    ) -> SurveyAnswer:
        dice = self.dice
        feeling = NPS_CENTRE + NPS_SLOPE * person.affinity + NPS_NOISE * dice.normal()
        effort = feeling + dice.normal()
        identifier = dice.weighted(IDENTIFIERS, IDENTIFIER_WEIGHTS)
        skips = [dice.chance(SKIPPED_SHARE) for _ in range(2)]
        topic = "praise" if feeling >= 6.5 else "complaint"
        comment = say(dice, person.language, topic, 0) if dice.chance(COMMENT_SHARE) else ""
        submitted = landed + timedelta(seconds=seconds)
        is_late, is_deleted = dice.chance(DELAYED_SHARE), dice.chance(DELETED_SHARE)
        arrived = submitted + timedelta(hours=dice.integer(12, 140)) if is_late else None
        gone = submitted + timedelta(hours=dice.integer(30, 900)) if is_deleted else None
        if identifier == "contact_id" and not order.contact_id:
            identifier = "email"
        return SurveyAnswer(
            len(self.result.answers) + 1, person.person_id, quarter, order.order_id, identifier,
            order.email or person.email, order.contact_id, landed.astimezone(UTC),
            submitted.astimezone(UTC), _within(feeling, 0, 10),
            None if skips[0] else _within(1 + feeling * 0.42, 1, 5),
            None if skips[1] else _within(1 + effort * 0.6, 1, 7),
            dice.pick(CHANNELS), comment, feeling > 5.5, arrived,
            gone if gone and gone > (arrived or submitted) else None,
        )  # fmt: skip


def _left(answer: SurveyAnswer) -> SurveyAnswer:
    """Only the first question was answered."""
    return SurveyAnswer(
        answer.number, answer.person_id, answer.quarter, answer.order_id, answer.known_by,
        answer.email, answer.contact_id, answer.landed_at, None, answer.nps, None, None, "", "",
        would_buy_again=False,
    )  # fmt: skip


def _within(value: float, least: int, most: int) -> int:
    return min(most, max(least, round(value)))
