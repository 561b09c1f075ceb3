"""X: a brand's posts, what people answer, mention, quote and repost, and who follows.

accounts ─▶ timeline ─▶ posts ─┬─▶ conversations by search ─▶ answers (posts of others)
    │                          ├─▶ quotes (posts of others)
    │                          └─▶ reposts, likes ─▶ profiles
    ├─▶ mentions (posts of others) ─▶ profiles
    └─▶ followers

Loads: accounts, posts, reposts, likes, followers, profiles, and counters as observations.

Every object in an answer costs money: what is asked for must fit `usd_per_month` (and
`usd_per_run`) at its worst, pages shrink towards the end of the budget, and the night ends
`partial` when it is used up. Nothing is expanded: people are looked up once.

Idempotent: each version of a post lands once. An edit makes a new id: a post is known by its first
one, and its edits are versions. Posts of the last 7 days are read again each night, of 30 days once
a week; a known post that is missing then is looked up by id, every 28 days all of them are, and it
has ended when X says that it is gone or hidden.

Reads as an app. As a user (`refresh_token_file`) it also gets who liked, and what only the author
of a post sees.

Run it: `ROR_SOURCES=x`, `accounts` under `[sources.x]` in `.dlt/config.toml` and `access_token` in
`.dlt/secrets.toml`.
"""

from __future__ import annotations

from dataclasses import replace

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines.contract import ColumnType, PiiKind
from pipelines.errors import ExitCode, RorError
from pipelines.http import (
    Allowance,
    Budget,
    Limits,
    Origins,
    Rate,
    RateHeaders,
    ResetForm,
    Service,
    TokenProvider,
)  # fmt: skip
from pipelines.sources.spec import Absence, Field, Kind, Resource, Source, metrics_resource
from pipelines.sources.x_answers import classify
from pipelines.sources.x_dialect import DIALECTS
from pipelines.sources.x_people import (
    read_followers,
    read_likes,
    read_own_metrics,
    read_profiles,
    read_reposts,
)
from pipelines.sources.x_reads import lost_posts, probe, read_accounts, read_posts
from pipelines.sources.x_requests import NAME, REREAD
from pipelines.sources.x_token import app_token, user_token

T, TS, B, INT = ColumnType.TEXT, ColumnType.TIMESTAMP, ColumnType.BOOLEAN, ColumnType.INTEGER
WINDOW_SECONDS = 900
# Requests in a window with an app's and with a user's token.
LIMITS = {
    "tweets": (10_000, 900), "mentions": (450, 300), "search": (450, 300), "followers": (300, 300),
    "liking_users": (75, 75), "retweeted_by": (75, 75), "quote_tweets": (75, 75),
    "posts": (3_500, 5_000), "users": (300, 900),
}  # fmt: skip
MICRO = 1_000_000


@configspec
class XConfig(BaseConfiguration):
    """`accounts`: ids or handles of the brand. `access_token`: of an app, or `consumer_key` and
    `consumer_secret`. `refresh_token_file`: reads as a user instead, with `client_id` (and
    `client_secret`); each night replaces the token in it. `dialect`: post or tweet.

    `usd_per_month`, `usd_per_run`: what may be spent. `acts_days`: of posts how old reposts, likes
    and quotes are read. `followers_every_days`: 0 for never. `profiles`: look up who wrote.
    """

    accounts: list[str] = None  # type: ignore[assignment]  # dlt: None means required
    access_token: TSecretStrValue | None = None
    consumer_key: str = ""
    consumer_secret: TSecretStrValue | None = None
    refresh_token_file: str = ""
    client_id: str = ""
    client_secret: TSecretStrValue | None = None
    base_url: str = "https://api.x.com"
    dialect: str = "post"
    usd_per_month: float = 100.0
    usd_per_run: float | None = None
    acts_days: int = 30
    followers_every_days: int = 28
    census_every_days: int = 28
    profiles: bool = True


def service(config: XConfig) -> Service:
    """How the API is talked to. A window lasts 15 minutes, and its end is waited for."""
    is_user = bool(config.refresh_token_file)
    return Service(
        NAME,
        Origins(config.base_url),
        classify=classify,
        rates={name: Rate(limit[is_user], WINDOW_SECONDS) for name, limit in LIMITS.items()},
        read_rate=RateHeaders(
            "x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset",
            ResetForm.EPOCH_SECONDS,
        ),
        request_id_header="x-transaction-id",
        budget=Budget(
            _allowance(config.usd_per_run), _allowance(config.usd_per_month), shrink_page=True
        ),
        limits=replace(
            Limits(), single_wait_seconds=WINDOW_SECONDS + 60.0,
            waiting_seconds=4.0 * WINDOW_SECONDS, source_seconds=12.0 * WINDOW_SECONDS,
        ),
    )  # fmt: skip


def _allowance(dollars: float | None) -> Allowance:
    return Allowance() if dollars is None else Allowance(round(dollars * MICRO))


