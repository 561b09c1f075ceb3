"""LinkedIn: what an organisation's page published, what members said and did there, and figures.

accounts ─▶ posts ─▶ numbers of what is below ─┬─▶ comments ─▶ answers
                                               └─▶ reactions
accounts ─▶ figures by day, of followers, of posts

Loads: accounts, posts, comments, reactions, and figures as observations.

Of members only their URNs are read, and land as pseudonyms; no profile is asked for. Names of
members in posts of the page do not land; `comment_texts = false` leaves out what members wrote.

Idempotent: each content of a post or comment lands once. Posts that changed in the last 14 days are
read again each night with all below them, everything every 28 days on two nights. What is missing
on two nights, and denied by its URN on both, has ended; what left the 12 months that LinkedIn shows
has not.

Run it: `ROR_SOURCES=linkedin`, `organizations` (numbers) under `[sources.linkedin]` in
`.dlt/config.toml`, and `access_token` in `.dlt/secrets.toml` with `token_ends`, its last day; or
`client_id`, `client_secret` and `refresh_token` of an application that may renew.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines.contract import ColumnType, PiiKind
from pipelines.errors import ExitCode, RorError
from pipelines.http import (
    OAuthToken,
    Origins,
    Secret,
    Service,
    StaticToken,
    TokenProvider,
)  # fmt: skip
from pipelines.sources.linkedin_below import (
    lost_of,
    lost_reactions,
    read_comments,
    read_reactions,
)
from pipelines.sources.linkedin_figures import read_figures
from pipelines.sources.linkedin_reads import REREAD, probe, read_accounts, read_posts
from pipelines.sources.linkedin_requests import NAME, VERSION, classify
from pipelines.sources.spec import Absence, Field, Kind, Resource, Source, metrics_resource

T, TS, B = ColumnType.TEXT, ColumnType.TIMESTAMP, ColumnType.BOOLEAN
PROTOCOL = "2.0.0"


@configspec
class LinkedInConfig(BaseConfiguration):
    """`organizations`: their numbers. `token_ends`: last day of the token, to be warned. `version`:
    another one (YYYYMM) than the one that this was made for. `comment_texts`: keep what was said.
    """

    organizations: list[str] = None  # type: ignore[assignment]  # dlt: None means required
    access_token: TSecretStrValue | None = None
    token_ends: date | None = None
    client_id: str = ""
    client_secret: TSecretStrValue | None = None
    refresh_token: TSecretStrValue | None = None
    base_url: str = "https://api.linkedin.com"
    token_url: str = "https://www.linkedin.com/oauth/v2/accessToken"  # noqa: S105 - an address
    version: str = VERSION
    comment_texts: bool = True


def service(config: LinkedInConfig) -> Service:
    """How the API is talked to."""
    return Service(
        NAME,
        Origins(config.base_url),
        headers={"Linkedin-Version": config.version, "X-Restli-Protocol-Version": PROTOCOL},
        classify=partial(classify, version=config.version),
        request_id_header="x-li-uuid",
    )


def token(config: LinkedInConfig) -> TokenProvider:
    """A token of 60 days, or one that is renewed. Exit 77 without either."""
    if config.refresh_token:
        return OAuthToken(
            config.token_url, config.client_id, Secret(str(config.client_secret or "")),
            Secret(str(config.refresh_token)),
        )  # fmt: skip
    if not config.access_token:
        why, hint = "neither access_token nor refresh_token is set", "set one, then ror doctor"
        raise RorError("settings", "sources.linkedin", why, hint, ExitCode.CREDENTIAL)
    return StaticToken(Secret(str(config.access_token)))


ACTOR = Field("actor", T, "Member or organisation.", (), True, PiiKind.PROFILE)
POST_ID = Field("post_id", T, "Post that it stands below.", (), True)

LINKEDIN = Source(
    name=NAME,
    title="LinkedIn",
    version=VERSION,
    config=LinkedInConfig,
    service=service,
    token=token,
    probe=probe,
    window=REREAD,
    version_ends={
        "202601": date(2027, 1, 15), "202603": date(2027, 3, 16), VERSION: date(2027, 7, 15),
    },
    verified_with="FakeNet, whose answers a schema made from the documentation describes",
    gives_not=(
        "who follows or saw something: numbers only",
        "names, headlines and pictures of members: they are not asked for, and may not be kept",
        "anything older than 12 months; what was read before stays",
        "reactions to comments, and what was paid for: figures are organic",
        "comments and reactions below posts older than 14 days, until the read every 28 days",
    ),
    resources=(
        Resource(
            "accounts", "page of an organisation", Kind.STATE, ("urn",),
            (
                Field("urn", T, "URN of the organisation.", (), True),
                Field("vanity_name", T, "Name in the page's address.", ("vanityName",)),
                Field("name", T, "Name shown.", ("localizedName",)),
                Field("website", T, "Address of its site.", ("localizedWebsite",)),
            ),
            read_accounts,
            counters={"followers": ("followers",)},
            private=frozenset({"versionTag", "$URN"}),
        ),
        Resource(
            "posts", "post of an organisation", Kind.VERSION, ("id",),
            (
                Field("id", T, "URN of the share or post.", (), True),
                Field("author", T, "URN of the organisation.", (), True),
                Field("text", T, "Text of the post, hashtags as #word.", ("commentary",)),
                Field("visibility", T, "Who may see it."),
                Field("lifecycle_state", T, "PUBLISHED, DRAFT, ...", ("lifecycleState",)),
                Field("media_urn", T, "Image, video or document."),
                Field("is_article", B, "Shows an article."),
                Field("parent_urn", T, "Post that it shares."),
                Field("published_at", TS, "When it was published.", ("publishedAt",), True),
                Field("modified_at", TS, "Last change.", ("lastModifiedAt",), True),
            ),
            read_posts,
            version_at="modified_at",
            counters={
                "comments": ("comments",),
                "top_level_comments": ("top_level_comments",),
                "reactions": ("reactions",),
            },
            absence=Absence.TWICE,
            lookup=lost_of("posts", "/rest/posts", "id"),
            private=frozenset({"createdAt", "lifecycleStateInfo", "distribution", "commentary"}),
        ),
        Resource(
            "comments", "comment on a post, or answer to one", Kind.VERSION, ("urn",),
            (
                Field("urn", T, "URN of the comment.", (), True),
                POST_ID,
                Field("parent_urn", T, "Comment that it answers."),
                ACTOR,
                Field("is_own", B, "By the organisation itself.", (), True),
                Field("text", T, "Text of the comment."),
                Field("created_at", TS, "When it was written.", ("created", "time"), True),
                Field("modified_at", TS, "Last change.", ("lastModified", "time"), True),
            ),
            read_comments,
            version_at="modified_at",
            counters={
                "likes": ("likesSummary", "totalLikes"),
                "answers": ("commentsSummary", "totalFirstLevelComments"),
            },
            absence=Absence.TWICE,
            lookup=lost_of("comments", "/rest/socialMetadata", "urn"),
            has_payload=False,
        ),
        Resource(
            "reactions", "reaction of a member to a post", Kind.STATE, ("post_id", "actor"),
            (
                POST_ID,
                Field("actor", T, "Member.", ("created", "actor"), True, PiiKind.PROFILE),
                Field("reaction_type", T, "LIKE, PRAISE, EMPATHY, ...", ("reactionType",)),
                Field("reacted_at", TS, "When it was done.", ("created", "time"), True),
            ),
            read_reactions, absence=Absence.TWICE, lookup=lost_reactions, has_payload=False,
        ),
        metrics_resource(read_figures),
    ),
)  # fmt: skip
