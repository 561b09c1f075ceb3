"""What a request to X asks for: dialect, fields, bounds, place in a list."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.world.fakenet import x_errors as errors
from pipelines.world.fakenet.facade import Request, unknown_parameters
from pipelines.world.fakenet.x_names import DIALECTS, POST, TWEET, Dialect

# Fields of posts that both vocabularies have; some are never filled in this world.
POST_FIELDS = (
    "article", "attachments", "author_id", "card_uri", "community_id", "context_annotations",
    "conversation_id", "created_at", "display_text_range", "edit_controls", "entities", "geo",
    "id", "in_reply_to_user_id", "lang", "media_metadata", "non_public_metrics",
    "organic_metrics", "possibly_sensitive", "promoted_metrics", "public_metrics",
    "reply_settings", "scopes", "source", "text", "withheld",
)  # fmt: skip
OWN_FIELDS = {
    POST: ("article_title", "note_post", "paid_partnership"),
    TWEET: ("note_tweet",),
}
USER_FIELDS = (
    "affiliation", "connection_status", "created_at", "description", "entities", "id",
    "is_identity_verified", "location", "name", "parody", "profile_banner_url",
    "profile_image_url", "protected", "public_metrics", "receives_your_dm", "subscription",
    "subscription_type", "url", "username", "verified", "verified_followers_count",
    "verified_type", "withheld",
)  # fmt: skip
EXPANSIONS = (
    "article.cover_media", "article.media_entities", "attachments.media_keys",
    "attachments.media_source_tweet", "attachments.poll_ids", "author_id",
    "entities.mentions.username", "geo.place_id", "in_reply_to_user_id",
)  # fmt: skip
SHAPES = ("expansions", "user.fields", "media.fields", "poll.fields", "place.fields")


@dataclass(frozen=True)
class Asked:
    """The shape of the answer. `fields`: of posts, expansions of posts themselves included."""

    dialect: Dialect
    fields: frozenset[str]
    user_fields: frozenset[str]
    expansions: frozenset[str]


@dataclass(frozen=True)
class Span:
    """Which part of a list: page size, and the place it begins behind or ends before."""

    size: int
    after: int | None
    before: int | None


def asked(request: Request, dialects: tuple[str, ...], known: tuple[str, ...]) -> Asked:
    """Read the shape; Refused with 400 for parameters and values there are none of.

    The dialect is that of the field parameter, or of the expansions, or the first that is known.
    """
    spoken = [DIALECTS[name] for name in dialects]
    everything = (*(d.fields for d in spoken), *SHAPES, *known)
    if unknown := unknown_parameters(request, everything):
        name = unknown[0]
        values = [value for key, value in request.query if key == name]
        raise errors.invalid(
            f"The query parameter [{name}] is not one of [{','.join(sorted(everything))}]",
            {name: values},
        )
    sent = {name for name, _ in request.query}
    expansions = set(request.many("expansions"))
    dialect = next(
        (d for d in spoken if d.fields in sent),
        next((d for d in spoken if expansions & {d.expansion, d.history}), spoken[0]),
    )
    of_posts = {dialect.history, dialect.referenced}
    fields = request.many(dialect.fields)
    check(dialect.fields, fields, {*POST_FIELDS, *OWN_FIELDS[dialect], *of_posts})
    own = {dialect.history, dialect.expansion, f"{dialect.expansion}.author_id"}
    check("expansions", expansions, {*EXPANSIONS, *own})
    user_fields = request.many("user.fields")
    check("user.fields", user_fields, {*USER_FIELDS, f"pinned_{dialect.kind}_id"})
    # To ask for what a field leads to is to ask for the field.
    wanted = {*fields, *(expansions & {"author_id", "in_reply_to_user_id"})}
    if expansions & own:
        wanted.add(dialect.referenced)
    return Asked(dialect, frozenset(wanted), frozenset(user_fields), frozenset(expansions))


def check(name: str, values: object, allowed: set[str]) -> None:
    """Refused with 400 for the first value that is not allowed."""
    for value in sorted(values):  # type: ignore[call-overload]
        if value not in allowed:
            raise errors.invalid(
                f"The `{name}` query parameter value [{value}] is not one of "
                f"[{','.join(sorted(allowed))}]",
                {name: [value]},
            )


def span(request: Request, least: int, default: int, most: int) -> Span:
    """Read `max_results` and the token; Refused with 400 out of bounds."""
    text = request.one("max_results", str(default))
    if not text.isdigit() or not least <= int(text) <= most:
        raise errors.invalid(
            f"The `max_results` query parameter value [{text}] is not between {least} and {most}",
            {"max_results": [text]},
        )
    name = "next_token" if request.one("next_token") else "pagination_token"
    token = request.one(name)
    if not token:
        return Span(int(text), None, None)
    try:
        side, _, place = base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8)).decode(
        ).partition(":")  # fmt: skip
        number = int(place)
    except (ValueError, binascii.Error):
        message = f"The `{name}` query parameter value [{token}] is not valid"
        raise errors.invalid(message, {name: [token]}) from None
    return Span(int(text), number if side == "a" else None, number if side == "b" else None)


def page_token(side: str, place: int) -> str:
    """The token of a place: `a`, what comes after it; `b`, what comes before."""
    return base64.b32hexencode(f"{side}:{place}".encode()).decode().rstrip("=").lower()


def moment(request: Request, name: str) -> datetime | None:
    """A time parameter, UTC; Refused with 400 where it is none."""
    text = request.one(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        message = f"The `{name}` query parameter value [{text}] is not a valid RFC3339 date-time"
        raise errors.invalid(message, {name: [text]})
    return found.astimezone(UTC)


def ids(request: Request, name: str, most: int = 100) -> list[str]:
    """A list of ids or names, each once; Refused with 400 when there are none or too many."""
    found = list(dict.fromkeys(request.many(name)))
    if not found:
        raise errors.invalid(f"The `{name}` query parameter can not be empty", {name: []})
    if len(found) > most:
        message = f"The number of values in the `{name}` query parameter list [{len(found)}] is "
        raise errors.invalid(f"{message}not between 1 and {most}", {name: found})
    if name == "ids":
        for value in found:
            whole(name, value)
    return found


def whole(name: str, value: str) -> int:
    """An id as a number; Refused with 400 where it is none."""
    if not value.isdigit() or len(value) > 19:
        message = f"The `{name}` query parameter value [{value}] is not valid"
        raise errors.invalid(message, {name: [value]})
    return int(value)
