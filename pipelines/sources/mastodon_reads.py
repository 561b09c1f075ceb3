"""How each list of Mastodon is read, and which scopes that completes.

Only public and unlisted statuses leave this module: the others are dropped as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from pipelines.http import LinkHeader, Ok, Request
from pipelines.sources.mastodon_shapes import id_of, is_open, person
from pipelines.sources.mastodon_threads import Threads
from pipelines.sources.reading import (
    Listing,
    Page,
    Reading,
    Recent,
    Scope,
    Window,
    denied,
    is_plausible,
)
from pipelines.sources.spec import Row
from pipelines.sources.values import Json, instant_of

NAME = "mastodon"
PAGE_SIZE = 80  # a server lowers it to what it allows: 40 statuses, 80 people
REREAD, ALL_EVERY = timedelta(days=14), timedelta(days=28)
ACTS = ("favourite", "reblog", "follow")  # that a notification dates


def _passes(since: datetime | None) -> Callable[[Sequence[Any]], bool]:
    """All rows of a page: a status from another server may be older than its neighbours."""

    def is_past(rows: Sequence[Any]) -> bool:
        found = [instant_of(row, ("created_at",)) for row in rows]
        return since is not None and bool(rows) and all(at and at < since for at in found)

    return is_past


def _listing(
    reading: Reading, resource: str, path: str, of: str = "", *more: tuple[str, str]
) -> Listing:
    request = Request(
        resource, f"/api/v1/{path}", {"id": of}, params=(("limit", str(PAGE_SIZE)), *more),
        rows_path=(), object_id=of or None,
    )  # fmt: skip
    return reading.listing(request, LinkHeader())


def read_accounts(reading: Reading) -> Iterator[Page]:
    """The brand's own accounts."""
    for handle in reading.config.accounts:
        request = Request(
            "accounts", "/api/v1/accounts/lookup", params=(("acct", handle.lstrip("@")),),
            rows_path=(), object_id=handle,
        )  # fmt: skip
        answer = reading.fetch(request)
        if isinstance(answer.outcome, Ok) and answer.rows:
            account = answer.rows[0]
            _accounts(reading)[id_of(account)] = account
            yield Page([person(account, reading.config.domain)], id_of(account))
        else:
            reading.unavailable.append("accounts: an account is not there")


def _accounts(reading: Reading) -> dict[str, Json]:
    """The accounts that were read in this run, by id."""
    found: dict[str, Json] = reading.memory.setdefault("accounts", {})
    return found


def read_statuses(reading: Reading) -> Iterator[Page]:
    """What each account wrote, the threads of it, and what mentions or tags the brand."""
    for account in _accounts(reading):
        window = reading.window("statuses", account, REREAD, ALL_EVERY)
        threads = Threads(reading, account, frozenset(_accounts(reading)))
        own = _listing(
            reading, "statuses", "accounts/{id}/statuses", account, ("exclude_reblogs", "true")
        )
        lists = [Recent(own, _passes(window.since))]
        for answer in lists[0]:
            _remember(reading, account, answer.rows)
            yield from _noted(threads, answer.rows)
        yield from threads.below_own()
        if reading.config.access_token and account == next(iter(_accounts(reading))):
            lists.append(_notifications(reading, window))
            for answer in lists[-1]:
                yield from _told(reading, threads, answer.rows)
        for tag in reading.config.hashtags:
            path = f"timelines/tag/{tag.lstrip('#')}"
            lists.append(Recent(_listing(reading, "statuses", path), _passes(window.since)))
            for answer in lists[-1]:
                yield from _noted(threads, answer.rows)
        yield from threads.around_seeds()
        if all(one.is_complete for one in lists):
            reading.whole(Scope("statuses", {"_account_id": account}, window.since, "created_at"))
            reading.memory.setdefault("windows", []).append((account, window))


def _noted(threads: Threads, statuses: Sequence[Any]) -> Iterator[Page]:
    threads.note(statuses)
    yield from threads.pages(statuses)


