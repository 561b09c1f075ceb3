"""Clicks and visits: chains of channels before orders, mere browsing, and unknown visitors."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import WorldParameters, local_instant
from pipelines.world.posts import Timeline, campaign_of
from pipelines.world.records import Click, Order, Person, Post

CHANNELS = (
    "newsletter", "paid_social", "paid_search", "organic_social", "organic_search", "referral",
    "direct",
)  # fmt: skip
CLICK_KINDS = {"newsletter": "email_click", "paid_social": "ad_click", "paid_search": "ad_click"}
SOCIAL = ("paid_social", "organic_social")
# Markov chain of touches: where people start, where they go next; the rest to 1 ends the chain.
FIRST = (0.12, 0.20, 0.14, 0.20, 0.22, 0.07, 0.05)
NEXT = {
    "newsletter": (0.20, 0.05, 0.03, 0.05, 0.05, 0.02, 0.25),
    "paid_social": (0.12, 0.15, 0.08, 0.10, 0.10, 0.05, 0.10),
    "paid_search": (0.10, 0.05, 0.10, 0.05, 0.10, 0.03, 0.17),
    "organic_social": (0.15, 0.08, 0.05, 0.15, 0.10, 0.07, 0.12),
    "organic_search": (0.15, 0.06, 0.08, 0.08, 0.10, 0.03, 0.15),
    "referral": (0.10, 0.05, 0.05, 0.10, 0.10, 0.05, 0.15),
    "direct": (0.10, 0.03, 0.03, 0.05, 0.05, 0.02, 0.17),
}
LONGEST_CHAIN = 6
BROWSE_PER_WEEK, UNKNOWN_PER_PERSON = 0.08, 1.2
PROFILE_KNOWN_SHARE, CONTACT_KNOWN_SHARE = 0.7, 0.65
MEDIAN_GAP_HOURS, GAP_SIGMA = 50.0, 1.0


class Web:
    """Generates all clicks of a world."""

    def __init__(
        self, parameters: WorldParameters, people: tuple[Person, ...], posts: tuple[Post, ...],
        orders: tuple[Order, ...]
    ) -> None:  # fmt: skip
        self.parameters, self.people = parameters, people
        self.dice = Dice(parameters.seed, "clicks")
        self.timeline = Timeline(posts)
        self.orders: dict[str, list[Order]] = defaultdict(list)
        for order in orders:
            self.orders[order.person_id].append(order)
        self.clicks: list[Click] = []

    def run(self) -> tuple[Click, ...]:
        """All clicks, by person; unknown visitors last."""
        for person in self.people:
            if person.is_bot:
                continue
            for order in self.orders[person.person_id]:
                self._chain_to(person, order.ordered_at)
            for week in range(person.enters_week, self.parameters.weeks):
                if self.dice.chance(BROWSE_PER_WEEK):
                    channel = self.dice.weighted(CHANNELS, FIRST)
                    self._touch(person, channel, self._moment(7 * week + 1, 7 * week + 6))
        for _ in range(round(UNKNOWN_PER_PERSON * len(self.people))):
            channel = self.dice.weighted(CHANNELS, FIRST)
            self._touch(None, channel, self._moment(0, 7 * self.parameters.weeks - 1))
        return tuple(self.clicks)

    def _moment(self, first_day: int, last_day: int) -> datetime:
        day = self.parameters.start_date + timedelta(days=self.dice.integer(first_day, last_day))
        return local_instant(day, self.dice.integer(7 * 3600, 23 * 3600))

    def _chain_to(self, person: Person, ordered_at: datetime) -> None:
        """The touches before an order; drawn forwards by channel, placed backwards in time."""
        chain = [self.dice.weighted(CHANNELS, FIRST)]
        while len(chain) < LONGEST_CHAIN:
            weights = NEXT[chain[-1]]
            following = self.dice.weighted((*CHANNELS, ""), (*weights, 1 - sum(weights)))
            if not following:
                break
            chain.append(following)
        at = ordered_at - timedelta(seconds=self.dice.integer(60, 3600))
        for channel in reversed(chain):
            self._touch(person, channel, at)
            hours = self.dice.lognormal(MEDIAN_GAP_HOURS, GAP_SIGMA)
            at -= timedelta(seconds=round(hours * 3600))

    def _touch(self, person: Person | None, channel: str, at: datetime) -> None:
        if not self.parameters.starts_at <= at < self.parameters.as_of:
            return
        profile = self.dice.pick(person.profiles) if person and person.profiles else None
        post = (
            self.timeline.recent(self.dice, profile.network if profile else "facebook", at)
            if channel == "organic_social"
            else None
        )
        email, contact_id, handle = "", "", ""
        if person and channel == "newsletter":
            email = person.email
        elif channel in SOCIAL and profile and self.dice.chance(PROFILE_KNOWN_SHARE):
            handle = f"{profile.network}|{profile.handle}"
        elif person and person.contacts and self.dice.chance(CONTACT_KNOWN_SHARE):
            contact_id = person.contacts[0].contact_id
        day_index = (at - self.parameters.starts_at).days
        self.clicks.append(
            Click(
                f"c{len(self.clicks) + 1:08d}", channel,
                campaign_of(day_index) if channel in ("newsletter", "paid_social",
                "paid_search") else "",
                CLICK_KINDS.get(channel, "web_visit"), at, email, contact_id, handle,
                post.post_id if post else "", person.person_id if person else "",
            )
        )  # fmt: skip
