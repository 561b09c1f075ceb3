"""How each list of a Facebook page is read, and which scopes that completes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from pipelines.http import at
from pipelines.sources.meta_accounts import pages_of_user, read_account, refuse_other_version
from pipelines.sources.meta_reads import (
    ALL_EVERY,
    PERSONS,
    REREAD,
    Access,
    Thing,
    accounts_of,
    children,
    count,
    edge,
    finish,
    listing,
    own,
    page,
    people,
    postpone,
    probe_list,
    remember,
    span,
    things_of,
    whole,
    within,
)
from pipelines.sources.reading import Page, Reading, Recent, Scope, Window, passes
from pipelines.sources.values import Json, instant, objects

NAME = "facebook"
PLACES = {"published": "published_posts", "visitor": "visitor_posts", "tagged": "tagged"}
ACCOUNT_FIELDS = (
    "id", "name", "username", "fan_count", "followers_count", "category", "link",
    "verification_status",
)  # fmt: skip
POST_FIELDS = (
    "id", "message", "story", "created_time", "updated_time", "permalink_url", "status_type",
    "parent_id", "from{id,name}", "is_published", "is_hidden", "is_expired", "promotion_status",
    "shares", "reactions.limit(0).summary(total_count)",
    "comments.filter(stream).limit(0).summary(total_count)",
)  # fmt: skip
COMMENT_FIELDS = (
    "id", "message", "created_time", "from{id,name}", "parent{id}", "like_count", "comment_count",
    "is_hidden", "is_private", "permalink_url",
)  # fmt: skip
REVIEW_FIELDS = (
    "open_graph_story{id}", "created_time", "reviewer{id,name}", "rating", "recommendation_type",
    "review_text",
)  # fmt: skip
TALK_FIELDS = ("id", "updated_time")
MESSAGE_FIELDS = ("id", "created_time", "from{id,name}", "to{id,name}", "message")
TALKS_REREAD = timedelta(days=1)
CREATED, UPDATED = ("created_time",), ("updated_time",)


def read_accounts(reading: Reading) -> Iterator[Page]:
    """The pages that the token may read, or those of them that the settings name."""
    found = [access for access, _ in pages_of_user(reading)]
    wanted = set(reading.config.pages) or {access.account_id for access in found}
    if not wanted or wanted - {access.account_id for access in found if access.headers}:
        reading.unavailable.append("accounts: the token does not open every page that is asked for")
    for access in found:
        if access.account_id not in wanted or not access.headers:
            continue
        answer = read_account(reading, access, ACCOUNT_FIELDS)
        if answer is not None:
            reading.memory.setdefault("accounts", []).append(access)
            yield page(answer, access, answer.rows)


def read_posts(reading: Reading) -> Iterator[Page]:
    """What the page published, what others wrote on it, and where they tagged it."""
    for access in accounts_of(reading):
        seen: set[str] = set()
        for place, name in PLACES.items():
            window = reading.window(name, access.account_id, REREAD, ALL_EVERY)
            found = listing(reading, edge("posts", name, access, POST_FIELDS, params=span(window)))
            beside = {"place": place} | ({"is_own": True} if place == "published" else {})
            for answer in found:
                # A post may stand in several lists; it belongs to the first.
                rows = own(access, (row for row in answer.rows if _id(row) not in seen))
                seen.update(filter(None, map(_id, objects(rows))))
                remember(reading, (_post(access, place, row) for row in objects(rows)))
                yield people(access, rows)
                yield page(answer, access, list(map(_without_person, rows)), beside=beside)
            if found.is_complete:
                postpone(reading, name, access.account_id, window)
                whole(reading, "posts", window, access, place=place)


def _id(row: Any) -> str:
    return str(at(row, ("id",)) or "")


def _post(access: Access, place: str, row: Json) -> Thing:
    totals = {
        name: count(at(row, (name, "summary", "total_count"))) for name in ("comments", "reactions")
    }
    created_at = instant(row.get("created_time"))
    return Thing(access, _id(row), place, created_at, totals, _id(_without_person(row)))


def _without_person(row: Any) -> Any:
    """A post on somebody's own timeline without that person's id, which begins its own id."""
    owner, _, number = _id(row).partition("_")
    if not number or row["is_own"] or owner != at(row, ("from", "id")):
        return row
    return row | {"id": PERSONS + number, "permalink_url": None}


def read_reviews(reading: Reading) -> Iterator[Page]:
    """Ratings and recommendations, newest first."""
    for access in accounts_of(reading):
        window = reading.window("reviews", access.account_id, REREAD, ALL_EVERY)
        ratings = listing(reading, edge("reviews", "ratings", access, REVIEW_FIELDS))
        found = Recent(ratings, passes(window.since, CREATED))
        for answer in found:
            rows = own(access, within(answer.rows, CREATED, window), "reviewer")
            remember(reading, (_review(access, row) for row in objects(rows)))
            yield people(access, rows, "reviewer")
            yield page(answer, access, rows)
        if found.is_complete:
            postpone(reading, "reviews", access.account_id, window)
            whole(reading, "reviews", window, access)


def _review(access: Access, row: Json) -> Thing:
    """The story of a review, below which answers stand."""
    story = str(at(row, ("open_graph_story", "id")) or "")
    return Thing(access, story, "review", instant(row.get("created_time")))


def read_comments(reading: Reading) -> Iterator[Page]:
    """Everything below the posts and reviews of this run."""
    things = _with_children(reading, "comments", *PLACES, "review")
    found = children(
        reading, things,
        lambda t: edge(
            "comments", "comments", t.access, COMMENT_FIELDS, object_id=t.object_id,
            params={"filter": "stream"},
        ),
    )  # fmt: skip
    for thing, below in found:
        any_came = False
        beside: Json = {"post_id": thing.landed_id, "place": thing.kind}
        if thing.landed_id != thing.object_id:
            beside["permalink_url"] = None
        for answer in below:
            rows = own(thing.access, answer.rows)
            any_came = any_came or bool(rows)
            yield people(thing.access, rows)
            yield page(answer, thing.access, rows, beside=beside)
        # Where the post counts comments but none is shown, they are withheld, not deleted.
        if below.is_complete and (any_came or thing.counts.get("comments") is None):
            reading.whole(Scope("comments", {"post_id": thing.landed_id}))


def _with_children(reading: Reading, name: str, *kinds: str) -> list[Thing]:
    """Objects that have children by their own count; the others have none: those have ended."""
    found = []
    for thing in things_of(reading, *kinds):
        if thing.counts.get(name) == 0:
            reading.whole(Scope(name, {"post_id": thing.landed_id}))
        else:
            found.append(thing)
    return found


def read_reactions(reading: Reading) -> Iterator[Page]:
    """Who reacted to the page's own posts; the network does not say when."""
    things = _with_children(reading, "reactions", "published")
    found = children(
        reading, things,
        lambda t: edge(
            "reactions", "reactions", t.access, ("id", "name", "type"), object_id=t.object_id,
        ),
    )  # fmt: skip
    for thing, below in found:
        any_came = False
        for answer in below:
            rows = objects(answer.rows)
            any_came = any_came or bool(rows)
            who = [{"id": row.get("id"), "name": row.get("name")} for row in rows]
            yield Page(who, thing.access.account_id, resource="profiles")
            yield page(answer, thing.access, answer.rows, beside={"post_id": thing.object_id})
        if below.is_complete and any_came:
            reading.whole(Scope("reactions", {"post_id": thing.object_id}))
    finish(reading, "comments", "reactions")


