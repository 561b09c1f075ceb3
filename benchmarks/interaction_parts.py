"""Parts of the generated interactions: vocabularies, ids, people, orders, reactions, posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

from pipelines.world.texts import BOOKS, COFFEES

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Columns = dict[str, pa.Array]

NETWORKS = pa.array(["x", "instagram", "facebook", "linkedin"])
KINDS = pa.array(["comment", "mention", "dm", "reply"])
DIRECTIONS = pa.array(["inbound", "outbound"])
ACTS = pa.array(["like", "love", "share", "save", "follow"])
LANGUAGES = ("it", "en", "ru")
ACCOUNT_COUNT, AGENT_COUNT = 20, 40
POOL = 20_000  # ready texts per language and side; two are joined, so that few texts are equal
SKEW = 2.5  # exponent: a few people write much, most write little
MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Size:
    """How many of everything belong to that many interactions."""

    interactions: int

    @property
    def messages(self) -> int:
        """95 %."""
        return self.interactions * 95 // 100

    @property
    def posts(self) -> int:
        """1 %."""
        return max(ACCOUNT_COUNT, self.interactions // 100)

    @property
    def reactions(self) -> int:
        """The rest."""
        return self.interactions - self.messages - self.posts

    @property
    def people(self) -> int:
        """200,000 at five million."""
        return max(10, self.interactions // 25)

    @property
    def orders(self) -> int:
        """300,000 at five million."""
        return max(10, self.interactions * 6 // 100)


def skewed(rng: np.random.Generator, count: int, size: int) -> Ints:
    """Indexes below `count`, low ones much more often."""
    return (count * rng.random(size) ** SKEW).astype(np.int64)


def only_where(values: pa.Array, condition: Bools) -> pa.Array:
    """The values where the condition holds, else NULL."""
    return pc.if_else(pa.array(condition), values, pa.scalar(None, values.type))


def instants(seconds: Ints) -> pa.Array:
    """UTC instants from seconds since 1970."""
    return pa.array(seconds * MICROSECONDS).cast(pa.timestamp("us", tz="UTC"))


def times(rng: np.random.Generator, size: int, begin: datetime, end: datetime) -> pa.Array:
    """Even instants in [begin, end)."""
    return instants(rng.integers(int(begin.timestamp()), int(end.timestamp()), size))


def post_of(slot: Ints, person: Ints) -> Ints:
    """The post of the person's network in a slot: posts are dealt to the networks in turn."""
    return slot * 4 + person % 4


def account_ids(account: Ints) -> pa.Array:
    """Ids of the brand's accounts."""
    return pa.array(9_100_000_000_000_000 + account).cast(pa.string())


def profile_ids(person: Ints) -> pa.Array:
    """Ids of people's profiles; everybody is on one network."""
    return pa.array(17_000_000_000_000_000 + person * 1_009).cast(pa.string())


def post_ids(post: Ints) -> pa.Array:
    """Ids of posts."""
    return pa.array(7_000_000_000_000 + post).cast(pa.string())


def agent_ids(rng: np.random.Generator, is_automated: Bools) -> pa.Array:
    """Staff; index 0 is the bot."""
    names = pa.array(["agent-bot", *(f"agent-{n}" for n in range(1, AGENT_COUNT + 1))])
    return names.take(
        pa.array(np.where(is_automated, 0, rng.integers(1, AGENT_COUNT + 1, len(is_automated))))
    )


@cache
def _pool(is_outbound: bool) -> pa.Array:
    """Texts of all languages in a row, `POOL` of each, one to three sentences."""
    rng = np.random.default_rng(int(is_outbound))
    texts: list[str] = []
    for language in LANGUAGES:
        book = BOOKS[language]
        said = (*book.questions, *book.complaints, *book.praises, *book.follow_ups)
        answers = tuple(a for group in book.answers.values() for a in group)
        phrases = answers if is_outbound else said
        for count in rng.integers(1, 4, POOL):
            chosen = [phrases[i] for i in rng.integers(0, len(phrases), count)]
            coffee = COFFEES[int(rng.integers(0, len(COFFEES)))]
            texts.append(" ".join(chosen).replace("{coffee}", coffee))
    return pa.array(texts)


