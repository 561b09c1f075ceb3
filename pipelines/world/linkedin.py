"""The world's life on LinkedIn: the brand's page, the members who see it, and what is counted.

It follows from a world and adds nothing to it. Mostly people of the firms in the CRM are members.
Counts of what is seen are per day in UTC; reactions, comments and follows are single deeds.
"""

from __future__ import annotations

import math
from bisect import bisect
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from pipelines.world.conversations import TOPIC_WEIGHTS, TOPICS
from pipelines.world.dice import Dice
from pipelines.world.parameters import local_instant
from pipelines.world.people import INDUSTRIES, SIZE_BANDS
from pipelines.world.records import Person
from pipelines.world.voice import answer, say
from pipelines.world.world import World

FIRM_SHARE, OTHER_SHARE, CROSS_POST_SHARE, FOLLOW_SHARE, UNFOLLOW_SHARE = 0.8, 0.2, 0.7, 0.75, 0.08
REACTION_LOG_RATE, COMMENT_LOG_RATE = -0.6, -1.6  # per week, before affinity
REACTIONS = ("LIKE", "PRAISE", "EMPATHY", "INTEREST", "APPRECIATION", "ENTERTAINMENT")
REACTION_WEIGHTS = (0.7, 0.1, 0.07, 0.06, 0.04, 0.03)
ANSWER_SHARE, ANSWER_MEDIAN_MINUTES, VIDEO_SHARE, UNDONE_SHARE = 0.65, 120.0, 0.25, 0.04
EDITED_SHARE, DELETED_SHARE, COMMENT_DELETED_SHARE = 0.1, 0.04, 0.04
VISIBLE_FOR, SEEN_FOR_DAYS, SEEN_MEDIAN = timedelta(days=10), 30, 700.0
EARLIER_FOLLOWERS, PAGE_VIEWS_MEDIAN = 1_240, 22.0
SENIORITIES, FUNCTIONS = ("entry", "senior", "manager", "owner"), ("sales", "operations", "arts")


@dataclass(frozen=True)
class LinkedInMember:
    """Somebody with a profile; the page learns of its work only in sums."""

    person_id: str
    country: str
    industry: str
    staff_range: str
    seniority: str
    function: str
    followed_at: datetime | None
    unfollowed_at: datetime | None


@dataclass(frozen=True)
class LinkedInPost:
    """A post of the page."""

    number: int
    text: str
    is_video: bool
    posted_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None


@dataclass(frozen=True)
class LinkedInComment:
    """A comment by a member, or by the page (`author` empty); `parent`: a comment, 0 for none."""

    number: int
    post: int
    author: str
    text: str
    at: datetime
    parent: int = 0
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class LinkedInReaction:
    """A reaction to a post; one per member and post."""

    post: int
    author: str
    kind: str
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True)
class LinkedInReach:
    """What was counted of one post on one day."""

    post: int
    day: date
    impressions: int
    unique: int
    clicks: int
    shares: int


@dataclass(frozen=True)
class LinkedInVisits:
    """What was counted of the page itself on one day."""

    day: date
    desktop: int
    mobile: int
    unique: int
    button_clicks: int


@dataclass
class LinkedInWorld:
    """Everything; posts and comments in the order of numbers."""

    members: list[LinkedInMember] = field(default_factory=list)
    posts: list[LinkedInPost] = field(default_factory=list)
    comments: list[LinkedInComment] = field(default_factory=list)
    reactions: list[LinkedInReaction] = field(default_factory=list)
    reach: list[LinkedInReach] = field(default_factory=list)
    visits: list[LinkedInVisits] = field(default_factory=list)


def build_linkedin(world: World) -> LinkedInWorld:
    """Derive LinkedIn from a world; the same world always gives the same."""
    return _Life(world).run()


