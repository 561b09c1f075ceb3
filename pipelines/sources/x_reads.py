"""How accounts and posts of X are read: timelines, mentions, conversations, quotes, lookups."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from datetime import datetime, timedelta

from pipelines.http import Ok
from pipelines.sources.reading import Page, Reading, Scope, Window
from pipelines.sources.spec import Row
from pipelines.sources.values import Json, batches, instant, objects
from pipelines.sources.x_answers import denied_ids
from pipelines.sources.x_dialect import Account, text
from pipelines.sources.x_requests import (
    BATCH_SIZE,
    OWN_PRICE,
    POST_PRICE,
    Own,
    accounts_of,
    ask,
    edge,
    is_user,
    listing,
    post_page,
    posts_by_id,
    span,
    user_page,
    users,
    was_read,
    window_of,
)  # fmt: skip

SEARCHED = timedelta(days=7)
SLACK = timedelta(minutes=2)  # clocks differ: the search refuses a start before its week
LONGEST_QUERY = 512  # characters
MENTIONS_KEPT = 800  # the newest ones; older ones are not shown


def read_accounts(reading: Reading) -> Iterator[Page]:
    """The brand's own accounts, by id or by handle."""
    wanted: list[str] = reading.config.accounts
    by_id = [name for name in wanted if name.isdigit()]
    by_name = [name.removeprefix("@") for name in wanted if not name.isdigit()]
    requests = [users("accounts", "/2/users", ids=batch) for batch in batches(by_id, BATCH_SIZE)]
    requests += [
        users("accounts", "/2/users/by", usernames=batch) for batch in batches(by_name, BATCH_SIZE)
    ]
    found = 0
    for request in requests:
        answer = reading.fetch(request)
        for user in objects(answer.rows):
            account = Account(str(text(user.get("id"))), str(user.get("username", "")).lower())
            reading.memory.setdefault("accounts", []).append(account)
            found += 1
        yield user_page(reading, answer, "", "accounts")
    if found < len(wanted):
        reading.unavailable.append("accounts: an account is not there, or may not be read")


def read_posts(reading: Reading) -> Iterator[Page]:
    """Own posts, what names or answers the account, the rest of its conversations, quotes."""
    for account in accounts_of(reading):
        since = window_of(reading, "posts", account).since
        conversations: dict[str, None] = {}
        yield from _read_own(reading, account, conversations)
        has_all_mentions = yield from _read_mentions(reading, account)
        yield from _read_conversations(
            reading, account, list(conversations), with_mentions=not has_all_mentions
        )
        yield from _read_quotes(reading, account)
        if reading.backfill is None:
            _look_for_lost(reading, account, since)


def _read_own(reading: Reading, account: Account, conversations: dict[str, None]) -> Iterator[Page]:
    """The timeline, newest first; answers by the account and reposts too."""
    window = window_of(reading, "posts", account)
    price = OWN_PRICE if is_user(reading) else POST_PRICE
    path = "/2/users/{id}/tweets"
    found = listing(
        reading, edge("posts", "tweets", path, account.account_id, price, **span(reading, window))
    )
    for answer in found:
        page = post_page(reading, answer, account)
        own = objects(page.rows)
        _remember(reading, account, own)
        conversations |= dict.fromkeys(
            str(text(post.get("conversation_id"))) for post in own if _is_talk(post)
        )
        yield page
    if found.is_gone:
        reading.unavailable.append("posts: the account is not there")
    if found.is_complete:
        was_read(reading, "posts", account, window)


def _is_talk(post: Json) -> bool:
    is_answer = post.get("replied_to_id") is not None
    return is_answer or bool(post["public_metrics"].get("reply_count"))


def _remember(reading: Reading, account: Account, posts: Sequence[Json]) -> None:
    """The account's posts with what was done to each; those it only reposted are others'."""
    for post in posts:
        if post.get("reposted_id") is None and post["is_own"]:
            own = Own(
                account, str(text(post.get("id"))), str(text(post.get("first_id"))),
                instant(post.get("created_at")), post["public_metrics"],
            )  # fmt: skip
            reading.memory.setdefault("own", {})[own.first_id] = own


def _read_mentions(reading: Reading, account: Account) -> Generator[Page, None, bool]:
    """What names the account; returns whether that is all of it."""
    window = window_of(reading, "mentions", account)
    path = "/2/users/{id}/mentions"
    found = listing(
        reading,
        edge("posts", "mentions", path, account.account_id, POST_PRICE, **span(reading, window)),
    )
    count = 0
    for answer in found:
        count += len(answer.rows)
        yield _others(reading, post_page(reading, answer, account), account, "mentions")
    if found.is_complete:
        was_read(reading, "mentions", account, window)
    if count >= MENTIONS_KEPT:
        reading.kernel.ledger.unavailable("posts", "only_newest_mentions", reading.now)
    return found.is_complete and count < MENTIONS_KEPT


