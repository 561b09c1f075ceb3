"""Requests to X: their prices, page sizes, vocabulary and windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.http import Answer, Fatal, Request, SkipItem, SourceFailed, next_token
from pipelines.sources.reading import Listing, Page, Reading, Window
from pipelines.sources.values import Json
from pipelines.sources.x_answers import OTHER_DIALECT
from pipelines.sources.x_dialect import DIALECTS, Account, Dialect, other, post_row, user_row

NAME = "x"
# Millionths of a US dollar for each object in an answer.
POST_PRICE, USER_PRICE, LIKE_PRICE, OWN_PRICE = 5_000, 10_000, 1_000, 1_000
PAGE_SIZE, BATCH_SIZE = 100, 100
SMALLEST = {"tweets": 5, "mentions": 5, "search": 10, "quote_tweets": 10}
REREAD, MONTH, WEEK = timedelta(days=7), timedelta(days=30), timedelta(days=7)
# What is asked for of a post, the id and text that always come aside.
POST_FIELDS = (
    "author_id", "conversation_id", "created_at", "entities", "in_reply_to_user_id", "lang",
    "public_metrics",
)  # fmt: skip
USER_FIELDS = (("user.fields", "created_at,name,protected,public_metrics,username,verified"),)
END_BEFORE = timedelta(seconds=30)  # a list may not end now: the last seconds are not settled
SPAN_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Own:
    """A post of the account that was read in this run. `counts`: what was done to it."""

    account: Account
    post_id: str
    first_id: str
    created_at: datetime | None
    counts: Json


def accounts_of(reading: Reading) -> list[Account]:
    """The accounts that were found."""
    found: list[Account] = reading.memory.get("accounts", [])
    return found


def edge(
    resource: str, name: str, path: str, subject: str, price: int, **params: str
) -> Callable[[Dialect], Request]:
    """A list of posts: how it is asked for in a vocabulary. `name`: of its rate and bounds."""

    def make(dialect: Dialect) -> Request:
        least = SMALLEST[name]
        return Request(
            resource, path, {"id": subject}, params=tuple(params.items()), group=name,
            may_lack_rows=True, object_id=subject or None, names_param=dialect.fields,
            names=(*POST_FIELDS, dialect.referenced, dialect.history), size_param="max_results",
            page_size=max(PAGE_SIZE, least), smallest_page=least, unit_cost_micro=price,
        )  # fmt: skip

    return make


def people_edge(resource: str, name: str, path: str, subject: str, price: int) -> Request:
    """A list of people; followers come a thousand at once at most, but that is much money."""
    return Request(
        resource, path, {"id": subject}, params=USER_FIELDS, group=name, may_lack_rows=True,
        object_id=subject, size_param="max_results",
        page_size=PAGE_SIZE, unit_cost_micro=price,
    )  # fmt: skip


def users(resource: str, path: str, **lists: Sequence[str]) -> Request:
    """A lookup of up to 100 people by id or name."""
    ((name, values),) = lists.items()
    return Request(
        resource, path, params=((name, ",".join(values)), *USER_FIELDS), group="users",
        may_lack_rows=True, page_size=len(values), unit_cost_micro=USER_PRICE,
    )  # fmt: skip


def posts_by_id(
    resource: str, ids: Sequence[str], fields: tuple[str, ...], price: int
) -> Callable[[Dialect], Request]:
    """A lookup of up to 100 posts."""

    def make(dialect: Dialect) -> Request:
        return Request(
            resource, "/2/tweets", params=(("ids", ",".join(ids)),), group="posts",
            may_lack_rows=True, names_param=dialect.fields, names=(*fields, dialect.history),
            page_size=len(ids), unit_cost_micro=price,
        )  # fmt: skip

    return make


def ask(reading: Reading, make: Callable[[Dialect], Request]) -> Answer:
    """The answer in the vocabulary that the server knows: once in a run it may be the other one."""
    speaking: Dialect = reading.memory.setdefault("dialect", DIALECTS[reading.config.dialect])
    answer = reading.fetch(make(speaking))
    if answer.outcome != SkipItem(OTHER_DIALECT):
        return answer
    if reading.memory.get("switched"):
        why = "neither vocabulary (post.fields, tweet.fields) is known there"
        raise SourceFailed(NAME, answer.request.resource, Fatal("refused", why))
    reading.memory |= {"dialect": other(speaking), "switched": True}
    return ask(reading, make)


def listing(
    reading: Reading, make: Callable[[Dialect], Request], place: str = "pagination_token"
) -> Listing:
    """A list of posts. `place`: the parameter of the place in it."""
    first = ask(reading, make)
    request = make(reading.memory["dialect"])
    return reading.listing(request, next_token(place), first)


def post_page(reading: Reading, answer: Answer, account: Account) -> Page:
    """The posts of an answer as rows; their authors will be asked for."""
    rows = []
    for post in answer.rows:
        row, differing = post_row(post, account)
        _drift(reading, "posts", differing)
        rows.append(row)
    return Page(rows, account.account_id, resource="posts", too_complex=answer.too_complex)


def user_page(reading: Reading, answer: Answer, account_id: str, resource: str) -> Page:
    """The people of an answer as rows."""
    rows = []
    for user in answer.rows:
        row, differing = user_row(user)
        _drift(reading, resource, differing)
        rows.append(row)
    return Page(rows, account_id, resource=resource, too_complex=answer.too_complex)


def _drift(reading: Reading, resource: str, names: Sequence[str]) -> None:
    """Record once in a run that the two vocabularies say different things."""
    known: set[str] = reading.memory.setdefault("drift", set())
    for name in set(names) - known:
        known.add(name)
        reading.kernel.ledger.unavailable(resource, "dialects_differ", reading.now, name)


def window_of(reading: Reading, listed: str, account: Account) -> Window:
    """All of it at first, then a week back each night, and a month back once a week."""
    window = reading.window(listed, account.account_id, REREAD)
    if reading.backfill is not None or window.since is None:
        return window
    month_at = reading.last_read(f"{listed}_month", account.account_id).at
    is_due = month_at is None or month_at <= reading.now - WEEK
    return Window(window.since - (MONTH - REREAD)) if is_due else window


def was_read(reading: Reading, listed: str, account: Account, window: Window) -> None:
    """Say that a list was read to the end of its window; of a month, see `acts_were_read`."""
    reading.done(listed, account.account_id, window)
    if window.since is None or window.since <= reading.now - MONTH:
        months: list[tuple[str, str, Window]] = reading.memory.setdefault("months", [])
        months.append((f"{listed}_month", account.account_id, window))


def acts_were_read(reading: Reading) -> None:
    """What was done to the posts of the month was read, too: only now the month counts as read, so
    that a night that was cut short is made good without reading everything again.
    """
    for month in reading.memory.pop("months", []):
        reading.done(*month)


def span(reading: Reading, window: Window) -> dict[str, str]:
    """The window as parameters; one up to now has no end."""
    until = window.until
    has_end = until is not None and until <= reading.now - END_BEFORE
    bounds = (("start_time", window.since), ("end_time", until if has_end else None))
    return {name: at.strftime(SPAN_FORMAT) for name, at in bounds if at is not None}


def is_user(reading: Reading) -> bool:
    """It reads as a user, not as an app."""
    return bool(reading.config.refresh_token_file)
