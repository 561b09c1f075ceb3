"""Bluesky: a brand's posts, what people reply, like, repost and quote, and who follows.

accounts ─▶ author feed ─▶ posts ─┬─▶ threads ─▶ replies (posts of others)
                                  ├─▶ likes, reposts ─▶ profiles
                                  └─▶ quotes (posts of others)        accounts ─▶ followers

Loads: accounts, posts, likes, reposts, followers, profiles, and counters as observations.

Idempotent: a row lands when it differs from the newest landed row of its object, so a night that is
repeated lands nothing. Posts of the last 14 days are read again each night, all of them every 28
days; a post that is missing then and that the server denies has ended.

A client may claim any `createdAt`: time is when the network saw the post (`indexedAt`).

Run it: `ROR_SOURCES=bluesky`, and `accounts` under `[sources.bluesky]` in `.dlt/config.toml`.
"""

from __future__ import annotations

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines.contract import ColumnType, PiiKind
from pipelines.http import (
    Anonymous,
    Exchange,
    Gone,
    Origins,
    Outcome,
    Rate,
    RateHeaders,
    RefreshAuth,
    ResetForm,
    Secret,
    Service,
    SessionToken,
    TokenProvider,
    default_outcome,
)  # fmt: skip
from pipelines.sources.bluesky_reads import (
    NAME,
    REREAD,
    lost_posts,
    probe,
    read_accounts,
    read_followers,
    read_likes,
    read_posts,
    read_reposts,
)  # fmt: skip
from pipelines.sources.spec import Absence, Field, Kind, Resource, Source, metrics_resource

T, TS = ColumnType.TEXT, ColumnType.TIMESTAMP


@configspec
class BlueskyConfig(BaseConfiguration):
    """`accounts`: handles or DIDs of the brand. `app_password`: reads as the first of them, for
    servers that do not answer the public.
    """

    accounts: list[str] = None  # type: ignore[assignment]  # dlt: None means required
    base_url: str = "https://public.api.bsky.app"
    app_password: TSecretStrValue | None = None


def service(config: BlueskyConfig) -> Service:
    """How the AppView is talked to."""
    return Service(
        NAME,
        Origins(config.base_url),
        classify=classify,
        rates={"": Rate(3000, 300)},
        read_rate=RateHeaders(
            "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", ResetForm.EPOCH_SECONDS
        ),
    )


def token(config: BlueskyConfig) -> TokenProvider:
    """A session where there is a password, else none."""
    if not config.app_password:
        return Anonymous()
    return SessionToken(
        f"{config.base_url}/xrpc/com.atproto.server.createSession",
        {"identifier": config.accounts[0], "password": Secret(str(config.app_password))},
        "accessJwt",
    )


def classify(exchange: Exchange) -> Outcome:
    """XRPC errors: an expired token and an object that is gone both come as status 400."""
    reply = exchange.reply
    if reply is not None and reply.status in (400, 401) and isinstance(reply.payload, dict):
        error = str(reply.payload.get("error", ""))
        message = str(reply.payload.get("message", ""))
        if error in ("ExpiredToken", "InvalidToken"):
            return RefreshAuth()
        is_gone = error in ("NotFound", "AccountDeactivated", "AccountTakedown", "RepoNotFound")
        if exchange.request.object_id and (is_gone or message.endswith("not found")):
            return Gone((exchange.request.object_id,))
    return default_outcome(exchange)


ACTOR = Field("actor_did", T, "Person who did it.", ("actor", "did"), True, PiiKind.PROFILE)
POST_URI = Field("post_uri", T, "Post that it was done to.", (), True)
PROFILE_FIELDS = (
    Field("did", T, "Decentralised identifier; never changes.", (), True, PiiKind.PROFILE),
    Field("handle", T, "Handle; may change.", pii=PiiKind.PROFILE),
    Field("display_name", T, "Name shown.", ("displayName",), pii=PiiKind.PERSON_NAME),
    Field("created_at", TS, "When the account was made.", ("createdAt",)),
)
ASIDE = frozenset(
    {"avatar", "banner", "viewer", "associated", "labels", "verification", "pinnedPost"}
)
LIKED_AT = Field("liked_at", TS, "When the network saw it.", ("indexedAt",), True)
ROOT_URI = Field("root_uri", T, "First post of the thread.", ("record", "reply", "root", "uri"))

