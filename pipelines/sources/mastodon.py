"""Mastodon: what the brand writes, what people answer, like and boost, and who follows.

accounts ─▶ statuses ─┬─▶ threads ─▶ replies of others ─▶ profiles      accounts ─▶ followers
                      ├─▶ favourites, reblogs ─▶ profiles
mentions, hashtags ───┴─▶ statuses of others, and their threads         notifications: when it was

Loads: accounts, open statuses (public and unlisted; no other is kept), the thread each stands in,
favourites, reblogs, followers, profiles, notifications, and counters as observations. Counts of
statuses from other servers are partial, and marked.

Idempotent: a row lands when it differs from the newest landed row of its object. What was written
in the last 14 days is read again each night, everything every 28 days; a status that is missing
then and that the server denies has ended.

Run it: `ROR_SOURCES=mastodon`, `accounts` and `base_url` under `[sources.mastodon]` in
`.dlt/config.toml`; with `access_token` (scope `read`) mentions come too, and acts are dated.
"""

from __future__ import annotations

from dataclasses import field

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines.contract import ColumnType, PiiKind
from pipelines.http import (
    Anonymous,
    Limits,
    Origins,
    Rate,
    RateHeaders,
    ResetForm,
    Secret,
    Service,
    StaticToken,
    TokenProvider,
)
from pipelines.sources.mastodon_reads import (
    NAME,
    REREAD,
    lost_statuses,
    probe,
    read_accounts,
    read_favourites,
    read_followers,
    read_reblogs,
    read_statuses,
)
from pipelines.sources.spec import Absence, Field, Kind, Resource, Source, metrics_resource

T, TS, B = ColumnType.TEXT, ColumnType.TIMESTAMP, ColumnType.BOOLEAN
WINDOW_CALLS, WINDOW_SECONDS = 300, 300  # per account, and per address without a token


@configspec
class MastodonConfig(BaseConfiguration):
    """`base_url`: the brand's server. `accounts`: handles of the brand there. `access_token`: of
    the first of them. `hashtags`: of the brand. `domain`: in handles, where the server's host is
    another one.
    """

    accounts: list[str] = None  # type: ignore[assignment]  # dlt: None means required
    base_url: str = None  # type: ignore[assignment]
    access_token: TSecretStrValue | None = None
    hashtags: list[str] = field(default_factory=list)
    domain: str = ""


def service(config: MastodonConfig) -> Service:
    """How the server is talked to."""
    return Service(
        NAME,
        Origins(config.base_url),
        rates={"": Rate(WINDOW_CALLS, WINDOW_SECONDS)},
        read_rate=RateHeaders(
            "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", ResetForm.ISO_8601
        ),
        # One call a second is all there is: a first read takes as long as a source may.
        limits=Limits(single_wait_seconds=WINDOW_SECONDS + 10, waiting_seconds=3600),
    )


def token(config: MastodonConfig) -> TokenProvider:
    """The account's token, where there is one."""
    if not config.access_token:
        return Anonymous()
    return StaticToken(Secret(str(config.access_token)))


ID = Field("id", T, "Id at the brand's server.", (), True)
STATUS_ID = Field("status_id", T, "Status that it was done to.", (), True)
ACTOR = Field("actor_id", T, "Who did it.", ("id",), True, PiiKind.PROFILE)
CREATED_AT = Field("created_at", TS, "When it was written.", (), True)
STATUS_FIELDS = (
    ID,
    Field("author_id", T, "Who wrote it.", ("account", "id"), True, PiiKind.PROFILE),
    Field("is_own", B, "Written by the brand.", (), True),
    Field("is_remote", B, "Of another server: its counts are partial.", (), True),
    Field("is_at_brand", B, "Mentions or answers the brand.", (), True),
    Field("visibility", T, "public or unlisted.", (), True),
    Field("text", T, "Text, read from HTML."),
    Field("spoiler_text", T, "Warning shown before the text."),
    Field("language", T, "Language stated, ISO 639."),
    CREATED_AT,
    Field("edited_at", TS, "Last edit."),
    Field("in_reply_to_id", T, "Status it answers."),
    Field("to_id", T, "Who wrote that.", ("in_reply_to_account_id",), pii=PiiKind.PROFILE),
    Field("url", T, "Public address of an own status."),
)
STATUS_ASIDE = frozenset({
    "account", "content", "mentions", "uri", "reblog", "quote", "card", "poll", "application",
    "media_attachments", "emojis", "favourited", "reblogged", "muted", "bookmarked", "pinned",
    "filtered", "sensitive",
})  # fmt: skip


