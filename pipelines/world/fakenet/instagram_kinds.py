"""The objects of an Instagram account: their fields and edges, as the Graph API names them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipelines.world.fakenet.facade import stable_hex
from pipelines.world.fakenet.graph_nodes import MISSING, Edge, Kind, Moment, Options
from pipelines.world.fakenet.graph_pages import created_within
from pipelines.world.fakenet.graph_tokens import BASIC, BUSINESS_BASIC, LISTS, PAGE_TOKEN
from pipelines.world.fakenet.instagram_store import ACCOUNT, ACCOUNT_ID, ACCOUNT_IG_ID
from pipelines.world.fakenet.pacific import graph_time
from pipelines.world.fakenet.store import Seen

SITE, CDN = "https://www.instagram.example", "https://scontent.example"
MEDIA_TYPES = {"post": "IMAGE", "reel": "VIDEO", "story": "IMAGE"}
PRODUCT_TYPES = {"post": "FEED", "reel": "REELS", "story": "STORY"}
Field = Callable[[Moment, Seen], Any]


def _field(name: str) -> Field:
    return lambda _moment, seen: seen.fields[name]


def _always(value: Any) -> Field:
    return lambda _moment, _seen: value


def _id(_moment: Moment, seen: Seen) -> str:
    return seen.record_id


def _created(_moment: Moment, seen: Seen) -> str:
    return graph_time(seen.created_at)


def _signed(name: str) -> Field:
    """An address that is another one at every call, for a reader who compares."""

    def address(moment: Moment, seen: Seen) -> str:
        signature = stable_hex(name, seen.record_id, moment.serial)[:32]
        expires = int(moment.now.timestamp()) + 86_400
        return f"{CDN}/v/{seen.record_id}_{name}?oh={signature}&oe={expires:X}"

    return address


def _media_type(_moment: Moment, seen: Seen) -> str:
    return "CAROUSEL_ALBUM" if seen.fields["is_album"] else MEDIA_TYPES[seen.fields["kind"]]


def _only_reel(field: Field) -> Field:
    return lambda moment, seen: field(moment, seen) if seen.fields["kind"] == "reel" else MISSING


def _own(seen: Seen) -> bool:
    return bool(seen.fields["owner"]["id"] == ACCOUNT_ID)


def _figure(name: str) -> Field:
    """A counter of the account's own media; before the first refresh 0, of stories none."""

    def count(moment: Moment, seen: Seen) -> Any:
        if not _own(seen) or seen.fields["kind"] == "story":
            return MISSING
        return moment.view.figures.get(seen.record_id, {}).get(name, 0)

    return count


def _comments_count(moment: Moment, seen: Seen) -> int:
    return len(moment.view.comments_on.get(seen.record_id, ()))


def _shortcode(_moment: Moment, seen: Seen) -> str:
    return "C" + stable_hex("shortcode", seen.record_id)[:10]


def _permalink(moment: Moment, seen: Seen) -> str:
    folder = {"reel": "reel", "story": f"stories/{ACCOUNT.handle}"}.get(seen.fields["kind"], "p")
    return f"{SITE}/{folder}/{_shortcode(moment, seen)}/"


MEDIA_FIELDS: dict[str, Field] = {
    "id": _id, "ig_id": _field("ig_id"), "timestamp": _created, "permalink": _permalink,
    "caption": lambda _m, s: s.fields["caption"] or MISSING, "media_type": _media_type,
    "media_product_type": lambda _m, s: PRODUCT_TYPES[s.fields["kind"]],
    "media_url": _signed("media"), "thumbnail_url": _only_reel(_signed("thumbnail")),
    "shortcode": _shortcode, "username": lambda _m, s: s.fields["owner"]["username"],
    "owner": lambda _m, s: {"id": s.fields["owner"]["id"]} if _own(s) else MISSING,
    "like_count": _figure("likes"), "comments_count": _comments_count,
    "is_comment_enabled": _always(True), "is_shared_to_feed": _only_reel(_always(True)),
    "reposts_count": _only_reel(_always(0)), "saved_count": _figure("saves"),
    "shares_count": _figure("shares"), "view_count": _figure("impressions"),
    "total_like_count": _figure("likes"), "total_views_count": _figure("impressions"),
    "total_comments_count": _comments_count,
    "legacy_instagram_media_id": lambda _m, s: s.record_id,
}  # fmt: skip


def _toplevel(moment: Moment, seen: Seen, _options: Options) -> list[Seen]:
    found = moment.view.comments_on.get(seen.record_id, [])
    return [s for s in found if not s.fields["parent"]]


def _replies(moment: Moment, seen: Seen, _options: Options) -> list[Seen]:
    found: list[Seen] = moment.view.replies_to.get(seen.record_id, [])
    return found


COMMENT_FIELDS: dict[str, Field] = {
    "id": _id, "text": _field("text"), "timestamp": _created, "from": _field("from"),
    "username": lambda _m, s: s.fields["from"]["username"], "hidden": _field("is_hidden"),
    "like_count": lambda _m, s: int(stable_hex("likes", s.record_id)[:2], 16) % 3,
    "media": lambda _m, s: {"id": s.fields["media"]},
    "parent_id": lambda _m, s: s.fields["parent"] or MISSING,
    "legacy_instagram_comment_id": lambda _m, s: s.record_id,
}  # fmt: skip
ACCOUNT_FIELDS: dict[str, Field] = {
    "id": _id, "ig_id": _always(ACCOUNT_IG_ID), "user_id": _id, "username": _always(ACCOUNT.handle),
    "name": _always(ACCOUNT.name), "biography": _always("Coffee, roasted in the morning."),
    "website": _always("https://beanandbond.example"), "followers_count": _field("followers"),
    "follows_count": _always(212), "account_type": _always("BUSINESS"),
    "media_count": lambda m, _s: len(m.view.media),
    "profile_picture_url": _signed("profile"),
}  # fmt: skip
MOST_COMMENTS = 50
SCOPES = (BASIC, BUSINESS_BASIC)
ACCOUNT_EDGES = {
    "media": Edge("media", lambda m, _s, o: created_within(m.view.media, o), ("since", "until")),
    "stories": Edge("media", lambda m, _s, _o: m.view.stories(m.now)),
    "tags": Edge("media", lambda m, _s, _o: m.view.tags),
}
KINDS = {
    "user": Kind(
        "User", {"id": _id, "name": _field("name")}, ("name", "id"),
        {"accounts": Edge("page", lambda m, _s, _o: m.store.live("page", m.now), (), LISTS,
                          code=200)},
    ),
    "page": Kind(
        "Page",
        {
            "id": _id, "name": _field("name"), "access_token": _always(PAGE_TOKEN),
            "instagram_business_account": _always({"id": ACCOUNT_ID}),
        },
        ("name", "id"),
    ),
    "account": Kind("IGUser", ACCOUNT_FIELDS, ("id",), ACCOUNT_EDGES, SCOPES),
    "media": Kind(
        "Media", MEDIA_FIELDS, ("id",),
        {
            "comments": Edge("comment", _toplevel, most=MOST_COMMENTS),
            "children": Edge(
                "child", lambda m, s, _o: m.view.children_of.get(s.record_id, []),
                is_oldest_first=True,
            ),
        },
        SCOPES,
    ),
    "child": Kind("Media", MEDIA_FIELDS, ("id",), {}, SCOPES),
    "comment": Kind(
        "IGComment", COMMENT_FIELDS, ("timestamp", "text", "id"),
        {"replies": Edge("comment", _replies, is_oldest_first=True, most=MOST_COMMENTS)},
        SCOPES,
    ),
}  # fmt: skip
