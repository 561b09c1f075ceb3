"""The world's life on Mastodon: a smaller one, spread over several servers.

It follows from a world and adds nothing to it. The brand lives on one server and sees what is done
to the posts of other servers only in part.
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

BRAND_KEY, BRAND_USERNAME, HOME = "brand", "beanandbond", "social.test"
TAG, SHOP = "beanandbond", "https://beanandbond.example/shop?from=mastodon&lang="
REMOTE_HOSTS = ("coffee.test", "piazza.test")
ACCOUNT_SHARE, LOCAL_SHARE, CROSS_POST_SHARE = 0.4, 0.4, 0.8
FOLLOW_SHARE, FOLLOW_BACK_SHARE, PEER_FAVOURITE_SHARE = 0.7, 0.15, 0.5
REPLY_LOG_RATE, FAVOURITE_LOG_RATE, FAN_LOG_RATE = -1.9, -0.8, -3.2  # per week, before affinity
BOOST_SHARE, BRAND_BOOST_SHARE, ANSWER_SHARE, ANSWER_MEDIAN_MINUTES = 0.2, 0.25, 0.6, 60.0
UNDONE_SHARE, DELETED_SHARE, EDITED_SHARE, SUSPENDED_SHARE = 0.05, 0.04, 0.08, 0.03
LINK_SHARE, EMOJI_SHARE, WARNED_SHARE = 0.4, 0.3, 0.05
BRAND_VISIBILITIES, BRAND_WEIGHTS = ("public", "unlisted", "private"), (0.8, 0.1, 0.1)
PEOPLE_VISIBILITIES = ("public", "unlisted", "private", "direct")
PEOPLE_WEIGHTS = (0.6, 0.2, 0.1, 0.1)


@dataclass(frozen=True)
class MastodonAccount:
    """`key`: person id, or `brand`. `host`: empty on the brand's own server."""

    key: str
    username: str
    host: str
    display_name: str
    language: str
    is_bot: bool
    joined_at: datetime
    suspended_at: datetime | None = None


@dataclass(frozen=True)
class MastodonStatus:
    """A status. `parent`: number of a status, 0 for none; `mentions`: account keys.

    `text` is plain; tags, the link and the emoji (a shortcode) come behind it.
    """

    number: int
    author: str
    text: str
    language: str
    visibility: str
    posted_at: datetime
    parent: int = 0
    mentions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    link: str = ""
    emoji: str = ""
    warning: str = ""
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class MastodonAct:
    """A favourite or boost of a status (`status`: its number), or a follow (account key)."""

    kind: str
    author: str
    at: datetime
    status: int = 0
    followed: str = ""
    undone_at: datetime | None = None


@dataclass
class MastodonWorld:
    """Everything on Mastodon, also what the brand's server never hears of."""

    accounts: list[MastodonAccount] = field(default_factory=list)
    statuses: list[MastodonStatus] = field(default_factory=list)
    acts: list[MastodonAct] = field(default_factory=list)


def build_mastodon(world: World) -> MastodonWorld:
    """Derive Mastodon from a world; the same world always gives the same."""
    return _Life(world).run()


