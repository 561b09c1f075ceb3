"""The world's life on Bluesky: the same people under decentralised identifiers.

It follows from a world and adds nothing to it: the demo's files do not show it. The brand
cross-posts part of what it posts on X; people reply, like, repost, quote and follow.
"""

from __future__ import annotations

import math
from bisect import bisect
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipelines.world.conversations import TOPIC_WEIGHTS, TOPICS
from pipelines.world.dice import Dice
from pipelines.world.parameters import BRAND_NAME, local_instant
from pipelines.world.people import latin
from pipelines.world.posts import VISIBLE_FOR
from pipelines.world.records import Person
from pipelines.world.voice import answer, say
from pipelines.world.world import World

BRAND_KEY, BRAND_HANDLE, HOST = "brand", "beanandbond.test", "sky.test"
ACCOUNT_SHARE, CROSS_POST_SHARE, FOLLOW_SHARE, PEER_FOLLOW_SHARE = 0.45, 0.7, 0.6, 0.15
REPLY_LOG_RATE, LIKE_LOG_RATE = -2.2, -1.0  # per week, before affinity
REPOST_PER_LIKE, QUOTE_PER_LIKE, ANSWER_SHARE, ANSWER_LIKED_SHARE = 0.12, 0.05, 0.6, 0.15
THANKS_SHARE, ANSWER_MEDIAN_MINUTES = 0.35, 45.0
UNLIKED_SHARE, UNFOLLOWED_SHARE, DELETED_SHARE, EDITED_SHARE = 0.04, 0.08, 0.03, 0.01
FORGED_SHARE, RENAMED_SHARE, CLOSED_SHARE = 0.015, 0.03, 0.02
FORGED_BY = timedelta(days=900)  # a client may claim any time, past or future


@dataclass(frozen=True)
class BlueskyAccount:
    """`key`: person id, or `brand`. `renamed_to`: handle from `renamed_at` on."""

    key: str
    handle: str
    display_name: str
    language: str
    joined_at: datetime
    renamed_to: str = ""
    renamed_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True)
class BlueskyPost:
    """A post. `parent`, `root`, `quoted`: numbers of posts, 0 for none.

    `posted_at` is true; `declared_at` is what the client claims. `edited_at` None: never.
    """

    number: int
    author: str
    text: str
    language: str
    posted_at: datetime
    declared_at: datetime
    parent: int = 0
    root: int = 0
    quoted: int = 0
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class BlueskyAct:
    """A like or repost of a post (`post`: its number), or a follow (`followed`: account key)."""

    kind: str
    author: str
    at: datetime
    post: int = 0
    followed: str = ""
    undone_at: datetime | None = None


@dataclass
class BlueskyWorld:
    """Everything on Bluesky; the brand's account comes first, posts are in the order of numbers."""

    accounts: list[BlueskyAccount] = field(default_factory=list)
    posts: list[BlueskyPost] = field(default_factory=list)
    acts: list[BlueskyAct] = field(default_factory=list)

    @property
    def account_of(self) -> dict[str, BlueskyAccount]:
        """Accounts by person id."""
        return {account.key: account for account in self.accounts if account.key != BRAND_KEY}


def build_bluesky(world: World) -> BlueskyWorld:
    """Derive Bluesky from a world; the same world always gives the same."""
    return _Life(world).run()