def texts(rng: np.random.Generator, person: Ints, is_outbound: Bools) -> pa.Array:
    """Texts in the person's language; every third has a second part."""
    offset = person % len(LANGUAGES) * POOL
    index = [pa.array(offset + rng.integers(0, POOL, len(person))) for _ in range(3)]
    first = pc.if_else(
        pa.array(is_outbound), _pool(True).take(index[0]), _pool(False).take(index[1])
    )
    longer = pc.binary_join_element_wise(first, _pool(False).take(index[2]), " ")
    return pc.if_else(pa.array(rng.random(len(person)) < 1 / 3), longer, first)


def write_people(drop: Path, size: Size, start: datetime, end: datetime) -> None:
    """Accounts, agents, profiles, contacts, orders, refunds."""
    rng = np.random.default_rng([size.interactions, 2])
    person = np.arange(size.people)
    number = pa.array(person).cast(pa.string())
    account = np.arange(ACCOUNT_COUNT)
    accounts = {
        "account_id": account_ids(account),
        "network": NETWORKS.take(pa.array(account % 4)),
        "handle": pa.array([f"brand{n}" for n in account]),
        "brand_id": pa.array(["brand"] * ACCOUNT_COUNT),
    }
    agents = ["agent-bot", *(f"agent-{n}" for n in range(1, AGENT_COUNT + 1))]
    handles = pc.binary_join_element_wise("person", number, "_")
    emails = pc.binary_join_element_wise("person", number, "@mail.example", "")
    joined = times(rng, size.people, start, end)
    network = NETWORKS.take(pa.array(person % 4))
    given = pa.array(BOOKS["en"].given_names).take(pa.array(person % 22))
    contact_ids = pc.binary_join_element_wise("K", number, "")
    profiles = {
        "profile_id": profile_ids(person),
        "network": network,
        "handle": handles,
        "display_name": given,
        "updated_at": joined,
    }
    contacts = {
        "contact_id": contact_ids,
        "emails": emails,
        "given_name": given,
        "social_profiles": only_where(
            pc.binary_join_element_wise(network, handles, "|"), rng.random(size.people) < 0.6
        ),
        "created_at": joined,
        "updated_at": joined,
    }
    _write(drop, "accounts", accounts)
    _write(
        drop,
        "agents",
        {"agent_id": pa.array(agents), "is_bot": pa.array([n == "agent-bot" for n in agents])},
    )
    _write(drop, "profiles", profiles)
    _write(drop, "contacts", contacts)
    _write_orders(drop, rng, size, (contact_ids, emails), (start, end))