def _acts(name: str, grain: str, read: object) -> Resource:
    return Resource(
        name, grain, Kind.STATE, ("status_id", "actor_id"), (STATUS_ID, ACTOR),
        read, absence=Absence.ENDS, has_payload=False,  # type: ignore[arg-type]
    )  # fmt: skip


MASTODON = Source(
    name=NAME,
    title="Mastodon",
    version="v1 (additive)",
    config=MastodonConfig,
    service=service,
    token=token,
    probe=probe,
    window=REREAD,
    verified_with="FakeNet, which Mastodon.py reads",
    gives_not=(
        "impressions, reach and clicks",
        "counts of statuses from other servers: only what reached the brand's server",
        "when somebody favoured, boosted or followed, without a token: the first sight stands in",
        "mentions outside the brand's threads and hashtags, without a token",
        "more than 60 replies of a thread, without a token",
        "private and direct statuses: they are not kept",
    ),
    resources=(
        Resource(
            "accounts", "account of the brand", Kind.STATE, ("id",),
            (
                ID,
                Field("handle", T, "Handle with the domain."),
                Field("display_name", T, "Name shown."),
            ),
            read_accounts,
            counters={
                "followers": ("followers_count",),
                "following": ("following_count",),
                "statuses": ("statuses_count",),
            },
            has_payload=False,
        ),
        Resource(
            "statuses", "open status of the brand, or of somebody in its threads or addressing it",
            Kind.STATE, ("id",), STATUS_FIELDS, read_statuses,
            counters={
                "replies": ("replies_count",),
                "reblogs": ("reblogs_count",),
                "favourites": ("favourites_count",),
                "quotes": ("quotes_count",),
            },
            partial="is_remote", absence=Absence.LOOKUP, lookup=lost_statuses, private=STATUS_ASIDE,
        ),
        Resource(
            "threads", "status that stands in a thread", Kind.STATE, ("status_id",),
            (
                Field("status_id", T, "Status.", (), True),
                Field("root_id", T, "First status of the thread.", (), True),
            ),
            has_payload=False,
        ),
        Resource(
            "notifications", "act that the account was told of", Kind.STATE, ("id",),
            (
                ID,
                Field("type", T, "favourite, reblog or follow.", (), True),
                Field("status_id", T, "Status that it was done to; empty for follows."),
                Field("actor_id", T, "Who did it.", ("account", "id"), True, PiiKind.PROFILE),
                Field("created_at", TS, "When it was done.", (), True),
            ),
            has_payload=False,
        ),
        _acts("favourites", "favourite of an own status", read_favourites),
        _acts("reblogs", "boost of an own status", read_reblogs),
        Resource(
            "followers", "follower of an account", Kind.STATE, ("account_id", "actor_id"),
            (Field("account_id", T, "Account that is followed.", (), True), ACTOR),
            read_followers, absence=Absence.ENDS, has_payload=False,
        ),
        Resource(
            "profiles", "person who did something", Kind.STATE, ("id",),
            (
                Field("id", T, "Id at the brand's server.", (), True, PiiKind.PROFILE),
                Field("handle", T, "Handle with the domain.", pii=PiiKind.PROFILE),
                Field("display_name", T, "Name shown.", pii=PiiKind.PERSON_NAME),
                Field("is_bot", B, "Declared to be a bot.", ("bot",)),
            ),
            has_payload=False,
        ),
        metrics_resource(),
    ),
)  # fmt: skip
