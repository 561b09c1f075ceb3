"""The objects of a Facebook page: their fields and edges, as the Graph API names them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipelines.world.fakenet.facebook_store import INSTAGRAM_ID, PAGE, PAGE_ID
from pipelines.world.fakenet.figures import share
from pipelines.world.fakenet.graph_nodes import MISSING, Edge, Json, Kind, Moment, Options
from pipelines.world.fakenet.graph_pages import created_within
from pipelines.world.fakenet.graph_tokens import CONTENT, LISTS, MESSAGING, PAGE_TOKEN, READ
from pipelines.world.fakenet.pacific import graph_time
from pipelines.world.fakenet.store import Seen

STATUS_TYPES = {"post": "mobile_status_update", "video": "added_video", "article": "shared_story"}
SITE = "https://www.facebook.example"


def _field(name: str) -> Callable[[Moment, Seen], Any]:
    return lambda _moment, seen: seen.fields[name]


def _always(value: Any) -> Callable[[Moment, Seen], Any]:
    return lambda _moment, _seen: value


def _id(_moment: Moment, seen: Seen) -> str:
    return seen.record_id


def _created(_moment: Moment, seen: Seen) -> str:
    return graph_time(seen.created_at)


def _updated(moment: Moment, seen: Seen) -> str:
    """Of a post: also a new comment moves it."""
    said = [s.created_at for s in moment.view.comments_on.get(seen.record_id, ())]
    return graph_time(max([seen.updated_at, *said]))


def _permalink(_moment: Moment, seen: Seen) -> str:
    return f"{SITE}/{PAGE.handle}/posts/{seen.record_id}"


def _author(moment: Moment, seen: Seen) -> Any:
    """Who wrote it: of people only with the permission; who shows no name has only an id."""
    person = seen.fields["from"]
    if person["id"] != PAGE_ID and CONTENT not in moment.caller.scopes:
        return MISSING
    return {key: value for key, value in person.items() if value}


def _shares(moment: Moment, seen: Seen) -> Any:
    count = moment.view.figures.get(seen.record_id, {}).get("shares", 0)
    return {"count": count} if count else MISSING


def _parent(_moment: Moment, seen: Seen) -> Any:
    return {"id": seen.fields["parent"]} if seen.fields["parent"] else MISSING


def _properties(_moment: Moment, seen: Seen) -> Any:
    return [{"name": "Length", "text": "00:42"}] if seen.fields["video"] else MISSING


def _attachments(_moment: Moment, seen: Seen) -> Any:
    if not (video := seen.fields["video"]):
        return MISSING
    target = {"id": video, "url": f"{SITE}/{PAGE.handle}/videos/{video}/"}
    return {"data": [{"media_type": "video", "type": "video_inline", "target": target}]}


def _page_token(_moment: Moment, _seen: Seen) -> str:
    return PAGE_TOKEN


def _comment_total(moment: Moment, seen: Seen, options: Options) -> Json:
    count = len(_comments(moment, seen, options))
    order = options.get("order", "chronological")
    return {"order": order, "total_count": count, "can_comment": True}


def _comments(moment: Moment, seen: Seen, options: Options) -> list[Seen]:
    """All comments on an object with `filter=stream`, else those that answer no other."""
    found: list[Seen] = moment.view.comments_on.get(seen.record_id, [])
    if options.get("filter", "toplevel") == "stream":
        return found
    return [s for s in found if not s.fields["parent"]]


def _replies(moment: Moment, seen: Seen, _options: Options) -> list[Seen]:
    found: list[Seen] = moment.view.replies_to.get(seen.record_id, [])
    return found


def _reaction_total(moment: Moment, seen: Seen, options: Options) -> Json:
    counts = moment.view.reactions(seen.record_id)
    wanted = options.get("type", "")
    total = counts.get(wanted, 0) if wanted else sum(counts.values())
    return {"total_count": total, "viewer_reaction": "NONE"}


def _reactions(moment: Moment, seen: Seen, options: Options) -> list[Seen]:
    found = moment.view.reactions_to.get(seen.record_id, [])
    wanted = options.get("type", "")
    return [s for s in found if not wanted or s.fields["type"] == wanted]


COMMENT_EDGE = Edge(
    "comment", _comments, ("filter", "order", "since", "live_filter"), READ, needs_page=True,
    is_oldest_first=True, summary=_comment_total,
)  # fmt: skip
REACTION_EDGE = Edge(
    "reaction", _reactions, ("type",), READ, needs_page=True, summary=_reaction_total
)
POST_FIELDS: dict[str, Callable[[Moment, Seen], Any]] = {
    "id": _id, "message": _field("message"), "created_time": _created, "updated_time": _updated,
    "permalink_url": _permalink, "from": _author, "story": _always(MISSING),
    "status_type": lambda _m, seen: STATUS_TYPES[seen.fields["kind"]],
    "parent_id": _always(MISSING), "is_published": _always(True), "is_hidden": _always(False),
    "is_expired": _always(False), "properties": _properties, "message_tags": _always(MISSING),
    "promotion_status": lambda _m, s: "active" if s.fields["is_boosted"] else "inactive",
    "shares": _shares, "attachments": _attachments, "full_picture": _always(MISSING),
}  # fmt: skip
COMMENT_FIELDS: dict[str, Callable[[Moment, Seen], Any]] = {
    "id": _id, "message": _field("message"), "created_time": _created, "from": _author,
    "parent": _parent, "is_hidden": _field("is_hidden"), "is_private": _always(False),
    "like_count": lambda _m, seen: share(3, 1.0, "likes", seen.record_id) % 3,
    "comment_count": lambda m, s: len(m.view.replies_to.get(s.record_id, ())),
    "permalink_url": lambda _m, s: f"{SITE}/{s.fields['on']}?comment_id={s.record_id}",
    "attachment": _always(MISSING), "can_comment": _always(True), "can_hide": _always(True),
    "can_remove": _always(True), "can_like": _always(True), "message_tags": _always(MISSING),
    "can_reply_privately": lambda _m, seen: seen.fields["from"]["id"] != PAGE_ID,
    "object": lambda _m, seen: {"id": seen.fields["on"]}, "user_likes": _always(False),
}  # fmt: skip
REVIEW_FIELDS: dict[str, Callable[[Moment, Seen], Any]] = {
    "created_time": _created, "has_rating": _always(True), "has_review": _always(True),
    "rating": _field("rating"), "review_text": _field("text"), "reviewer": _author,
    "recommendation_type": lambda _m, s: "negative" if s.fields["rating"] < 3 else "positive",
    "open_graph_story": lambda _m, s: {"id": s.record_id, "type": "recommends"},
}  # fmt: skip


def _posts(is_mine: bool, is_tag: bool = False) -> Callable[[Moment, Seen, Options], list[Seen]]:
    def members(moment: Moment, _page: Seen, options: Options) -> list[Seen]:
        found = [
            s for s in moment.view.posts
            if (s.fields["from"]["id"] == PAGE_ID) is is_mine and s.fields["is_tag"] is is_tag
        ]  # fmt: skip
        return created_within(found, options)

    return members


SPAN = ("since", "until", "include_hidden", "show_expired", "with")
PAGE_EDGES = {
    "published_posts": Edge("post", _posts(True), SPAN, READ, needs_page=True),
    "posts": Edge("post", _posts(True), SPAN, READ, needs_page=True),
    "visitor_posts": Edge("post", _posts(False), SPAN, CONTENT, needs_page=True),
    "tagged": Edge("post", _posts(False, True), SPAN, CONTENT, needs_page=True),
    "ratings": Edge("review", lambda m, _s, _o: m.view.reviews, (), CONTENT, needs_page=True),
    "videos": Edge(
        "video", lambda m, _s, o: created_within(m.view.videos, o), (*SPAN, "type"), READ,
        needs_page=True,
    ),
    "conversations": Edge(
        "talk", lambda m, _s, _o: m.view.talks, ("platform", "folder", "user_id"), MESSAGING,
        code=200, needs_page=True, is_by_update=True,
    ),
}  # fmt: skip
PAGE_FIELDS: dict[str, Callable[[Moment, Seen], Any]] = {
    "id": _id, "name": _field("name"), "username": _field("username"),
    "category": _field("category"), "fan_count": _field("followers"),
    "followers_count": _field("followers"), "link": _always(f"{SITE}/{PAGE.handle}"),
    "verification_status": _always("not_verified"), "about": _always("Coffee"),
    "access_token": _page_token, "tasks": _always(["ANALYZE", "MODERATE", "MESSAGING"]),
    "is_published": _always(True), "website": _always("https://beanandbond.example"),
    "instagram_business_account": _always({"id": INSTAGRAM_ID}),
}  # fmt: skip
KINDS = {
    "user": Kind(
        "User", {"id": _id, "name": _field("name")}, ("name", "id"),
        {"accounts": Edge("page", lambda m, _s, _o: m.store.live("page", m.now), (), LISTS,
                          code=200)},
    ),
    "page": Kind("Page", PAGE_FIELDS, ("name", "id"), PAGE_EDGES, (READ,)),
    "post": Kind(
        "Post", POST_FIELDS, ("created_time", "message", "id"),
        {"comments": COMMENT_EDGE, "reactions": REACTION_EDGE, "likes": REACTION_EDGE}, (READ,),
    ),
    "video": Kind(
        "Video",
        {
            "id": _id, "description": _field("message"), "created_time": _created,
            "updated_time": lambda _m, s: graph_time(s.updated_at), "length": _always(42.0),
            "post_id": _field("post"), "permalink_url": _permalink, "published": _always(True),
        },
        ("updated_time", "description", "id"), {}, (READ,),
    ),
    "comment": Kind(
        "Comment", COMMENT_FIELDS, ("created_time", "from", "message", "id"),
        {"comments": Edge("comment", _replies, ("filter", "order", "since"), READ,
                          needs_page=True, is_oldest_first=True,
                          summary=lambda m, s, o: {"order": "chronological",
                                                   "total_count": len(_replies(m, s, o)),
                                                   "can_comment": True})},
        (READ,),
    ),
    "review": Kind(
        "OpenGraphStory", REVIEW_FIELDS,
        ("created_time", "recommendation_type", "review_text", "reviewer"),
        {"comments": COMMENT_EDGE}, (CONTENT,), has_id=False,
    ),
    "talk": Kind(
        "UnifiedThread",
        {
            "id": _id, "updated_time": lambda _m, s: graph_time(s.updated_at),
            "message_count": _field("count"), "snippet": _field("snippet"),
            "participants": lambda _m, s: {
                "data": [s.fields["partner"], {"name": PAGE.name, "id": PAGE_ID}]
            },
        },
        ("id", "updated_time"),
        {"messages": Edge("message", lambda m, s, _o: m.view.messages_in.get(s.record_id, []),
                          (), MESSAGING, code=200, needs_page=True)},
        (MESSAGING,),
    ),
    "message": Kind(
        "Message",
        {
            "id": _id, "created_time": _created, "from": _field("from"),
            "to": lambda _m, s: {"data": [s.fields["to"]]}, "message": _field("message"),
        },
        ("id", "created_time"), {}, (MESSAGING,),
    ),
    "reaction": Kind(
        "Profile",
        {
            "id": lambda _m, s: s.fields["user"]["id"],
            "name": lambda _m, s: s.fields["user"]["name"], "type": _field("type"),
        },
        ("id", "name", "type"), {}, (CONTENT,),
    ),
}  # fmt: skip