def _remember(reading: Reading, account: str, statuses: Sequence[Any]) -> None:
    """How often each own status was favoured and boosted, to ask by whom."""
    own = reading.memory.setdefault("own", {})
    for status in filter(is_open, statuses):
        counts = {name: status.get(f"{name}_count") for name in ("favourites", "reblogs")}
        own[id_of(status)] = (account, counts)


def _notifications(reading: Reading, window: Window) -> Recent:
    types = tuple(("types[]", name) for name in ("mention", *ACTS))
    listing = _listing(reading, "notifications", "notifications", "", *types)
    return Recent(listing, _passes(window.since))


def _told(reading: Reading, threads: Threads, rows: Sequence[Any]) -> Iterator[Page]:
    """Statuses that mention the account, and when somebody did something to an open one of its."""
    told = [row for row in rows if isinstance(row, dict)]
    statuses = [row["status"] for row in told if row.get("type") == "mention" and row.get("status")]
    yield from _noted(threads, statuses)
    acts = [
        {**row, "status_id": id_of(row.get("status")) or None}
        for row in told
        if row.get("type") in ACTS and (row["type"] == "follow" or is_open(row.get("status")))
    ]
    yield Page(acts, threads.account, resource="notifications")
    yield from _people(reading, threads.account, [row.get("account") for row in acts])


def _people(reading: Reading, account: str, people: Sequence[Any]) -> Iterator[Page]:
    rows = [person(one, reading.config.domain) for one in people]
    yield Page(rows, account, resource="profiles")


def read_favourites(reading: Reading) -> Iterator[Page]:
    """Who favoured each status of the brand that was read."""
    yield from _read_acts(reading, "favourites", "favourited_by")


def read_reblogs(reading: Reading) -> Iterator[Page]:
    """Who boosted each status of the brand that was read. Now all of its statuses was read."""
    yield from _read_acts(reading, "reblogs", "reblogged_by")
    for account, window in reading.memory.get("windows", []):
        reading.done("statuses", account, window)


def _read_acts(reading: Reading, resource: str, path: str) -> Iterator[Page]:
    for status_id, (account, counts) in reading.memory.get("own", {}).items():
        declared = counts[resource]
        if declared == 0:
            reading.whole(Scope(resource, {"status_id": status_id}))
            continue
        listing = _listing(reading, resource, f"statuses/{{id}}/{path}", status_id)
        count = 0
        for answer in listing:
            count += len(answer.rows)
            yield Page(answer.rows, account, {"status_id": status_id})
            yield from _people(reading, account, answer.rows)
        if listing.is_complete and is_plausible(count, declared):
            reading.whole(Scope(resource, {"status_id": status_id}))


def read_followers(reading: Reading) -> Iterator[Page]:
    """Everybody who follows. The way on stands in the header only: by ids the body does not show.

    An account may hide its followers: then the list is empty, and nobody has left.
    """
    for account, shown_as in _accounts(reading).items():
        listing = _listing(reading, "followers", "accounts/{id}/followers", account)
        count = 0
        for answer in listing:
            count += len(answer.rows)
            yield Page(answer.rows, account, {"account_id": account})
            yield from _people(reading, account, answer.rows)
        if listing.is_complete and is_plausible(count, shown_as.get("followers_count")):
            reading.whole(Scope("followers", {"_account_id": account}))
            reading.done("followers", account, Window())


def lost_statuses(reading: Reading, rows: Sequence[Row]) -> Iterator[Row]:
    """Of some statuses, those that the server denies."""
    yield from denied(
        reading, rows,
        lambda row: Request(
            "statuses", "/api/v1/statuses/{id}", {"id": row["id"]}, rows_path=(),
            object_id=row["id"],
        ),
    )  # fmt: skip


def probe(reading: Reading) -> None:
    """The cheapest request that shows whether the settings work."""
    for _ in read_accounts(reading):
        pass