def _write_orders(
    drop: Path, rng: np.random.Generator, size: Size, buyers: tuple[pa.Array, pa.Array],
    span: tuple[datetime, datetime]
) -> None:  # fmt: skip
    buyer = pa.array(skewed(rng, size.people, size.orders))
    cents = rng.lognormal(np.log(3_500), 0.6, size.orders).astype(np.int64) + 100
    order_ids = pc.binary_join_element_wise(
        "O", pa.array(np.arange(size.orders)).cast(pa.string()), ""
    )
    ordered_at = times(rng, size.orders, *span)
    euros = pa.repeat(pa.scalar("EUR"), size.orders)
    orders = {
        "order_id": order_ids,
        "contact_id": buyers[0].take(buyer),
        "email": buyers[1].take(buyer),
        "ordered_at": ordered_at,
        "status": pa.repeat(pa.scalar("paid"), size.orders),
        "gross_minor": _money(cents),
        "discount_minor": _money(cents // 20),
        "currency": euros,
    }
    chosen = pa.array(np.flatnonzero(rng.random(size.orders) < 0.02))
    refunds = {
        "refund_id": pc.binary_join_element_wise("R", order_ids.take(chosen), ""),
        "order_id": order_ids.take(chosen),
        "refunded_at": ordered_at.take(chosen),
        "amount_minor": _money(cents // 2).take(chosen),
        "currency": euros.take(chosen),
    }
    _write(drop, "orders", orders)
    _write(drop, "refunds", refunds)


def _money(minor: Ints) -> pa.Array:
    """Major units as exact decimals, as a shop's export holds them."""
    return pc.multiply(
        pa.array(minor).cast(pa.decimal128(19, 0)), pa.scalar("0.01").cast(pa.decimal128(3, 2))
    )


def write_reactions_and_posts(drop: Path, size: Size, start: datetime, end: datetime) -> None:
    """Posts of the accounts and reactions to them."""
    rng = np.random.default_rng([size.interactions, 3])
    post = np.arange(size.posts)
    account = post % ACCOUNT_COUNT
    published = times(rng, size.posts, start, end)
    posts = {
        "post_id": post_ids(post),
        "network": NETWORKS.take(pa.array(account % 4)),
        "account_id": account_ids(account),
        "author_profile_id": account_ids(account),
        "post_kind": pa.repeat(pa.scalar("post"), size.posts),
        "published_at": published.take(pc.array_sort_indices(published)),
        "text": texts(rng, post, np.ones(size.posts, np.bool_)),
    }
    person = skewed(rng, size.people, size.reactions)
    target = post_of(rng.integers(0, size.posts // 4, size.reactions), person)
    reactions = {
        "reaction_id": pa.array(np.arange(size.reactions)).cast(pa.string()),
        "network": NETWORKS.take(pa.array(person % 4)),
        "act": ACTS.take(pa.array(rng.integers(0, len(ACTS), size.reactions))),
        "profile_id": profile_ids(person),
        "account_id": account_ids(target % ACCOUNT_COUNT),
        "target_kind": pa.repeat(pa.scalar("post"), size.reactions),
        "target_id": post_ids(target),
        "reacted_at": times(rng, size.reactions, start, end),
    }
    _write(drop, "posts", posts)
    _write(drop, "reactions", reactions)


def _write(drop: Path, feed: str, columns: Columns) -> None:
    folder = drop / feed
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / f"{feed}.parquet", row_group_size=100_000)


BRAND_SEED = (
    "brand_id,name,time_zone,base_currency,margin_rate,is_default\n"
    "brand,Brand,Europe/Rome,EUR,0.35,true\n"
)
FEEDS = {
    "accounts": "account_id network handle brand_id",
    "agents": "agent_id is_bot",
    "profiles": "profile_id network handle display_name updated_at",
    "contacts": "contact_id emails given_name social_profiles created_at updated_at",
    "orders": "order_id contact_id email ordered_at status gross_minor discount_minor currency",
    "refunds": "refund_id order_id refunded_at amount_minor currency",
    "posts": "post_id network account_id author_profile_id post_kind published_at text",
    "reactions": "reaction_id network act profile_id account_id target_kind target_id reacted_at",
    "messages": "message_id network message_kind thread_id parent_message_id post_id"
    " author_profile_id to_profile_id account_id direction is_public is_automated agent_id sent_at"
    " text updated_at",
}  # fmt: skip


def write_feeds_and_seeds(home: Path) -> None:
    """Feeds whose headers are the contract's columns, and a brand with zone and currency."""
    for folder in ("feeds", "seeds"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    for name, headers in FEEDS.items():
        entity = {"entity": name, "columns": {header: header for header in headers.split()}}
        feed = {"feed": name, "format": "parquet", "mode": "append", "entities": [entity]}
        text = yaml.safe_dump(feed, sort_keys=False)
        (home / "feeds" / f"{name}.yml").write_text(text, encoding="utf-8")
    (home / "seeds" / "brands.csv").write_text(BRAND_SEED, encoding="utf-8")
