"""Names of X: ids that grow with time and do not fit a double, and its two vocabularies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.world.conversations import ID_BASES
from pipelines.world.fakenet.facade import EPOCH
from pipelines.world.posts import ACCOUNT_OF
from pipelines.world.records import Message, Post, Reaction

BRAND = ACCOUNT_OF["x"]
BRAND_ID = BRAND.account_id
FIRST_MILLISECOND = 1_288_834_974_657  # of snowflake ids, since 1970
SEQUENCE_BITS = 22


def snowflake(instant: datetime, number: int) -> str:
    """An id of that instant; equal instants are told apart by the number."""
    milliseconds = (instant - EPOCH) // timedelta(milliseconds=1) - FIRST_MILLISECOND
    return str((milliseconds << SEQUENCE_BITS) | number % (1 << SEQUENCE_BITS))


def x_post_id(post: Post, at: datetime | None = None) -> str:
    """The id of a post; `at`: when it was edited, which made a new one."""
    return snowflake(at or post.published_at, 2 * int(post.post_id[-12:]))


def x_message_id(message: Message, at: datetime | None = None) -> str:
    """The id of a reply or mention; `at`: when it was edited."""
    return snowflake(at or message.sent_at, _message_number(message.message_id))


def x_unseen_id(message_id: str, before: datetime) -> str:
    """The id of a message that was gone before anybody looked: an hour before its answer."""
    return snowflake(before - timedelta(hours=1), _message_number(message_id))


def x_reaction_id(reaction: Reaction) -> str:
    """The id of a repost or quote."""
    return snowflake(reaction.reacted_at, (1 << 21) + int(reaction.reaction_id[1:]))


def _message_number(message_id: str) -> int:
    return 2 * ((int(message_id) - ID_BASES["x"]) // 1_000_003) + 1


@dataclass(frozen=True)
class Dialect:
    """One of the two vocabularies: that of the description, or that of the prose."""

    kind: str  # what it calls a post
    fields: str
    history: str
    referenced: str
    expansion: str  # that brings referenced posts along
    includes: str
    reposts: str
    posts: str  # how it counts a user's posts
    problems: str  # where its types of problems live


POST = Dialect(
    "post", "post.fields", "edit_history_post_ids", "referenced_posts", "referenced_posts", "posts",
    "repost_count", "post_count", "https://api.x.com/2/problems",
)  # fmt: skip
TWEET = Dialect(
    "tweet", "tweet.fields", "edit_history_tweet_ids", "referenced_tweets", "referenced_tweets.id",
    "tweets", "retweet_count", "tweet_count", "https://api.twitter.com/2/problems",
)  # fmt: skip
DIALECTS = {POST.kind: POST, TWEET.kind: TWEET}
