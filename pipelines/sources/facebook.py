"""Facebook Pages: what a page publishes, what people answer, and what the page is told of itself.

user's token ─▶ pages, each with its own token ─▶ published, visitor and tagged posts ─┬─▶ comments
                                                  reviews ─────────────────────────────┴─▶ comments
                                                  posts ─▶ reactions      inbox ─▶ direct messages
                                                  days, posts, videos ─▶ figures

Loads: one table per list, `metrics` for all figures and counters.

Idempotent: a row lands when it differs from the newest landed row of its object, so a night that is
repeated lands nothing. Posts of the last 90 days, and what stands below them, are read again each
night, all of them every 28 days; what is missing on two nights, and denied by id on both, has
ended. Figures are observations: days of the page for 28 days, posts each night until they are 15
days old, then weekly until 91.

Run it: `ROR_SOURCES=facebook`, and `access_token` (of a user or system user) under
`[sources.facebook]` in `.dlt/secrets.toml`.
"""

from __future__ import annotations

from dataclasses import field

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines.contract import ColumnType, PiiKind
from pipelines.http import Secret, Service, StaticToken, TokenProvider
from pipelines.sources import meta
from pipelines.sources.facebook_figures import read_figures, read_videos
from pipelines.sources.facebook_reads import (
    NAME,
    probe,
    read_accounts,
    read_comments,
    read_direct_messages,
    read_posts,
    read_reactions,
    read_reviews,
)
from pipelines.sources.meta_reads import REREAD, lost
from pipelines.sources.spec import Absence, Field, Kind, Resource, Source, metrics_resource

T, TS, B = ColumnType.TEXT, ColumnType.TIMESTAMP, ColumnType.BOOLEAN


@configspec
class FacebookConfig(BaseConfiguration):
    """`access_token`: of a user or system user with the pages. `pages`: ids, else all of them.
    `inbox`: read direct messages too, which needs the permission `pages_messaging`.
    """

    access_token: TSecretStrValue = None  # type: ignore[assignment]  # dlt: None means required
    pages: list[str] = field(default_factory=list)
    inbox: bool = False
    base_url: str = "https://graph.facebook.com"


def service(config: FacebookConfig) -> Service:
    """How the API is talked to."""
    return meta.service(NAME, config.base_url, "pages")


def token(config: FacebookConfig) -> TokenProvider:
    """The user's token; each page's own goes with the requests about it."""
    return StaticToken(Secret(str(config.access_token)))


ID = Field("id", T, "Native id.", (), True)
AUTHOR = Field("author_id", T, "Who wrote it; empty where it may not be told.", ("from", "id"),
               pii=PiiKind.PROFILE)  # fmt: skip
IS_OWN = Field("is_own", B, "Written by the page itself.", (), True)
CREATED_AT = Field("created_at", TS, "When it was written.", ("created_time",), True)
URL = Field("permalink_url", T, "Public address.")

