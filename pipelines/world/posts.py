"""What the brand broadcasts, and what some people post about it."""

from __future__ import annotations

from bisect import bisect
from datetime import datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import NETWORKS, WorldParameters, local_instant
from pipelines.world.people import LANGUAGE_WEIGHTS, LANGUAGES
from pipelines.world.records import Account, Person, Post, Profile
from pipelines.world.texts import BOOKS, COFFEES

ACCOUNTS = tuple(
    Account(str(9_100_000_000_000_000 + index), network, "beanandbond", "Bean & Bond")
    for index, network in enumerate(NETWORKS)
)
ACCOUNT_OF = {account.network: account for account in ACCOUNTS}
KINDS = {
    "x": ("post", "post", "thread"),
    "instagram": ("post", "reel", "story"),
    "facebook": ("post", "video", "article"),
}
# Campaigns last six weeks and follow one another without a gap.
CAMPAIGNS, CAMPAIGN_WEEKS = ("winter_roast", "spring_blend", "moka_month", "summer_cold_brew"), 6
VISIBLE_FOR = timedelta(days=6)
POST_SHARE_PER_DAY = 0.55  # of days with a post, per account
PAID_SHARE, BOOSTED_SHARE, CAMPAIGN_SHARE, FAN_POST_SHARE = 0.10, 0.08, 0.35, 0.06


class Timeline:
    """The brand's posts by network and time."""

    def __init__(self, posts: tuple[Post, ...]) -> None:
        self.posts: dict[str, list[Post]] = {network: [] for network in NETWORKS}
        for post in sorted(posts, key=lambda p: (p.published_at, p.post_id)):
            if post.author is None:
                self.posts[post.account.network].append(post)

    def recent(self, dice: Dice, network: str, instant: datetime) -> Post | None:
        """A post that people still see at that instant; None when the brand was silent."""
        posts = self.posts[network]
        newest = bisect(posts, instant, key=lambda p: p.published_at)
        oldest = bisect(posts, instant - VISIBLE_FOR, key=lambda p: p.published_at)
        return posts[dice.integer(oldest, newest - 1)] if newest > oldest else None


def campaign_of(day_index: int) -> str:
    """The campaign that runs on a day of the history; 0 is its first day."""
    return CAMPAIGNS[day_index // (7 * CAMPAIGN_WEEKS) % len(CAMPAIGNS)]


def fill(template: str, dice: Dice) -> str:
    """A phrase with a product in its gap."""
    return template.replace("{coffee}", dice.pick(COFFEES))


def publish_posts(parameters: WorldParameters, people: tuple[Person, ...]) -> tuple[Post, ...]:
    """All posts of the history, by account and time."""
    dice = Dice(parameters.seed, "posts")
    fans = [(p, profile) for p in people if not p.is_bot for profile in p.profiles]
    posts: list[Post] = []
    for account in ACCOUNTS:
        local_fans = [(p, profile) for p, profile in fans if profile.network == account.network]
        for day_index in range(7 * parameters.weeks):
            number = len(posts) + 1
            if dice.chance(POST_SHARE_PER_DAY):
                posts.append(_brand_post(dice, parameters, account, day_index, number))
            elif local_fans and dice.chance(FAN_POST_SHARE):
                person, profile = dice.pick(local_fans)
                if person.enters_week * 7 < day_index:
                    posts.append(
                        _fan_post(dice, parameters, account, day_index, number, person, profile)
                    )
    return tuple(posts)


def _post_id(account: Account, number: int) -> str:
    return f"{account.account_id[-2:]}7{number:012d}"


def _brand_post(
    dice: Dice, parameters: WorldParameters, account: Account, day_index: int, number: int
) -> Post:
    language = dice.weighted(LANGUAGES, LANGUAGE_WEIGHTS)
    in_campaign = dice.chance(CAMPAIGN_SHARE)
    is_paid = in_campaign and dice.chance(PAID_SHARE / CAMPAIGN_SHARE)
    return Post(
        _post_id(account, number), account, None, dice.pick(KINDS[account.network]),
        local_instant(
            parameters.start_date + timedelta(days=day_index), dice.integer(8 * 60, 20 * 60) * 60
        ),
        language, fill(dice.pick(BOOKS[language].posts), dice),
        campaign_of(day_index) if in_campaign else "", is_paid,
        not is_paid and dice.chance(BOOSTED_SHARE),
    )  # fmt: skip


def _fan_post(
    dice: Dice, parameters: WorldParameters, account: Account, day_index: int, number: int,
    person: Person, profile: Profile,
) -> Post:  # fmt: skip
    published_at = local_instant(
        parameters.start_date + timedelta(days=day_index), dice.integer(9 * 60, 22 * 60) * 60
    )
    text = fill(dice.pick(BOOKS[person.language].fan_posts), dice)
    return Post(
        _post_id(account, number), account, profile, "post", published_at, person.language, text,
        "", False, False
    )  # fmt: skip