class _Life:
    def __init__(self, world: World) -> None:
        self.world, self.parameters = world, world.parameters
        self.end = world.parameters.as_of
        self.dice = Dice(world.parameters.seed, "linkedin")
        self.result = LinkedInWorld()

    def run(self) -> LinkedInWorld:
        self._post()
        companies = {c.company_id: c for c in self.world.population.companies}
        for person in self.world.population.people:
            firms = [companies[c.company_id] for c in person.contacts if c.company_id]
            if person.is_bot or not self.dice.chance(FIRM_SHARE if firms else OTHER_SHARE):
                continue
            joined = local_instant(
                self.parameters.start_date + timedelta(days=7 * person.enters_week), 20 * 3600
            )
            band, industry = (
                (firms[0].size_band, firms[0].industry) if firms
                else (self.dice.pick(SIZE_BANDS), self.dice.pick(INDUSTRIES))
            )  # fmt: skip
            is_fan = self.dice.chance(FOLLOW_SHARE) and joined < self.end
            is_lost = self.dice.chance(UNFOLLOW_SHARE)
            self.result.members.append(LinkedInMember(
                person.person_id, person.country, industry, band, self.dice.pick(SENIORITIES),
                self.dice.pick(FUNCTIONS), joined if is_fan else None,
                self._later(joined) if is_fan and is_lost else None,
            ))  # fmt: skip
            self._live(person)
        self._visit()
        return self.result

    def _later(self, after: datetime) -> datetime:
        """An instant strictly between that one and the end, to the second."""
        seconds = int((self.end - after).total_seconds())
        return after + timedelta(seconds=self.dice.integer(1, max(1, seconds - 1)))

    def _post(self) -> None:
        """Part of what the brand posts on Facebook, and how it was seen."""
        dice = self.dice
        originals = [p for p in self.world.posts
                     if p.account.network == "facebook" and p.author is None]  # fmt: skip
        for original in sorted(originals, key=lambda p: (p.published_at, p.post_id)):
            at = original.published_at + timedelta(seconds=dice.integer(300, 3_000))
            is_video, edited, deleted = (dice.uniform() for _ in range(3))
            if not dice.chance(CROSS_POST_SHARE) or at + timedelta(hours=1) >= self.end:
                continue
            post = LinkedInPost(
                len(self.result.posts) + 1, original.text, is_video < VIDEO_SHARE, at,
                at + timedelta(minutes=40) if edited < EDITED_SHARE else None,
                self._later(at + timedelta(hours=1)) if deleted < DELETED_SHARE else None,
            )  # fmt: skip
            self.result.posts.append(post)
            self._seen(post)

    def _seen(self, post: LinkedInPost) -> None:
        """A post is seen less every day."""
        total = self.dice.lognormal(SEEN_MEDIAN, 0.5)
        for age in range(SEEN_FOR_DAYS):
            day = post.posted_at.astimezone(UTC).date() + timedelta(days=age)
            impressions = int(total * 0.35 * math.exp(-age / 3) * self.dice.uniform(0.8, 1.2))
            if impressions == 0 or day > self.end.astimezone(UTC).date():
                break
            clicks = int(impressions * self.dice.uniform(0.01, 0.05))
            shares = self.dice.poisson(impressions / 400)
            unique = int(impressions * 0.8)
            self.result.reach.append(
                LinkedInReach(post.number, day, impressions, unique, clicks, shares)
            )

    def _visit(self) -> None:
        first = self.parameters.starts_at.date()
        for number in range((self.end.astimezone(UTC).date() - first).days + 1):
            desktop, mobile = (int(self.dice.lognormal(PAGE_VIEWS_MEDIAN, 0.4)) for _ in range(2))
            unique = int((desktop + mobile) * self.dice.uniform(0.6, 0.9))
            clicks = self.dice.poisson((desktop + mobile) / 25)
            day = first + timedelta(days=number)
            self.result.visits.append(LinkedInVisits(day, desktop, mobile, unique, clicks))

    def _recent(self, at: datetime) -> LinkedInPost | None:
        """A post that people still see at that instant."""
        posts = self.result.posts
        newest = bisect(posts, at, key=lambda p: p.posted_at)
        oldest = bisect(posts, at - VISIBLE_FOR, key=lambda p: p.posted_at)
        if newest == oldest:
            return None
        post = posts[self.dice.integer(oldest, newest - 1)]
        return post if post.deleted_at is None or post.deleted_at > at else None

    def _live(self, person: Person) -> None:
        """The weeks of one member: reactions and conversations."""
        dice, done = self.dice, set[int]()
        drive = 0.5 * self.parameters.behaviour.confounding * person.affinity
        for week in range(person.enters_week, self.parameters.weeks):
            for _ in range(dice.poisson(min(math.exp(REACTION_LOG_RATE + drive), 4.0))):
                at = self._moment(week)
                post, kind = self._recent(at), dice.weighted(REACTIONS, REACTION_WEIGHTS)
                is_undone = dice.chance(UNDONE_SHARE)
                if post and post.number not in done and at < self.end:
                    done.add(post.number)
                    undone = self._later(at) if is_undone else None
                    self.result.reactions.append(
                        LinkedInReaction(post.number, person.person_id, kind, at, undone)
                    )
            for _ in range(dice.poisson(min(math.exp(COMMENT_LOG_RATE + drive), 2.0))):
                at = self._moment(week)
                if post := self._recent(at):
                    self._converse(person, post, at)

    def _moment(self, week: int) -> datetime:
        """Members are there in office hours."""
        day = self.parameters.start_date + timedelta(days=7 * week + self.dice.integer(0, 4))
        return local_instant(day, self.dice.integer(8 * 3600, 19 * 3600))

    def _comment(
        self, post: LinkedInPost, author: str, text: str, at: datetime, parent: int = 0
    ) -> LinkedInComment | None:
        is_deleted = self.dice.chance(COMMENT_DELETED_SHARE)
        if at + timedelta(minutes=10) >= self.end:
            return None
        comment = LinkedInComment(
            len(self.result.comments) + 1, post.number, author, text, at, parent,
            self._later(at + timedelta(minutes=5)) if is_deleted else None,
        )  # fmt: skip
        self.result.comments.append(comment)
        return comment

    def _converse(self, person: Person, post: LinkedInPost, at: datetime) -> None:
        """A comment and perhaps the page's answer below it."""
        dice, topic = self.dice, self.dice.weighted(TOPICS, TOPIC_WEIGHTS)
        text = say(dice, person.language, topic, 0)
        asked = self._comment(post, person.person_id, text, at)
        if asked and topic != "emoji" and dice.chance(ANSWER_SHARE):
            wait = timedelta(minutes=1 + round(dice.lognormal(ANSWER_MEDIAN_MINUTES, 0.9)))
            text, _ = answer(dice, person.language, topic, person.given_name)
            self._comment(post, "", text, at + wait, asked.number)
