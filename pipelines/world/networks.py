"""What becomes of things on X, Instagram and Facebook: edits, deletions, closed accounts, figures.

It follows from a world and adds nothing to it: the demo's files do not show it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from pipelines.world.audience import METRICS, Appeal, appeals
from pipelines.world.dice import Dice
from pipelines.world.posts import ACCOUNT_OF
from pipelines.world.records import Account, Message, Person, Post, Profile, Reaction
from pipelines.world.world import World

EDITED_SHARE, POST_DELETED_SHARE, MESSAGE_DELETED_SHARE, HIDDEN_SHARE = 0.06, 0.03, 0.04, 0.03
PROTECTED_SHARE, SUSPENDED_SHARE, UNFOLLOWED_SHARE = 0.04, 0.02, 0.06
CORRECTED_SHARE, CORRECTIONS = 0.25, (0.9, 0.96, 1.05)  # of figures, within four weeks
FIRST_FOLLOWERS = 1_180  # people of no name, before the history begins
EDIT_MARK = " (edit)"


@dataclass(frozen=True)
class Published:
    """A post on its network. `appeal` None: by a person, whose figures nobody reports.

    `correction`: what the network multiplies its figures by from `corrected_at` on.
    """

    post: Post
    appeal: Appeal | None
    edited_at: datetime | None
    deleted_at: datetime | None
    corrected_at: datetime | None
    correction: float

    def figures(self, at: datetime) -> dict[str, int]:
        """Lifetime figures at an instant, zeros before publication; what is not reported lacks."""
        if self.appeal is None:
            return {}
        days = max(0.0, (at - self.post.published_at) / timedelta(days=1))
        is_corrected = self.corrected_at is not None and self.corrected_at <= at
        factor = self.correction if is_corrected else 1.0
        found = self.appeal.figures(self.post.account.network, days)
        return {name: int(value * factor) for name, value in found.items() if value is not None}


@dataclass(frozen=True)
class Said:
    """A message on its network; `hidden_at`: the brand hid it from the public."""

    message: Message
    deleted_at: datetime | None
    hidden_at: datetime | None


@dataclass(frozen=True)
class Member:
    """A person's account on the network; the times are None when it never came to that."""

    person: Person
    profile: Profile
    protected_at: datetime | None
    suspended_at: datetime | None


@dataclass(frozen=True)
class Follow:
    """Somebody follows the brand."""

    profile_id: str
    since: datetime
    until: datetime | None


@dataclass
class NetworkLife:
    """Everything on one network, oldest first."""

    account: Account
    posts: list[Published] = field(default_factory=list)
    messages: list[Said] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    follows: list[Follow] = field(default_factory=list)

    def followers(self, at: datetime, day_index: int) -> int:
        """Followers at an instant of the day of that index, those of no name included."""
        named = sum(f.since <= at and (f.until is None or f.until > at) for f in self.follows)
        return (
            FIRST_FOLLOWERS
            + named
            + sum(came - left for came, left in map(self.crowd, range(day_index)))
        )

    def crowd(self, day_index: int) -> tuple[int, int]:
        """How many people of no name began and ceased to follow on a day of the history."""
        digest = hashlib.sha256(f"{self.account.network}|{day_index}".encode()).digest()
        return digest[0] % 5, digest[1] % 3

    def gained(self, start: datetime, end: datetime) -> dict[str, int]:
        """What the figures of all posts grew by between two instants, before corrections."""
        total = dict.fromkeys(METRICS, 0)
        for published in self.posts:
            appeal = published.appeal
            if appeal is None or published.post.published_at >= end:
                continue
            network, since = published.post.account.network, published.post.published_at
            before, after = (
                appeal.figures(network, max(0.0, (at - since) / timedelta(days=1)))
                for at in (start, end)
            )
            for name, value in after.items():
                total[name] += (value or 0) - (before[name] or 0)
        return total


def network_life(world: World, network: str) -> NetworkLife:
    """Derive one network from a world; the same world always gives the same."""
    return _Life(world, network).run()


def day_index(world: World, day: date) -> int:
    """The index of a date in the history; 0 is its first date."""
    return (day - world.parameters.start_date).days


class _Life:
    def __init__(self, world: World, network: str) -> None:
        self.world, self.network = world, network
        self.end = world.parameters.as_of
        self.dice = Dice(world.parameters.seed, network)
        self.result = NetworkLife(ACCOUNT_OF[network])

    def run(self) -> NetworkLife:
        world, result = self.world, self.result
        appeal_of = appeals(world.parameters, world.posts)
        for post in sorted(world.posts, key=lambda p: (p.published_at, p.post_id)):
            if post.account.network == self.network:
                result.posts.append(self._publish(post, appeal_of.get(post.post_id)))
        for message in sorted(world.said.messages, key=lambda m: (m.sent_at, m.message_id)):
            if message.account.network == self.network:
                result.messages.append(self._say(message))
        for person in world.population.people:
            result.members += [
                self._join(person, p) for p in person.profiles if p.network == self.network
            ]
        for reaction in world.reactions:
            if reaction.network == self.network and reaction.act == "follow":
                left = self._later(reaction.reacted_at, UNFOLLOWED_SHARE)
                follow = Follow(reaction.profile.profile_id, reaction.reacted_at, left)
                result.follows.append(follow)
            elif reaction.network == self.network:
                result.reactions.append(reaction)
        return result

    def _later(self, after: datetime, share: float) -> datetime | None:
        """With that share an instant between `after` and the end of the history, else None."""
        fate, place = self.dice.uniform(), self.dice.uniform()
        seconds = int((self.end - after).total_seconds())
        if fate >= share or seconds < 3600:
            return None
        return after + timedelta(seconds=1800 + int(place * (seconds - 1800)))

    def _publish(self, post: Post, appeal: Appeal | None) -> Published:
        edit, place, fate = (self.dice.uniform() for _ in range(3))
        edited_at = post.published_at + timedelta(minutes=4 + int(20 * place))
        deleted_at = self._later(post.published_at + timedelta(hours=1), POST_DELETED_SHARE)
        corrected_at = post.published_at + timedelta(days=2 + int(20 * place))
        is_corrected = appeal is not None and fate < CORRECTED_SHARE
        factor = CORRECTIONS[int(fate / CORRECTED_SHARE * len(CORRECTIONS))] if is_corrected else 1
        return Published(
            post, appeal,
            edited_at if edit < EDITED_SHARE and edited_at < self.end else None,
            deleted_at, corrected_at if is_corrected else None, float(factor),
        )  # fmt: skip

    def _say(self, message: Message) -> Said:
        is_public = message.kind not in ("dm", "review")
        deleted_at = self._later(message.sent_at, MESSAGE_DELETED_SHARE if is_public else 0.0)
        is_theirs = is_public and message.author is not None
        hidden_at = self._later(message.sent_at, HIDDEN_SHARE if is_theirs else 0.0)
        return Said(message, deleted_at, hidden_at)

    def _join(self, person: Person, profile: Profile) -> Member:
        return Member(
            person, profile,
            self._later(profile.updated_at, PROTECTED_SHARE),
            self._later(profile.updated_at, SUSPENDED_SHARE),
        )  # fmt: skip
