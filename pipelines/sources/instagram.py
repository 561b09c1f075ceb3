"""Instagram: a business account's posts, reels and stories, what people answer, and its figures.

token ─▶ account ─┬─▶ media ─▶ comments, with the answers to each
                  ├─▶ stories (while they stand: 24 hours)
                  ├─▶ tags (media of others)
                  └─▶ days, media, stories ─▶ figures

Loads: one table per list, `metrics` for all figures and counters.

Idempotent: a row lands when it differs from the newest landed row of its object. Media of the last
90 days, and what stands below them, are read again each night, all of them every 28 days; what is
missing on two nights, and denied by id on both, has ended. Figures are observations: days for 28
days, media each night until they are 15 days old, then weekly until 91, stories once in each six
hours in which somebody runs this.

Run it: `ROR_SOURCES=instagram`, and `access_token` under `[sources.instagram]` in
`.dlt/secrets.toml`: of the account itself (Instagram's login), or with `login = "facebook"` and
`base_url = "https://graph.facebook.com"` of a user whose pages have the accounts.
"""

from __future__ import annotations

from dataclasses import field

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines.contract import ColumnType, PiiKind
from pipelines.http import Secret, Service, StaticToken, TokenProvider
from pipelines.sources import meta
from pipelines.sources.instagram_figures import read_figures
from pipelines.sources.instagram_reads import (
    NAME,
    probe,
    read_accounts,
    read_comments,
    read_media,
    read_stories,
    read_tags,
)
from pipelines.sources.meta_reads import REREAD, lost
from pipelines.sources.spec import Absence, Field, Kind, Resource, Source, metrics_resource

T, TS, B = ColumnType.TEXT, ColumnType.TIMESTAMP, ColumnType.BOOLEAN


@configspec
class InstagramConfig(BaseConfiguration):
    """`access_token`: of the account, or of a user. `login`: instagram or facebook, through which
    the token was had. `accounts`: ids, else all that the token opens.
    """

    access_token: TSecretStrValue = None  # type: ignore[assignment]  # dlt: None means required
    login: str = "instagram"
    accounts: list[str] = field(default_factory=list)
    base_url: str = "https://graph.instagram.com"


def service(config: InstagramConfig) -> Service:
    """How the API is talked to."""
    return meta.service(NAME, config.base_url, "instagram")


def token(config: InstagramConfig) -> TokenProvider:
    """The account's token, or the user's: then the page's own goes with the requests."""
    return StaticToken(Secret(str(config.access_token)))


ID = Field("id", T, "Native id.", (), True)
IG_ID = Field("ig_id", T, "Older id; a number for accounts, a text for media.")
CREATED_AT = Field("created_at", TS, "When it was published.", ("timestamp",), True)
URL = Field("permalink", T, "Public address.")
USERNAME = Field("username", T, "Handle of who wrote it.", pii=PiiKind.PROFILE)
CAPTION = Field("caption", T, "Text.")
MEDIA_TYPE = Field("media_type", T, "VIDEO, IMAGE or CAROUSEL_ALBUM.")
MEDIA_FIELDS = (
    ID, IG_ID, CREATED_AT, URL, CAPTION, MEDIA_TYPE,
    Field("media_product_type", T, "REELS, FEED, STORY or AD."),
)  # fmt: skip

INSTAGRAM = Source(
    name=NAME,
    title="Instagram",
    version=meta.VERSION,
    config=InstagramConfig,
    service=service,
    token=token,
    probe=probe,
    window=REREAD,
    version_ends=meta.VERSION_ENDS,
    verified_with="FakeNet, which Meta's own client reads",
    gives_not=(
        "who follows, likes, shares or saves",
        "stories that nobody read while they stood: run ror run every six hours to see each one",
        "figures of stories with fewer than five viewers, of album parts, and of media of others",
        "figures of the account older than 90 days, of media older than two years",
        "direct messages, and mentions in captions and comments: only tags",
    ),
    resources=(
        Resource(
            "accounts", "account of the brand", Kind.STATE, ("id",),
            (
                ID, IG_ID,
                Field("username", T, "Handle of the brand."),
                Field("name", T, "Name shown."),
                Field("biography", T, "Text about the brand."),
                Field("website", T, "Address shown."),
            ),
            read_accounts,
            counters={
                "followers_count": ("followers_count",),
                "follows_count": ("follows_count",),
                "media_count": ("media_count",),
            },
            has_payload=False,
        ),
        Resource(
            "media", "post or reel of the account", Kind.STATE, ("id",), MEDIA_FIELDS, read_media,
            counters={
                "like_count": ("like_count",),
                "comments_count": ("comments_count",),
                "saved_count": ("saved_count",),
                "shares_count": ("shares_count",),
                "view_count": ("view_count",),
                "reposts_count": ("reposts_count",),
            },
            absence=Absence.TWICE, lookup=lost("media", "comments"), has_payload=False,
        ),
        Resource(
            "stories", "story of the account", Kind.STATE, ("id",), MEDIA_FIELDS, read_stories,
            has_payload=False,
        ),
        Resource(
            "tags", "medium of somebody else that tags the account", Kind.STATE, ("id",),
            (ID, CREATED_AT, URL, USERNAME, CAPTION, MEDIA_TYPE),
            read_tags,
            counters={"like_count": ("like_count",), "comments_count": ("comments_count",)},
            absence=Absence.TWICE, has_payload=False,
        ),
        Resource(
            "comments", "comment on a medium of the account", Kind.STATE, ("id",),
            (
                ID, CREATED_AT, USERNAME,
                Field("author_id", T, "Who wrote it.", ("from", "id"), pii=PiiKind.PROFILE),
                Field("is_own", B, "Written by the account itself.", (), True),
                Field("media_id", T, "Medium that it stands below.", (), True),
                Field("parent_id", T, "Comment that it answers."),
                Field("text", T, "Text of the comment."),
                Field("hidden", B, "Hidden from the public."),
            ),
            read_comments,
            counters={"like_count": ("like_count",)},
            absence=Absence.TWICE, lookup=lost("comments"), has_payload=False,
        ),
        Resource(
            "profiles", "person who did something", Kind.STATE, ("id",),
            (
                Field("id", T, "Id of the person for this account.", (), True, PiiKind.PROFILE),
                Field("username", T, "Handle; may change.", pii=PiiKind.PROFILE),
            ),
            has_payload=False,
        ),
        metrics_resource(read_figures),
    ),
)  # fmt: skip
