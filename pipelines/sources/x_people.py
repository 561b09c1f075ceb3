"""How people on X are read: who reposted, liked, follows, wrote; and what only authors see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pipelines.http import Ok, next_token
from pipelines.sources.reading import Page, Reading, Scope, Window
from pipelines.sources.values import Json, batches, objects
from pipelines.sources.x_dialect import post_row, text
from pipelines.sources.x_reads import own_with
from pipelines.sources.x_requests import (
    BATCH_SIZE,
    LIKE_PRICE,
    MONTH,
    OWN_PRICE,
    USER_PRICE,
    Own,
    accounts_of,
    acts_were_read,
    ask,
    is_user,
    people_edge,
    posts_by_id,
    user_page,
    users,
)  # fmt: skip

SECRET_FIELD = "non_public_metrics"  # noqa: S105 - for the author only, and for 30 days
SECRET_COUNTS = ("impression_count", "url_link_clicks", "user_profile_clicks")


def read_reposts(reading: Reading) -> Iterator[Page]:
    """Who reposted each young post; the network does not say when."""
    yield from _read_acts(reading, "reposts", "retweeted_by", "repost_count", USER_PRICE)


def read_likes(reading: Reading) -> Iterator[Page]:
    """Who likes each young post; only a user may ask."""
    if is_user(reading):
        yield from _read_acts(reading, "likes", "liking_users", "like_count", LIKE_PRICE)
    acts_were_read(reading)


def _read_acts(
    reading: Reading, resource: str, name: str, count: str, price: int
) -> Iterator[Page]:
    for account in accounts_of(reading):
        for own in own_with(reading, account, count):
            path = f"/2/tweets/{{id}}/{name}"
            request = people_edge(resource, name, path, own.post_id, price)
            found = reading.listing(request, next_token("pagination_token"))
            for answer in found:
                people = user_page(reading, answer, account.account_id, resource)
                yield Page(people.rows, account.account_id, {"post_id": own.first_id})
                yield from _met(reading, people)
            if found.is_refused:
                return  # not permitted: the next one would not be either


def _met(reading: Reading, people: Page) -> Iterator[Page]:
    """The same people as profiles; they need no look-up."""
    met: set[Any] = reading.memory.setdefault("met", set())
    met |= {text(person.get("id")) for person in objects(people.rows)}
    yield Page(people.rows, people.account_id, resource="profiles")


def read_followers(reading: Reading) -> Iterator[Page]:
    """Everybody who follows, when it is time again: each of them costs money."""
    every = reading.config.followers_every_days
    for account in accounts_of(reading):
        last_at = reading.last_read("followers", account.account_id).at
        is_due = last_at is None or last_at <= reading.now - timedelta(days=every)
        if not every or not is_due or reading.backfill is not None:
            continue
        path = "/2/users/{id}/followers"
        request = people_edge("followers", "followers", path, account.account_id, USER_PRICE)
        found, count = reading.listing(request, next_token("pagination_token")), 0
        for answer in found:
            count += len(answer.rows)
            people = user_page(reading, answer, account.account_id, "followers")
            yield Page(people.rows, account.account_id, {"followed_id": account.account_id})
            yield from _met(reading, people)
        if found.is_complete and count:  # an empty list ends nobody
            reading.whole(Scope("followers", {"_account_id": account.account_id}))
            reading.done("followers", account.account_id, Window())


def read_profiles(reading: Reading) -> Iterator[Page]:
    """Who wrote what is new, unless another list told already."""
    if not reading.config.profiles:
        return
    last_at = reading.last_read("profiles", "").at
    authors = reading.memory.get("authors", {})
    new = [
        author for author, wrote_at in authors.items()
        if author not in reading.memory.get("met", set())
        and (last_at is None or wrote_at is None or wrote_at >= last_at - timedelta(days=1))
    ]  # fmt: skip
    for batch in batches(new, BATCH_SIZE):
        answer = reading.fetch(users("profiles", "/2/users", ids=batch))
        yield user_page(reading, answer, "", "profiles")
    reading.done("profiles", "", Window())


def read_own_metrics(reading: Reading) -> Iterator[Page]:
    """Figures that only the author sees, of posts of the last 30 days."""
    if not is_user(reading):
        return
    young: dict[str, Own] = {
        own.post_id: own
        for own in reading.memory.get("own", {}).values()
        if own.created_at is not None and own.created_at > reading.now - MONTH
    }
    for batch in batches(young, BATCH_SIZE):
        make = posts_by_id("metrics", batch, (SECRET_FIELD,), OWN_PRICE)
        answer = ask(reading, make)
        if not isinstance(answer.outcome, Ok):
            reading.unavailable.append("metrics: what only the author sees may not be read")
            return
        for post in objects(answer.rows):
            own = young.get(str(text(post.get("id"))))
            if own is not None:
                row, _ = post_row(post, own.account)
                yield Page(list(_observations(reading, own, row)), own.account.account_id)


def _observations(reading: Reading, own: Own, post: Json) -> Iterator[Json]:
    figures = post.get(SECRET_FIELD) or {}
    for name in SECRET_COUNTS:
        value = figures.get(name)
        yield {
            "object_kind": "posts", "object_id": own.first_id, "metric": f"author_{name}",
            "breakdown": None, "period": "lifetime", "slot": reading.slot, "value": value,
            "reason": "not_reported" if value is None else None,
        }  # fmt: skip
