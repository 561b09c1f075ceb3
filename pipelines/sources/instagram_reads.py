"""How each list of an Instagram account is read, and which scopes that completes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pipelines.http import Request, at
from pipelines.sources.meta_accounts import pages_of_user, read_account, refuse_other_version
from pipelines.sources.meta_reads import (
    ALL_EVERY,
    REREAD,
    Access,
    Thing,
    accounts_of,
    children,
    count,
    edge,
    finish,
    listing,
    page,
    people,
    postpone,
    probe_list,
    remember,
    span,
    things_of,
    whole,
    within,
    without_links,
)
from pipelines.sources.reading import Page, Reading, Recent, Scope, passes
from pipelines.sources.values import instant, objects

NAME = "instagram"
FACEBOOK_LOGIN = "facebook"
COMMENTS_SIZE = 50  # more is refused
ACCOUNT_FIELDS = (
    "id", "ig_id", "username", "name", "biography", "website", "followers_count", "follows_count",
    "media_count",
)  # fmt: skip
STORY_FIELDS = (
    "id", "ig_id", "caption", "media_type", "media_product_type", "permalink", "timestamp",
)  # fmt: skip
MEDIA_FIELDS = (
    *STORY_FIELDS, "like_count", "comments_count", "saved_count", "shares_count", "view_count",
    "reposts_count",
)  # fmt: skip
TAG_FIELDS = (
    "id", "caption", "media_type", "permalink", "timestamp", "username", "like_count",
    "comments_count",
)  # fmt: skip
REPLY_FIELDS = (
    "id", "text", "timestamp", "from{id,username}", "username", "like_count", "hidden", "parent_id",
)  # fmt: skip
COMMENT_FIELDS = (*REPLY_FIELDS, f"replies.limit({COMMENTS_SIZE}){{{','.join(REPLY_FIELDS)}}}")
TIME = ("timestamp",)
KINDS = ("FEED", "REELS")  # of media that stay; AD and STORY do not stand in the list


def read_accounts(reading: Reading) -> Iterator[Page]:
    """The account of the token, or by Facebook's login those of the user's pages."""
    candidates = [Access("me")]
    if reading.config.login == FACEBOOK_LOGIN:
        found = pages_of_user(reading, ("instagram_business_account{id}",))
        linked = [(access, at(row, ("instagram_business_account", "id"))) for access, row in found]
        candidates = [Access(str(account), access.headers) for access, account in linked if account]
    wanted, read = set(reading.config.accounts), set[str]()
    for candidate in candidates:
        if wanted and candidate.account_id not in wanted | {"me"}:
            continue
        answer = read_account(reading, candidate, ACCOUNT_FIELDS)
        for row in answer.rows if answer is not None else ():
            access = Access(str(row.get("id", "")), candidate.headers)
            read.add(access.account_id)
            reading.memory.setdefault("accounts", []).append(access)
            reading.memory.setdefault("names", {})[access.account_id] = row.get("username")
            yield Page([without_links(row)], access.account_id)
    if wanted - read or not candidates:
        reading.unavailable.append("accounts: the token does not open every account asked for")


def read_media(reading: Reading) -> Iterator[Page]:
    """Posts and reels."""
    for access in accounts_of(reading):
        window = reading.window("media", access.account_id, REREAD, ALL_EVERY)
        found = listing(reading, edge("media", "media", access, MEDIA_FIELDS, params=span(window)))
        for answer in found:
            remember(reading, _things(access, answer.rows))
            yield page(answer, access, answer.rows)
        if found.is_complete:
            postpone(reading, "media", access.account_id, window)
            whole(reading, "media", window, access)


def _things(access: Access, rows: Iterable[Any]) -> Iterator[Thing]:
    for row in objects(rows):
        comments = {"comments": count(row.get("comments_count"))}
        product = str(row.get("media_product_type", ""))
        yield Thing(
            access, str(row.get("id", "")), product, instant(row.get("timestamp")), comments
        )


def read_stories(reading: Reading) -> Iterator[Page]:
    """What stands for 24 hours, and does now; the past cannot be asked for."""
    for access in accounts_of(reading) if reading.backfill is None else ():
        for answer in listing(reading, edge("stories", "stories", access, STORY_FIELDS)):
            remember(reading, _things(access, answer.rows))
            yield page(answer, access, answer.rows)


def read_tags(reading: Reading) -> Iterator[Page]:
    """Media of others that tag the account, newest first."""
    for access in accounts_of(reading):
        window = reading.window("tags", access.account_id, REREAD, ALL_EVERY)
        tags = listing(reading, edge("tags", "tags", access, TAG_FIELDS))
        found = Recent(tags, passes(window.since, TIME))
        for answer in found:
            yield page(answer, access, within(answer.rows, TIME, window))
        if found.is_complete:
            reading.done("tags", access.account_id, window)
            whole(reading, "tags", window, access)


def read_comments(reading: Reading) -> Iterator[Page]:
    """Comments on media, with the answers to each."""
    things = things_of(reading, *KINDS)
    for thing in things:
        if thing.counts["comments"] == 0:
            reading.whole(Scope("comments", {"media_id": thing.object_id}))
    found = children(
        reading, [thing for thing in things if thing.counts["comments"] != 0],
        lambda t: edge(
            "comments", "comments", t.access, COMMENT_FIELDS, object_id=t.object_id,
            size=COMMENTS_SIZE,
        ),
    )  # fmt: skip
    for thing, below in found:
        any_came, is_complete = False, True
        for answer in below:
            any_came = any_came or bool(answer.rows)
            nested: list[Any] = []
            for row in objects(answer.rows):
                replies = row.pop("replies", None)
                nested += _listed(at(replies, ("data",)))
                if at(replies, ("paging", "next")):
                    more = listing(reading, _replies(thing, str(row.get("id", ""))))
                    for rest in more:
                        yield from _said(reading, thing, page(rest, thing.access, rest.rows))
                    is_complete = is_complete and more.is_complete
            rows = [*answer.rows, *nested]
            yield from _said(reading, thing, page(answer, thing.access, rows))
        # Where the medium counts comments but none is shown, they are withheld, not deleted.
        if below.is_complete and is_complete and (any_came or thing.counts["comments"] is None):
            reading.whole(Scope("comments", {"media_id": thing.object_id}))
    finish(reading, "comments")


def _listed(value: Any) -> list[Any]:
    """The items of a list, odd ones too: those are to be refused, not overlooked."""
    return value if isinstance(value, list) else []


def _replies(thing: Thing, comment_id: str) -> Request:
    return edge(
        "comments", "replies", thing.access, REPLY_FIELDS, object_id=comment_id, size=COMMENTS_SIZE
    )


def _said(reading: Reading, thing: Thing, found: Page) -> Iterator[Page]:
    """Comments of a medium, and who wrote them."""
    rows = [_own(reading, thing.access, row) for row in found.rows]
    yield people(thing.access, rows)
    yield Page(rows, found.account_id, {"media_id": thing.object_id}, too_complex=found.too_complex)


def _own(reading: Reading, access: Access, row: Any) -> Any:
    """The row with `is_own`: by id, or where none is told by name."""
    if not isinstance(row, dict):
        return row
    author = at(row, ("from", "id"))
    name = reading.memory["names"].get(access.account_id)
    is_own = author == access.account_id if author else bool(name) and row.get("username") == name
    return row | {"is_own": is_own}


def probe(reading: Reading) -> None:
    """The cheapest requests that show whether token, rights and version are good."""
    for _ in read_accounts(reading):
        pass
    refuse_other_version(reading)
    probe_list(reading, "media", "media")