def token(config: XConfig) -> TokenProvider:
    """A user's token where there is a file with one, else the app's. Exit 77 without, 78 for an
    unknown dialect.
    """
    if config.dialect not in DIALECTS:
        why, hint = f"dialect is one of {', '.join(DIALECTS)}", "correct it, then ror doctor"
        raise RorError("settings", "sources.x", why, hint, ExitCode.CONFIGURATION)
    if config.refresh_token_file:
        return user_token(
            config.base_url, config.refresh_token_file, config.client_id, config.client_secret
        )
    return app_token(
        config.base_url, config.access_token, config.consumer_key, config.consumer_secret
    )


PERSON = Field("actor_id", T, "Person who did it.", ("id",), True, PiiKind.PROFILE)
# Of objects, what is read elsewhere or names people.
ASIDE = frozenset(
    {"entities", "edit_controls", "public_metrics", "includes", "author_id", "possibly_sensitive"}
)

X = Source(
    name=NAME,
    title="X",
    version="2 (description 2.167, both vocabularies)",
    config=XConfig,
    service=service,
    token=token,
    probe=probe,
    window=REREAD,
    verified_with="FakeNet, which X's own client reads",
    gives_not=(
        "when somebody followed, reposted or liked: the night that first saw it stands in",
        "who liked, with an app's token; there the counter is all",
        "that a like or repost was taken back: lists leave out the protected and the older ones",
        "answers that do not name the account, when they are older than 7 days",
        "posts before the newest 3,200, mentions before the newest 800, direct messages",
        "what was spent by X's own account: the same object twice in a day is counted twice here",
    ),
    resources=(
        Resource(
            "accounts", "account of the brand", Kind.STATE, ("id",),
            (
                Field("id", T, "Id of the account.", (), True),
                Field("username", T, "Handle of the brand.", (), True),
                Field("name", T, "Name shown."),
                Field("created_at", TS, "When it was made."),
            ),
            read_accounts,
            counters={
                "followers": ("public_metrics", "followers_count"),
                "following": ("public_metrics", "following_count"),
                "posts": ("public_metrics", "post_count"),
                "listed": ("public_metrics", "listed_count"),
            },
            has_payload=False,
        ),
        Resource(
            "posts", "post of the account, or of somebody who answers, names or quotes it",
            Kind.VERSION, ("first_id",),
            (
                Field("first_id", T, "Id before all edits.", (), True),
                Field("id", T, "Id after the last edit.", (), True),
                Field("edit_history", T, "JSON list of all its ids, oldest first."),
                Field("created_at", TS, "When this version was written.", (), True),
                Field("author_id", T, "Who wrote it.", (), True, PiiKind.PROFILE),
                Field("is_own", B, "Written by the account itself.", (), True),
                Field("is_at_account", B, "By others, answers or names the account on purpose."),
                Field("text", T, "Text of the post."),
                Field("lang", T, "Language as the network sees it."),
                Field("conversation_id", T, "First post of the conversation."),
                Field("replied_to_id", T, "Post it answers."),
                Field("quoted_id", T, "Post it quotes."),
                Field("reposted_id", T, "Post it repeats."),
                Field(
                    "in_reply_to_user_id", T, "Whom it answers.", pii=PiiKind.PROFILE,
                ),
            ),
            read_posts,
            version_at="created_at",
            counters={
                "replies": ("public_metrics", "reply_count"),
                "reposts": ("public_metrics", "repost_count"),
                "likes": ("public_metrics", "like_count"),
                "quotes": ("public_metrics", "quote_count"),
                "bookmarks": ("public_metrics", "bookmark_count"),
                "impressions": ("public_metrics", "impression_count"),
            },
            absence=Absence.LOOKUP,
            lookup=lost_posts,
            private=ASIDE,
        ),
        Resource(
            "reposts", "repost of an own post", Kind.STATE, ("post_id", "actor_id"),
            (Field("post_id", T, "Own post, by its first id.", (), True), PERSON),
            read_reposts, has_payload=False,
        ),
        Resource(
            "likes", "like of an own post", Kind.STATE, ("post_id", "actor_id"),
            (Field("post_id", T, "Own post, by its first id.", (), True), PERSON),
            read_likes, has_payload=False,
        ),
        Resource(
            "followers", "follower of an account", Kind.STATE, ("followed_id", "actor_id"),
            (Field("followed_id", T, "Account that is followed.", (), True), PERSON),
            read_followers, absence=Absence.ENDS, has_payload=False,
        ),
        Resource(
            "profiles", "person who did something", Kind.STATE, ("id",),
            (
                Field("id", T, "Id of the person; never changes.", (), True, PiiKind.PROFILE),
                Field("username", T, "Handle; may change.", pii=PiiKind.PROFILE),
                Field("name", T, "Name shown.", pii=PiiKind.PERSON_NAME),
                Field("created_at", TS, "When the account was made."),
                Field("verified", B, "The network verified the profile."),
                Field("is_protected", B, "Shows posts to followers only.", ("protected",)),
                Field(
                    "follower_count", INT, "Followers.", ("public_metrics", "followers_count"),
                    is_volatile=True,
                ),
                Field(
                    "following_count", INT, "Accounts followed.",
                    ("public_metrics", "following_count"), is_volatile=True,
                ),
            ),
            read_profiles, has_payload=False,
        ),
        metrics_resource(read_own_metrics),
    ),
)  # fmt: skip
