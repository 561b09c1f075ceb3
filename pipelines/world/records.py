"""What a world is made of: plain records, times in UTC, money in integer minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Profile:
    """A person's profile on one network."""

    profile_id: str
    network: str
    handle: str
    display_name: str
    email: str
    follower_count: int
    following_count: int
    updated_at: datetime


@dataclass(frozen=True)
class Contact:
    """A CRM record of a person; one person may have two."""

    contact_id: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    social_profiles: tuple[str, ...]
    company_id: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Person:
    """One true person (or bot) with all that sources know about it under different identifiers.

    `affinity`: standard normal, drives talking and buying. `enters_week`: index of its first week.
    """

    person_id: str
    given_name: str
    family_name: str
    language: str
    country: str
    email: str
    affinity: float
    enters_week: int
    is_buyer: bool
    is_bot: bool
    pays_in: str
    profiles: tuple[Profile, ...]
    contacts: tuple[Contact, ...]


@dataclass(frozen=True)
class Company:
    """A firm in the CRM."""

    company_id: str
    name: str
    domain: str
    size_band: str
    industry: str


@dataclass(frozen=True)
class ContactMerge:
    """Two CRM records of one person that the CRM merged."""

    loser_id: str
    winner_id: str
    merged_at: datetime


@dataclass(frozen=True)
class Account:
    """A profile of the brand."""

    account_id: str
    network: str
    handle: str
    name: str


@dataclass(frozen=True)
class Agent:
    """Who answers for the brand, with lognormal response times: median in minutes, sigma."""

    agent_id: str
    role: str
    is_bot: bool
    active_from: date
    active_to: date | None
    median_minutes: float
    sigma: float


@dataclass(frozen=True)
class Post:
    """A post by the brand (`author` is None) or by a person about it."""

    post_id: str
    account: Account
    author: Profile | None
    kind: str
    published_at: datetime
    language: str
    text: str
    campaign: str
    is_paid: bool
    is_boosted: bool


@dataclass(frozen=True)
class Message:
    """One message; `author` is None for the brand, `parent_id` may name one nobody exported."""

    message_id: str
    account: Account
    kind: str
    thread_id: str
    parent_id: str
    post_id: str
    author: Profile | None
    addressee: Profile | None
    direction: str
    is_automated: bool
    agent_id: str
    sent_at: datetime
    text: str
    language: str
    rating: int | None = None
    edited_at: datetime | None = None


@dataclass(frozen=True)
class Turn:
    """The truth about what one person said at one moment, and how the brand answered.

    `needs_reply`: meaningful, addressed to the brand, no acknowledgement, not by a bot.
    `answered_at`: first human reply before the end of the history; None: none.
    """

    person_id: str
    network: str
    thread_id: str
    topic: str
    opened_at: datetime
    message_ids: tuple[str, ...]
    needs_reply: bool
    bot_answered_at: datetime | None
    answered_at: datetime | None
    agent_id: str
    is_named: bool


@dataclass(frozen=True)
class Reaction:
    """A reaction of a person."""

    reaction_id: str
    network: str
    act: str
    profile: Profile
    account_id: str
    target_kind: str
    target_id: str
    reacted_at: datetime


@dataclass(frozen=True)
class PostObservation:
    """Lifetime figures of a post as read on one date; None: the network did not report it."""

    post: Post
    observed_on: date
    values: dict[str, int | None]


@dataclass(frozen=True)
class Order:
    """An order. The shop knows the buyer by `contact_id`, by `email`, or by both."""

    order_id: str
    person_id: str
    contact_id: str
    email: str
    ordered_at: datetime
    status: str
    gross_minor: int
    tax_minor: int
    shipping_minor: int
    discount_minor: int
    currency: str
    coupon_code: str
    item_count: int

    @property
    def net_minor(self) -> int:
        """Gross less discount, without tax and shipping."""
        return self.gross_minor - self.discount_minor

    @property
    def counts(self) -> bool:
        """Is revenue: neither cancelled nor a test."""
        return self.status not in ("cancelled", "test")


@dataclass(frozen=True)
class Refund:
    """Money paid back."""

    refund_id: str
    order: Order
    refunded_at: datetime
    amount_minor: int


@dataclass(frozen=True)
class Click:
    """A touch; the link knows at most one of e-mail, contact, profile; `person_id` is the truth."""

    click_id: str
    channel: str
    campaign: str
    kind: str
    clicked_at: datetime
    email: str
    contact_id: str
    profile: str
    post_id: str
    person_id: str


@dataclass(frozen=True)
class DealState:
    """A deal from `since` on, until its next state."""

    stage: str
    amount_minor: int
    since: datetime


@dataclass(frozen=True)
class Deal:
    """A deal with its whole history, oldest state first."""

    deal_id: str
    company: Company
    owner_id: str
    product: str
    states: tuple[DealState, ...]
    contacts: tuple[tuple[str, str, float], ...]  # contact id, role, weight


@dataclass(frozen=True)
class Cost:
    """A cost of the brand."""

    cost_id: str
    kind: str
    channel: str
    account_id: str
    campaign: str
    cost_date: date
    minutes: int | None
    amount_minor: int
