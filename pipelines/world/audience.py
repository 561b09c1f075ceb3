"""Reactions of people and the figures that networks report about posts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.world.conversations import Transcript
from pipelines.world.dice import Dice
from pipelines.world.parameters import WorldParameters, local_instant
from pipelines.world.posts import ACCOUNT_OF, Timeline
from pipelines.world.records import Person, Post, PostObservation, Profile, Reaction

ACTS = {
    "x": (("like", "repost", "quote", "save"), (0.75, 0.15, 0.05, 0.05)),
    "instagram": (("like", "save", "share"), (0.8, 0.12, 0.08)),
    "facebook": (("like", "love", "haha", "wow", "share"), (0.6, 0.2, 0.06, 0.04, 0.1)),
}
REACTION_LOG_RATE, FOLLOW_SHARE, LIKED_SHARE = -1.4, 0.5, 0.12
OBSERVED_DAYS = (1, 3, 7, 28)  # after publication
FINAL_IMPRESSIONS, PAID_LIFT, GROWTH_DAYS = 900.0, 4.0, 3.0
METRICS = ("impressions", "reach", "likes", "comments", "shares", "saves")
SHARES_OF_IMPRESSIONS = {
    "reach": 0.8,
    "likes": 0.04,
    "comments": 0.004,
    "shares": 0.003,
    "saves": 0.006,
}
NOT_REPORTED = {"x": ("reach", "saves"), "instagram": (), "facebook": ("saves",)}


@dataclass(frozen=True)
class _Act:
    profile: Profile
    name: str
    target_kind: str
    target_id: str
    at: datetime


def react(
    parameters: WorldParameters,
    people: tuple[Person, ...],
    posts: tuple[Post, ...],
    said: Transcript,
) -> tuple[Reaction, ...]:
    """Follows, reactions to posts, and likes of the brand's answers."""
    dice = Dice(parameters.seed, "audience")
    timeline = Timeline(posts)
    acts = [
        act
        for person in people
        for profile in person.profiles
        for act in _acts_of(dice, parameters, timeline, person, profile)
    ]
    for message in said.messages:
        if message.addressee and message.direction == "outbound" and dice.chance(LIKED_SHARE):
            at = message.sent_at + timedelta(minutes=dice.integer(3, 300))
            acts.append(_Act(message.addressee, "like", "message", message.message_id, at))
    return tuple(
        Reaction(
            f"r{number:07d}", act.profile.network, act.name, act.profile,
            ACCOUNT_OF[act.profile.network].account_id, act.target_kind, act.target_id, act.at,
        )
        for number, act in enumerate((a for a in acts if a.at < parameters.as_of), start=1)
    )  # fmt: skip


def _acts_of(
    dice: Dice, parameters: WorldParameters, timeline: Timeline, person: Person, profile: Profile
) -> Iterator[_Act]:
    """What one profile does, from the day after it came."""
    first_day = 7 * person.enters_week + 1
    drive = 0.5 * parameters.behaviour.confounding * person.affinity
    daily = math.exp(REACTION_LOG_RATE + drive) / 7

    def moment(day: int) -> datetime:
        seconds = dice.integer(8 * 3600, 22 * 3600)
        return local_instant(parameters.start_date + timedelta(days=day), seconds)

    if dice.chance(FOLLOW_SHARE):
        account_id = ACCOUNT_OF[profile.network].account_id
        yield _Act(profile, "follow", "account", account_id, moment(first_day))
    for day in range(first_day, 7 * parameters.weeks):
        if dice.chance(daily):
            at = moment(day)
            if post := timeline.recent(dice, profile.network, at):
                name = dice.weighted(*ACTS[profile.network])
                yield _Act(profile, name, "post", post.post_id, at)


@dataclass(frozen=True)
class Appeal:
    """How well a post does. `final`: impressions in the end; `taste`: how much people react."""

    final: float
    taste: float

    def figures(self, network: str, days: float) -> dict[str, int | None]:
        """Lifetime figures that many days after publication; None: the network reports none."""
        impressions = self.final * (1 - math.exp(-days / GROWTH_DAYS))
        values: dict[str, int | None] = {"impressions": int(impressions)}
        for metric, share in SHARES_OF_IMPRESSIONS.items():
            hidden = metric in NOT_REPORTED[network]
            scale = 1.0 if metric == "reach" else self.taste
            values[metric] = None if hidden else int(impressions * share * scale)
        return values


def appeals(parameters: WorldParameters, posts: tuple[Post, ...]) -> dict[str, Appeal]:
    """The appeal of each post of the brand, by post id."""
    dice = Dice(parameters.seed, "audience")
    found: dict[str, Appeal] = {}
    for post in posts:
        if post.author is None:
            final = dice.lognormal(FINAL_IMPRESSIONS, 0.6) * (PAID_LIFT if post.is_paid else 1.0)
            found[post.post_id] = Appeal(final, dice.lognormal(1.0, 0.3))
    return found


def observe_posts(
    parameters: WorldParameters, posts: tuple[Post, ...]
) -> tuple[PostObservation, ...]:
    """Lifetime figures as read 1, 3, 7 and 28 days after publication; they only grow."""
    appeal_of = appeals(parameters, posts)
    observations: list[PostObservation] = []
    for post in posts:
        if post.author is not None:
            continue
        for days in OBSERVED_DAYS:
            observed_on = post.published_at.date() + timedelta(days=days)
            if observed_on > parameters.end_date:
                break
            values = appeal_of[post.post_id].figures(post.account.network, days)
            observations.append(PostObservation(post, observed_on, values))
    return tuple(observations)