class _Life:
    def __init__(self, world: World) -> None:
        self.world, self.parameters = world, world.parameters
        self.end = world.parameters.as_of
        self.dice = Dice(world.parameters.seed, "mastodon")
        self.result = MastodonWorld()
        self.own: list[MastodonStatus] = []
        self.fans: list[MastodonAccount] = []

    def run(self) -> MastodonWorld:
        begin = self.parameters.starts_at
        self.result.accounts.append(
            MastodonAccount(BRAND_KEY, BRAND_USERNAME, "", BRAND_NAME, "it", False, begin)
        )
        people = [p for p in self.world.population.people if self.dice.chance(ACCOUNT_SHARE)]
        joined = [(person, self._join(person)) for person in people]
        self.fans = [account for _, account in joined]
        self._cross_post()
        for person, account in joined:
            self._follow(account)
            if not person.is_bot:
                self._live(person, account)
        return self.result

    def _join(self, person: Person) -> MastodonAccount:
        dice = self.dice
        day = self.parameters.start_date + timedelta(days=7 * person.enters_week)
        joined = local_instant(day, dice.integer(0, 6 * 3600))
        is_local, is_suspended = dice.chance(LOCAL_SHARE), dice.chance(SUSPENDED_SHARE)
        has_name = not dice.chance(self.parameters.behaviour.missing_name_share)
        account = MastodonAccount(
            person.person_id, f"{latin(person.given_name)}_{person.person_id[-5:]}",
            "" if is_local else dice.pick(REMOTE_HOSTS),
            f"{person.given_name} {person.family_name}" if has_name else "",
            person.language, person.is_bot, joined, self._later(joined) if is_suspended else None,
        )  # fmt: skip
        self.result.accounts.append(account)
        return account

    def _later(self, after: datetime) -> datetime:
        """An instant strictly between that one and the end, to the second."""
        seconds = int((self.end - after).total_seconds())
        return after + timedelta(seconds=self.dice.integer(1, max(1, seconds - 1)))

    def _post(
        self, author: str, text: str, language: str, at: datetime, *,
        visibility: str = "public", parent: MastodonStatus | None = None,
        mentions: tuple[str, ...] = (), tags: tuple[str, ...] = (), link: str = "",
    ) -> MastodonStatus | None:  # fmt: skip
        """Add a status; None when it would come after the end of the history."""
        edited, deleted, warned, smiled = (self.dice.uniform() for _ in range(4))
        if at + timedelta(minutes=30) >= self.end:
            return None
        status = MastodonStatus(
            len(self.result.statuses) + 1, author, text, language, visibility, at,
            parent.number if parent else 0, mentions, tags, link,
            "espresso" if smiled < EMOJI_SHARE else "",
            "caffeine" if warned < WARNED_SHARE else "",
            at + timedelta(minutes=12) if edited < EDITED_SHARE else None,
            self._later(at + timedelta(minutes=15)) if deleted < DELETED_SHARE else None,
        )  # fmt: skip
        self.result.statuses.append(status)
        return status

    def _cross_post(self) -> None:
        originals = [p for p in self.world.posts if p.account.network == "x" and p.author is None]
        for original in sorted(originals, key=lambda p: (p.published_at, p.post_id)):
            dice = self.dice
            at = original.published_at + timedelta(seconds=dice.integer(60, 900))
            if not dice.chance(CROSS_POST_SHARE):
                continue
            status = self._post(
                BRAND_KEY, original.text, original.language, at,
                visibility=dice.weighted(BRAND_VISIBILITIES, BRAND_WEIGHTS), tags=(TAG,),
                link=f"{SHOP}{original.language}" if dice.chance(LINK_SHARE) else "",
            )  # fmt: skip
            self.own += [status] if status else []

    def _recent(self, at: datetime) -> MastodonStatus | None:
        """A status of the brand that everybody can see and still sees at that instant."""
        newest = bisect(self.own, at, key=lambda s: s.posted_at)
        oldest = bisect(self.own, at - VISIBLE_FOR, key=lambda s: s.posted_at)
        if newest == oldest:
            return None
        status = self.own[self.dice.integer(oldest, newest - 1)]
        is_there = status.deleted_at is None or status.deleted_at > at
        return status if is_there and status.visibility != "private" else None

    def _act(
        self, kind: str, author: str, at: datetime, *, status: int = 0, followed: str = ""
    ) -> None:
        """Add an act, perhaps undone later."""
        fate = self.dice.uniform()
        if at < self.end:
            undone = self._later(at) if fate < UNDONE_SHARE else None
            self.result.acts.append(MastodonAct(kind, author, at, status, followed, undone))

    def _follow(self, account: MastodonAccount) -> None:
        at = account.joined_at + timedelta(seconds=self.dice.integer(60, 86_400))
        is_fan, is_known = self.dice.chance(FOLLOW_SHARE), self.dice.chance(FOLLOW_BACK_SHARE)
        if is_fan and self._is_there(account, at):
            self._act("follow", account.key, at, followed=BRAND_KEY)
            if is_known:
                self._act("follow", BRAND_KEY, at + timedelta(hours=5), followed=account.key)

    def _is_there(self, account: MastodonAccount, at: datetime) -> bool:
        is_open = account.suspended_at is None or at < account.suspended_at
        return account.joined_at < at and is_open

    def _live(self, person: Person, account: MastodonAccount) -> None:
        """The weeks of one person: favourites, boosts, posts of its own, conversations."""
        drive = 0.5 * self.parameters.behaviour.confounding * person.affinity
        done: set[tuple[str, int]] = set()
        for week in range(person.enters_week, self.parameters.weeks):
            for _ in self._times(FAVOURITE_LOG_RATE + drive):
                at = self._moment(week)
                status, kind = self._recent(at), self._kind()
                if not status or not self._is_there(account, at) or (kind, status.number) in done:
                    continue
                done.add((kind, status.number))
                self._act(kind, account.key, at, status=status.number)
            for _ in self._times(REPLY_LOG_RATE + drive):
                at = self._moment(week)
                status = self._recent(at)
                if status and self._is_there(account, at):
                    self._converse(person, account, status, at)
            for _ in self._times(FAN_LOG_RATE + drive):
                at = self._moment(week)
                if self._is_there(account, at):
                    self._praise(person, account, at)

    def _times(self, log_rate: float) -> range:
        return range(self.dice.poisson(min(math.exp(log_rate), 4.0)))

    def _kind(self) -> str:
        return "boost" if self.dice.chance(BOOST_SHARE) else "favourite"

    def _moment(self, week: int) -> datetime:
        day = self.parameters.start_date + timedelta(days=7 * week + self.dice.integer(0, 6))
        return local_instant(day, self.dice.integer(8 * 3600, 23 * 3600 - 1))

    def _converse(
        self, person: Person, account: MastodonAccount, status: MastodonStatus, at: datetime
    ) -> None:
        """A reply below a status, perhaps a peer's favourite of it, and the brand's answer."""
        dice = self.dice
        topic = dice.weighted(TOPICS, TOPIC_WEIGHTS)
        asked = self._post(
            account.key, say(dice, person.language, topic, 0), person.language, at,
            visibility=dice.weighted(PEOPLE_VISIBILITIES, PEOPLE_WEIGHTS), parent=status,
            mentions=(BRAND_KEY,),
        )  # fmt: skip
        if not asked:
            return
        self._favoured(asked)
        if topic == "emoji" or not dice.chance(ANSWER_SHARE):
            return
        wait = timedelta(minutes=1 + round(dice.lognormal(ANSWER_MEDIAN_MINUTES, 1.0)))
        name = person.given_name if account.display_name else ""
        text, _ = answer(dice, person.language, topic, name)
        self._post(
            BRAND_KEY, text, person.language, at + wait, visibility=asked.visibility, parent=asked,
            mentions=(account.key,),
        )  # fmt: skip

    def _praise(self, person: Person, account: MastodonAccount, at: datetime) -> None:
        """A post of its own under the brand's tag; the brand boosts some."""
        text = say(self.dice, person.language, "praise", 0)
        status = self._post(account.key, text, person.language, at, tags=(TAG, "coffee"))
        if status:
            self._favoured(status)
            if self.dice.chance(BRAND_BOOST_SHARE):
                self._act("boost", BRAND_KEY, at + timedelta(hours=2), status=status.number)

    def _favoured(self, status: MastodonStatus) -> None:
        """Another person likes it; its server need not tell the brand's."""
        other, at = self.dice.pick(self.fans), status.posted_at + timedelta(minutes=40)
        is_liked = self.dice.chance(PEER_FAVOURITE_SHARE)
        is_visible = status.visibility in ("public", "unlisted") and status.author != other.key
        if is_liked and is_visible and self._is_there(other, at):
            self._act("favourite", other.key, at, status=status.number)
