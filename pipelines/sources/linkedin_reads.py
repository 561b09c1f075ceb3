"""How pages of LinkedIn are read: posts, their comments and reactions.

Everything is read at first and every 28 days, on two nights each: what has ended is missing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from pipelines.http import Ok, Request, at
from pipelines.sources.linkedin_requests import (
    batch,
    batches,
    finder,
    instant,
    listing,
    paged,
    plain,
    results,
)
from pipelines.sources.reading import Page, Reading, Recent, Scope, Window
from pipelines.sources.values import Json, objects

REREAD, ALL_EVERY = timedelta(days=14), timedelta(days=28)
SHOWN = timedelta(days=365)  # lists reach back so far
MARGIN = timedelta(days=1)  # what is about to leave the lists is not missed
WARNED_AHEAD = timedelta(days=10)  # before the token ends
FOLLOWED_BY = "COMPANY_FOLLOWED_BY_MEMBER"


@dataclass(frozen=True)
class Post:
    """A post that was read in this run. None: nobody said how many."""

    organization: str
    urn: str
    published_at: datetime | None
    comments: int | None
    reactions: int | None


def organizations_of(reading: Reading) -> list[str]:
    """URNs of the organisations that may be read."""
    found: list[str] = reading.memory.get("organizations", [])
    return found


def read_accounts(reading: Reading) -> Iterator[Page]:
    """The organisations' pages with their followers. One that may not be read is left out."""
    _warn_of_end(reading)
    for number in reading.config.organizations:
        path, urn = "/rest/organizations/{id}", f"urn:li:organization:{number}"
        request = Request("accounts", path, {"id": number}, rows_path=(), object_id=number)
        answer = reading.fetch(request)
        if not isinstance(answer.outcome, Ok):
            reading.unavailable.append("accounts: an organisation may not be read, it is left out")
            continue
        reading.memory.setdefault("organizations", []).append(urn)
        rows = [{**row, "urn": urn, "followers": _followers(reading, urn)} for row in answer.rows]
        yield Page(rows, urn)


def _warn_of_end(reading: Reading) -> None:
    """Tokens live 60 days, and only approved applications may renew them."""
    ends: date | None = reading.config.token_ends
    if ends is not None and ends <= (reading.now + WARNED_AHEAD).date():
        reading.unavailable.append(f"token: it ends on {ends}, authorise the app anew")


def _followers(reading: Reading, urn: str) -> int | None:
    request = Request(
        "accounts", "/rest/networkSizes/{urn}", {"urn": urn}, rows_path=(), object_id=urn,
        params=(("edgeType", FOLLOWED_BY),),
    )  # fmt: skip
    answer = reading.fetch(request)
    size = at(answer.payload, ("firstDegreeSize",))
    return size if isinstance(answer.outcome, Ok) and isinstance(size, int) else None


def _window(reading: Reading, organization: str) -> Window:
    """What moved lately; everything when it is time again, and the night after that."""
    window = reading.window("posts", organization, REREAD, ALL_EVERY)
    finished: list[tuple[str, str, Window]] = reading.memory.setdefault("finished", [])
    if reading.backfill is None and not window.is_full:
        whole_at = reading.last_read("posts", organization).whole_at
        second_at = reading.last_read("second_look", organization).at
        if whole_at is not None and (second_at is None or second_at < whole_at):
            finished += [("posts", organization, window), ("second_look", organization, Window())]
            return Window()
    finished.append(("posts", organization, window))
    return window


def finish(reading: Reading) -> None:
    """Say what was read, now that all below it was read too."""
    whole: set[str] = set() if reading.memory.get("refused") else reading.memory.get("whole", set())
    for resource, organization, window in reading.memory.get("finished", []):
        if organization in whole:
            reading.done(resource, organization, window)