BLUESKY = Source(
    name=NAME,
    title="Bluesky",
    version="app.bsky (XRPC, additive)",
    config=BlueskyConfig,
    service=service,
    token=token,
    probe=probe,
    window=REREAD,
    verified_with="FakeNet, which the atproto client reads and the published lexicons describe",
    gives_not=(
        "when somebody followed or reposted: the night that first saw it stands in",
        "impressions, reach and clicks",
        "mentions outside the brand's threads and quotes, without a session",
    ),
    resources=(
        Resource(
            "accounts", "profile of the brand", Kind.STATE, ("did",),
            (
                Field("did", T, "Decentralised identifier.", (), True),
                Field("handle", T, "Handle of the brand."),
                Field("display_name", T, "Name shown.", ("displayName",)),
                Field("description", T, "Text about the brand."),
            ),
            read_accounts,
            counters={
                "followers": ("followersCount",),
                "following": ("followsCount",),
                "posts": ("postsCount",),
            },
            private=ASIDE | {"indexedAt", "createdAt"},
        ),
        Resource(
            "posts", "post of the brand, or of somebody in its threads or quoting it",
            Kind.STATE, ("uri",),
            (
                Field("uri", T, "at://did/collection/rkey.", (), True),
                Field("cid", T, "Hash of the content; changes with an edit."),
                Field("author_did", T, "Who wrote it.", ("author", "did"), True, PiiKind.PROFILE),
                Field("is_own", ColumnType.BOOLEAN, "Written by the account itself.", (), True),
                Field("text", T, "Text of the post.", ("record", "text")),
                Field("languages", T, "JSON list of languages stated.", ("record", "langs")),
                Field("declared_at", T, "What the client claims.", ("record", "createdAt")),
                Field("indexed_at", TS, "When the network saw it.", ("indexedAt",), True),
                Field("parent_uri", T, "Post it answers.", ("record", "reply", "parent", "uri")),
                ROOT_URI,
                Field("quoted_uri", T, "Post it quotes.", ("record", "embed", "record", "uri")),
            ),
            read_posts,
            counters={
                "replies": ("replyCount",),
                "reposts": ("repostCount",),
                "likes": ("likeCount",),
                "quotes": ("quoteCount",),
                "bookmarks": ("bookmarkCount",),
            },
            absence=Absence.LOOKUP,
            lookup=lost_posts,
            private=ASIDE | {"author", "embed", "record", "threadgate", "$type"},
        ),
        Resource(
            "likes", "like of an own post", Kind.STATE, ("post_uri", "actor_did"),
            (POST_URI, ACTOR, LIKED_AT),
            read_likes, absence=Absence.ENDS, private=ASIDE | {"actor", "createdAt"},
        ),
        Resource(
            "reposts", "repost of an own post", Kind.STATE, ("post_uri", "actor_did"),
            (POST_URI, Field("actor_did", T, "Who did it.", ("did",), True, PiiKind.PROFILE)),
            read_reposts, absence=Absence.ENDS, has_payload=False,
        ),
        Resource(
            "followers", "follower of an account", Kind.STATE, ("account_did", "actor_did"),
            (
                Field("account_did", T, "Account that is followed."),
                Field("actor_did", T, "Who follows.", ("did",), True, PiiKind.PROFILE),
            ),
            read_followers, absence=Absence.ENDS, has_payload=False,
        ),
        Resource(
            "profiles", "person who did something", Kind.STATE, ("did",), PROFILE_FIELDS,
            has_payload=False,
        ),
        metrics_resource(),
    ),
)  # fmt: skip