def read_direct_messages(reading: Reading) -> Iterator[Page]:
    """The page's inbox, if the settings say so: conversations with news, and their messages."""
    for access in accounts_of(reading) if reading.config.inbox else ():
        window = reading.window("direct_messages", access.account_id, TALKS_REREAD)
        inbox = listing(reading, edge("direct_messages", "conversations", access, TALK_FIELDS))
        talks = Recent(inbox, passes(window.since, UPDATED))
        moved: list[Thing] = []
        for answer in talks:
            moved += [
                Thing(access, _id(row), "talk", instant(row.get("updated_time")))
                for row in within(objects(answer.rows), UPDATED, Window(window.since))
                if _id(row)
            ]
        yield from _messages(reading, access, moved, window)
        if talks.is_complete:
            reading.done("direct_messages", access.account_id, window)


def _messages(
    reading: Reading, access: Access, talks: Sequence[Thing], window: Window
) -> Iterator[Page]:
    found = children(
        reading, talks,
        lambda t: edge(
            "direct_messages", "messages", t.access, MESSAGE_FIELDS, object_id=t.object_id,
        ),
    )  # fmt: skip
    for talk, below in found:
        for answer in Recent(below, passes(window.since, CREATED)):
            rows = [_addressed(r) for r in own(access, within(answer.rows, CREATED, window))]
            yield people(access, rows)
            yield page(answer, access, rows, beside={"conversation_id": talk.object_id})


def _addressed(row: Any) -> Any:
    """A message with the one it is addressed to; the page writes to one person at a time."""
    if not isinstance(row, dict):
        return row
    to = objects(at(row, ("to", "data")))
    return row | {"to_id": to[0].get("id") if to else None}


def probe(reading: Reading) -> None:
    """The cheapest requests that show whether token, rights and version are good."""
    for _ in read_accounts(reading):
        pass
    refuse_other_version(reading)
    probe_list(reading, "posts", "published_posts")