def read_posts(reading: Reading) -> Iterator[Page]:
    """Posts by their last change, each with the number of what is below it."""
    for organization in organizations_of(reading):
        window = _window(reading, organization)
        request = finder(
            "posts", "/rest/posts", q="author", author=organization, sortBy="LAST_MODIFIED"
        )
        found = Recent(listing(reading, paged(request)), partial(_is_past, window))
        for answer in found:
            rows = [row for row in answer.rows if _is_within(row, window)]
            sums = _sums(reading, [str(row["id"]) for row in _named(rows)])
            yield Page(
                [_post(row, sums) for row in rows], organization, too_complex=answer.too_complex
            )
            _remember(reading, organization, rows, sums)
        if found.is_complete:
            reading.memory.setdefault("whole", set()).add(organization)
            _complete(reading, organization, window)


def _named(rows: Sequence[Any]) -> list[Json]:
    return [row for row in objects(rows) if isinstance(row.get("id"), str)]


def _modified(row: Any) -> datetime | None:
    return instant(at(row, ("lastModifiedAt",)))


def _is_within(row: Any, window: Window) -> bool:
    """Without a time it counts: the mapper says what is wrong with it."""
    modified = _modified(row)
    if modified is None:
        return True
    is_early = window.since is not None and modified < window.since
    return not is_early and (window.until is None or modified < window.until)


def _is_past(window: Window, rows: Sequence[Any]) -> bool:
    last = _modified(rows[-1]) if rows else None
    return window.since is not None and last is not None and last < window.since


def _complete(reading: Reading, organization: str, window: Window) -> None:
    """What is of the window stands in the lists, unless it left the last 12 months."""
    if window.until is None:
        shown = reading.now - SHOWN + MARGIN
        since = max(window.since, shown) if window.since else shown
        where = {"_account_id": organization}
        reading.whole(Scope("posts", where, since, "published_at"))
        # What was below a post that is gone stands in no list; the look-up decides.
        reading.whole(Scope("comments", where, since, "created_at"))
        reading.whole(Scope("reactions", where, since, "reacted_at"))


def _sums(reading: Reading, urns: Sequence[str]) -> dict[str, Any]:
    """Numbers of comments and reactions by post."""
    found: dict[str, Any] = {}
    for some in batches(urns):
        answer = reading.fetch(batch("posts", "/rest/socialMetadata", some))
        if isinstance(answer.outcome, Ok):
            found |= results(answer)
    return found


def _post(row: Any, sums: dict[str, Any]) -> Any:
    if not isinstance(row, dict):
        return row
    found = sums.get(str(row.get("id")))
    return row | {
        "commentary": plain(row.get("commentary")),
        "media_urn": at(row, ("content", "media", "id")),
        "is_article": at(row, ("content", "article")) is not None,
        "parent_urn": at(row, ("reshareContext", "parent")),
        "comments": at(found, ("commentSummary", "count")),
        "top_level_comments": at(found, ("commentSummary", "topLevelCount")),
        "reactions": _reaction_count(found),
    }


def _reaction_count(sums: Any) -> int | None:
    kinds = at(sums, ("reactionSummaries",))
    if not isinstance(kinds, dict):
        return None
    counts = [at(kind, ("count",)) for kind in kinds.values()]
    return sum(count for count in counts if isinstance(count, int))


def _remember(
    reading: Reading, organization: str, rows: Sequence[Any], sums: dict[str, Any]
) -> None:
    posts: list[Post] = reading.memory.setdefault("posts", [])
    for row in _named(rows):
        found = sums.get(str(row["id"]))
        count = at(found, ("commentSummary", "count"))
        comments = count if isinstance(count, int) else None
        published_at, reactions = instant(row.get("publishedAt")), _reaction_count(found)
        posts.append(Post(organization, str(row["id"]), published_at, comments, reactions))


def posts_of(reading: Reading) -> list[Post]:
    """Posts that were read in this run."""
    found: list[Post] = reading.memory.get("posts", [])
    return found


def probe(reading: Reading) -> None:
    """The cheapest requests that show whether token and version are good."""
    for _ in read_accounts(reading):
        pass