class _Life:
    def __init__(self, world: World) -> None:
        self.world, self.parameters = world, world.parameters
        self.dice = Dice(world.parameters.seed, "bluesky")
        self.result = BlueskyWorld()
        self.brand_posts: list[BlueskyPost] = []

    def run(self) -> BlueskyWorld:
        begin = self.parameters.starts_at
        self.result.accounts.append(
            BlueskyAccount(BRAND_KEY, BRAND_HANDLE, BRAND_NAME, "it", begin)
        )
        people = [p for p in self.world.population.people if self.dice.chance(ACCOUNT_SHARE)]
        accounts = [(person, self._join(person)) for person in people]
        self._cross_post()
        for person, account in accounts:
            self._follow(account, [a for _, a in accounts])
            if not person.is_bot:
                self._live(person, account)
        return self.result

    def _join(self, person: Person) -> BlueskyAccount:
        dice, end = self.dice, self.parameters.as_of
        day = self.parameters.start_date + timedelta(days=7 * person.enters_week)
        joined = local_instant(day, dice.integer(0, 6 * 3600))
        name = f"{latin(person.given_name)}-{latin(person.family_name)}{person.person_id[-5:]}"
        is_renamed, is_closed = dice.chance(RENAMED_SHARE), dice.chance(CLOSED_SHARE)
        account = BlueskyAccount(
            person.person_id, f"{name}.{HOST}",
            "" if dice.chance(self.parameters.behaviour.missing_name_share) else
            f"{person.given_name} {person.family_name}",
            person.language, joined,
            f"{name}-2.{HOST}" if is_renamed else "",
            self._later(joined, end) if is_renamed else None,
            self._later(joined, end) if is_closed else None,
        )  # fmt: skip
        self.result.accounts.append(account)
        return account

    def _later(self, after: datetime, before: datetime) -> datetime:
        """An instant strictly between the two, to the second."""
        seconds = int((before - after).total_seconds())
        return after + timedelta(seconds=self.dice.integer(1, max(1, seconds - 1)))

    def _post(
        self, author: str, text: str, language: str, at: datetime, *,
        parent: BlueskyPost | None = None, quoted: int = 0, is_brand: bool = False,
    ) -> BlueskyPost | None:  # fmt: skip
        """Add a post; None when it would come after the end of the history."""
        dice, end = self.dice, self.parameters.as_of
        forged, edited, deleted = (dice.uniform() for _ in range(3))
        if at + timedelta(minutes=30) >= end:
            return None
        claim = FORGED_BY if forged < FORGED_SHARE / 2 else -FORGED_BY
        declared = at + claim if forged < FORGED_SHARE and not is_brand else at
        post = BlueskyPost(
            len(self.result.posts) + 1, author, text, language, at, declared,
            parent.number if parent else 0, (parent.root or parent.number) if parent else 0, quoted,
            at + timedelta(minutes=9) if edited < EDITED_SHARE and not is_brand else None,
            self._later(at + timedelta(minutes=10), end) if deleted < DELETED_SHARE else None,
        )  # fmt: skip
        self.result.posts.append(post)
        return post

    def _cross_post(self) -> None:
        originals = [p for p in self.world.posts if p.account.network == "x" and p.author is None]
        for original in sorted(originals, key=lambda p: (p.published_at, p.post_id)):
            at = original.published_at + timedelta(seconds=self.dice.integer(120, 1800))
            if self.dice.chance(CROSS_POST_SHARE):
                post = self._post(BRAND_KEY, original.text, original.language, at, is_brand=True)
                self.brand_posts += [post] if post else []

    def _recent(self, at: datetime) -> BlueskyPost | None:
        """A post of the brand that people still see at that instant."""
        newest = bisect(self.brand_posts, at, key=lambda p: p.posted_at)
        oldest = bisect(self.brand_posts, at - VISIBLE_FOR, key=lambda p: p.posted_at)
        if newest == oldest:
            return None
        post = self.brand_posts[self.dice.integer(oldest, newest - 1)]
        return post if post.deleted_at is None or post.deleted_at > at else None

    def _act(self, kind: str, author: BlueskyAccount, at: datetime, share: float, *,
             post: int = 0, followed: str = "") -> None:  # fmt: skip
        """Add an act, undone later with that share."""
        fate, end = self.dice.uniform(), self.parameters.as_of
        if at < end and (author.closed_at is None or at < author.closed_at):
            undone = self._later(at, end) if fate < share else None
            self.result.acts.append(BlueskyAct(kind, author.key, at, post, followed, undone))

    def _follow(self, account: BlueskyAccount, others: list[BlueskyAccount]) -> None:
        at = account.joined_at + timedelta(seconds=self.dice.integer(60, 86_400))
        if self.dice.chance(FOLLOW_SHARE):
            self._act("follow", account, at, UNFOLLOWED_SHARE, followed=BRAND_KEY)
        other = self.dice.pick(others)
        if self.dice.chance(PEER_FOLLOW_SHARE) and other is not account:
            later = max(at, other.joined_at) + timedelta(seconds=self.dice.integer(60, 86_400))
            self._act("follow", account, later, UNFOLLOWED_SHARE, followed=other.key)

    def _live(self, person: Person, account: BlueskyAccount) -> None:
        """The weeks of one person: likes, reposts, quotes and conversations."""
        dice = self.dice
        drive = 0.5 * self.parameters.behaviour.confounding * person.affinity
        liked: set[tuple[str, int]] = set()
        for week in range(person.enters_week, self.parameters.weeks):
            for _ in range(dice.poisson(min(math.exp(LIKE_LOG_RATE + drive), 5.0))):
                at = self._moment(week)
                post, fate = self._recent(at), dice.uniform()
                if not post or not self._is_there(account, at):
                    continue
                kind = "repost" if fate < REPOST_PER_LIKE else "like"
                if fate > 1 - QUOTE_PER_LIKE:
                    text = say(dice, person.language, "praise", 0)
                    self._post(account.key, text, person.language, at, quoted=post.number)
                elif (kind, post.number) not in liked:
                    liked.add((kind, post.number))
                    self._act(kind, account, at, UNLIKED_SHARE, post=post.number)
            for _ in range(dice.poisson(min(math.exp(REPLY_LOG_RATE + drive), 3.0))):
                at = self._moment(week)
                post = self._recent(at)
                if post and self._is_there(account, at):
                    self._converse(person, account, post, at)

    def _moment(self, week: int) -> datetime:
        day = self.parameters.start_date + timedelta(days=7 * week + self.dice.integer(0, 6))
        return local_instant(day, self.dice.integer(8 * 3600, 23 * 3600 - 1))

    def _is_there(self, account: BlueskyAccount, at: datetime) -> bool:
        return account.joined_at < at and (account.closed_at is None or at < account.closed_at)

    def _converse(
        self, person: Person, account: BlueskyAccount, post: BlueskyPost, at: datetime
    ) -> None:
        """A reply below a post, perhaps the brand's answer, a like of it, and thanks."""
        dice = self.dice
        topic = dice.weighted(TOPICS, TOPIC_WEIGHTS)
        text = say(dice, person.language, topic, 0)
        asked = self._post(account.key, text, person.language, at, parent=post)
        if not asked or topic == "emoji" or not dice.chance(ANSWER_SHARE):
            return
        wait = timedelta(minutes=1 + round(dice.lognormal(ANSWER_MEDIAN_MINUTES, 1.0)))
        name = person.given_name if account.display_name else ""
        text, _ = answer(dice, person.language, topic, name)
        answered = self._post(
            BRAND_KEY, text, person.language, at + wait, parent=asked, is_brand=True
        )
        if not answered:
            return
        later = answered.posted_at + timedelta(seconds=dice.integer(60, 7200))
        if dice.chance(ANSWER_LIKED_SHARE):
            self._act("like", account, later, UNLIKED_SHARE, post=answered.number)
        if dice.chance(THANKS_SHARE) and self._is_there(account, later):
            text = say(dice, person.language, "thanks", 0)
            self._post(account.key, text, person.language, later, parent=answered)