def _others(reading: Reading, page: Page, account: Account, listed: str) -> Page:
    """The same page; its authors will be looked up, all of them where its list is read for the
    first time.
    """
    is_first = reading.last_read(listed, account.account_id).at is None
    authors: dict[str, datetime | None] = reading.memory.setdefault("authors", {})
    for post in objects(page.rows):
        at = None if is_first else instant(post.get("created_at"))
        author = text(post.get("author_id"))
        if isinstance(author, str) and not post["is_own"]:
            known = authors.get(author, at)
            authors[author] = max(at, known) if at and known else None
    return page


def _read_conversations(
    reading: Reading, account: Account, conversations: Sequence[str], *, with_mentions: bool
) -> Iterator[Page]:
    """What others said in conversations of the account without naming it, of the last week."""
    window = window_of(reading, "mentions", account)
    earliest = reading.now - SEARCHED + SLACK
    if window.until is not None and window.until <= earliest:
        return
    bounds = span(reading, window)
    if window.since is None or window.since < earliest:
        bounds.pop("start_time", None)  # a week is what it searches by itself
    for query in queries(conversations, account, with_mentions=with_mentions):
        make = edge("posts", "search", "/2/tweets/search/recent", "", POST_PRICE,
                    query=query, **bounds)  # fmt: skip
        for answer in listing(reading, make, "next_token"):
            yield _others(reading, post_page(reading, answer, account), account, "posts")


def queries(
    conversations: Sequence[str], account: Account, *, with_mentions: bool
) -> Iterator[str]:
    """Searches for conversations, as many in each as fit."""
    end = f") -from:{account.account_id}"
    if not with_mentions and account.handle:
        end += f" -@{account.handle}"  # they were read already, and each costs money
    terms: list[str] = []
    for conversation in conversations:
        term = f"conversation_id:{conversation}"
        if terms and len(f"({' OR '.join([*terms, term])}{end}") > LONGEST_QUERY:
            yield f"({' OR '.join(terms)}{end}"
            terms = []
        terms.append(term)
    if terms:
        yield f"({' OR '.join(terms)}{end}"


def own_with(reading: Reading, account: Account, count: str) -> list[Own]:
    """Young posts of the account to which that was done, newest first; in a backfill all of it."""
    oldest = reading.now - timedelta(days=reading.config.acts_days)
    found: dict[str, Own] = reading.memory.get("own", {})
    return [
        own for own in found.values()
        if own.account == account and own.counts.get(count)
        and (reading.backfill is not None or (own.created_at or oldest) >= oldest)
    ]  # fmt: skip


def _read_quotes(reading: Reading, account: Account) -> Iterator[Page]:
    for own in own_with(reading, account, "quote_count"):
        path = "/2/tweets/{id}/quote_tweets"
        found = listing(reading, edge("posts", "quote_tweets", path, own.post_id, POST_PRICE))
        for answer in found:
            yield _others(reading, post_page(reading, answer, account), account, "posts")
        if found.is_refused:
            return


def _look_for_lost(reading: Reading, account: Account, since: datetime | None) -> None:
    """Posts of the window that did not come are looked up by id; from time to time all posts."""
    name, every = "census", timedelta(days=reading.config.census_every_days)
    last_at = reading.last_read(name, account.account_id).at
    is_due = since is None or last_at is None or last_at <= reading.now - every
    if is_due:
        reading.done(name, account.account_id, Window())
    where = {"_account_id": account.account_id}
    reading.whole(Scope("posts", where, None if is_due else since, "created_at"))


def lost_posts(reading: Reading, rows: Sequence[Row]) -> Iterator[Row]:
    """Of some posts, those that are deleted, or hidden by their author: neither may be kept."""
    by_id = {str(row["first_id"]): row for row in rows}
    for batch in batches(list(by_id), BATCH_SIZE):
        answer = ask(reading, posts_by_id("posts", batch, (), POST_PRICE))
        if isinstance(answer.outcome, Ok):
            yield from (by_id[i] for i in sorted(denied_ids(answer.payload) & set(batch)))


def probe(reading: Reading) -> None:
    """The cheapest request that shows whether the token works."""
    for _ in read_accounts(reading):
        pass