FACEBOOK = Source(
    name=NAME,
    title="Facebook Pages",
    version=meta.VERSION,
    config=FacebookConfig,
    service=service,
    token=token,
    probe=probe,
    window=REREAD,
    version_ends=meta.VERSION_ENDS,
    verified_with="FakeNet, which Meta's own client reads",
    gives_not=(
        "who follows and who shared",
        "when somebody reacted: the night that first saw it stands in",
        "who wrote a comment, without the permission pages_read_user_content",
        "figures of pages with fewer than 100 likes, and of posts by others",
        "figures older than two years; the days of a page are Pacific days",
        "people counted once over several days: unique figures do not add up",
    ),
    resources=(
        Resource(
            "accounts", "page of the brand", Kind.STATE, ("id",),
            (
                ID,
                Field("name", T, "Name shown."),
                Field("username", T, "Handle of the page."),
                Field("category", T, "Category in Facebook's words."),
                Field("link", T, "Public address."),
                Field("verification_status", T, "Badge of the page."),
            ),
            read_accounts,
            counters={"fan_count": ("fan_count",), "followers_count": ("followers_count",)},
            has_payload=False,
        ),
        Resource(
            "posts", "post of the page, on it, or that tags it", Kind.STATE, ("id",),
            (
                ID, AUTHOR, IS_OWN, CREATED_AT, URL,
                Field("place", T, "published, visitor or tagged: the list it stands in.", (), True),
                Field("message", T, "Text of the post."),
                Field("story", T, "What Facebook says it is, where there is no text."),
                Field(
                    "updated_at", TS, "Last change; a new comment moves it too.",
                    ("updated_time",), is_volatile=True,
                ),
                Field("status_type", T, "Kind in Facebook's words."),
                Field("parent_id", T, "Post that it shares."),
                Field("promotion_status", T, "Whether it is boosted."),
                Field("is_published", B, "Shown to the public."),
                Field("is_hidden", B, "Hidden by the page."),
                Field("is_expired", B, "Its time is over."),
            ),
            read_posts,
            counters={
                "reactions": ("reactions", "summary", "total_count"),
                "comments": ("comments", "summary", "total_count"),
                "shares": ("shares", "count"),
            },
            absence=Absence.TWICE, lookup=lost("posts", "comments", "reactions"), has_payload=False,
        ),
        Resource(
            "reviews", "rating or recommendation of the page", Kind.STATE, ("id",),
            (
                Field("id", T, "Id of its story.", ("open_graph_story", "id"), True),
                Field("author_id", T, "Who wrote it.", ("reviewer", "id"), pii=PiiKind.PROFILE),
                IS_OWN, CREATED_AT,
                Field("rating", ColumnType.DOUBLE, "1 to 5; recommendations have none."),
                Field("recommendation_type", T, "positive or negative."),
                Field("text", T, "Text of the review.", ("review_text",)),
            ),
            read_reviews,
            absence=Absence.TWICE, lookup=lost("reviews", "comments"), has_payload=False,
        ),
        Resource(
            "comments", "comment on a post or review", Kind.STATE, ("id",),
            (
                ID, AUTHOR, IS_OWN, CREATED_AT, URL,
                Field("post_id", T, "Post or story of a review that it stands below.", (), True),
                Field("place", T, "published, visitor, tagged or review: of what.", (), True),
                Field("parent_id", T, "Comment that it answers.", ("parent", "id")),
                Field("message", T, "Text of the comment."),
                Field("is_hidden", B, "Hidden from the public."),
                Field("is_private", B, "Seen by page and author only."),
            ),
            read_comments,
            counters={"like_count": ("like_count",), "comment_count": ("comment_count",)},
            absence=Absence.TWICE, lookup=lost("comments"), has_payload=False,
        ),
        Resource(
            "reactions", "reaction to a post of the page", Kind.STATE, ("post_id", "actor_id"),
            (
                Field("post_id", T, "Post that it was done to.", (), True),
                Field("actor_id", T, "Who did it.", ("id",), True, PiiKind.PROFILE),
                Field("reaction_type", T, "LIKE, LOVE, ...", ("type",), True),
            ),
            read_reactions, absence=Absence.TWICE, has_payload=False,
        ),
        Resource(
            "direct_messages", "message of the inbox", Kind.STATE, ("id",),
            (
                ID, AUTHOR, IS_OWN, CREATED_AT,
                Field("conversation_id", T, "Conversation that it is part of.", (), True),
                Field("to_id", T, "Whom it is addressed to.", pii=PiiKind.PROFILE),
                Field("message", T, "Text of the message."),
            ),
            read_direct_messages, has_payload=False,
        ),
        Resource(
            "videos", "video of the page", Kind.STATE, ("id",),
            (
                ID, CREATED_AT,
                Field("post_id", T, "Post that shows it."),
                Field("length", ColumnType.DOUBLE, "Seconds."),
            ),
            read_videos, absence=Absence.TWICE, lookup=lost("videos"), has_payload=False,
        ),
        Resource(
            "profiles", "person who did something", Kind.STATE, ("id",),
            (
                Field("id", T, "Id of the person on this page.", (), True, PiiKind.PROFILE),
                Field("name", T, "Name shown.", pii=PiiKind.PERSON_NAME),
            ),
            has_payload=False,
        ),
        metrics_resource(read_figures),
    ),
)  # fmt: skip
