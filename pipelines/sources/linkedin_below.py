"""What stands below posts on LinkedIn: comments, answers, reactions; and what of it has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pipelines.http import Ok, at
from pipelines.sources.linkedin_reads import Post, posts_of
from pipelines.sources.linkedin_requests import batch, batches, below, denied, listing
from pipelines.sources.reading import Listing, Page, Reading, Scope
from pipelines.sources.spec import Row


def read_comments(reading: Reading) -> Iterator[Page]:
    """Comments of each post, and the answers to each of them."""
    for post in posts_of(reading):
        if post.comments == 0:
            reading.whole(Scope("comments", {"post_id": post.urn}))
            continue
        is_complete, waiting = True, [(post.urn, "")]
        while waiting:
            urn, parent = waiting.pop()
            found = listing(reading, below("comments", "/rest/socialActions/{urn}/comments", urn))
            for answer in found:
                rows = [_comment(row, post, parent, reading) for row in answer.rows]
                waiting += [(str(row["urn"]), str(row["urn"])) for row in rows if _is_answered(row)]
                yield Page(
                    rows, post.organization, {"post_id": post.urn}, too_complex=answer.too_complex
                )
            is_complete = is_complete and found.is_complete
            if _may_not(reading, found):
                return
        if is_complete:
            reading.whole(Scope("comments", {"post_id": post.urn}))


def _may_not(reading: Reading, found: Listing) -> bool:
    """Such lists may not be read at all; then nothing counts as read to its end."""
    reading.memory["refused"] = found.is_refused or reading.memory.get("refused", False)
    return found.is_refused


def _comment(row: Any, post: Post, parent: str, reading: Reading) -> Any:
    """A comment with its whole URN: its own id is a number below the post's activity."""
    if not isinstance(row, dict):
        return row
    made = None
    if row.get("object") and row.get("id"):
        made = f"urn:li:comment:({row['object']},{row['id']})"
    keeps_text = bool(reading.config.comment_texts)
    return row | {
        "urn": row.get("$URN") or row.get("commentUrn") or made,
        "parent_urn": row.get("parentComment") or parent or None,
        "is_own": row.get("actor") == post.organization,
        "text": at(row, ("message", "text")) if keeps_text else None,
    }


def _is_answered(row: Any) -> bool:
    names = ("totalFirstLevelComments", "aggregatedTotalComments")
    counts = [at(row, ("commentsSummary", name)) for name in names]
    return bool(at(row, ("urn",))) and any(counts)


def read_reactions(reading: Reading) -> Iterator[Page]:
    """Who reacted to each post."""
    whole: set[str] = reading.memory.setdefault("reactions_read", set())
    for post in posts_of(reading):
        if post.reactions != 0:
            path = "/rest/reactions/(entity:{urn})"
            found, count = listing(reading, below("reactions", path, post.urn, q="entity")), 0
            for answer in found:
                count += len(answer.rows)
                yield Page(answer.rows, post.organization, {"post_id": post.urn})
            if _may_not(reading, found):
                return
            if not (found.is_complete and count):  # its number says that there are some
                continue
        whole.add(post.urn)
        reading.whole(Scope("reactions", {"post_id": post.urn}))


def lost_reactions(reading: Reading, rows: Sequence[Row]) -> Iterator[Row]:
    """Of some reactions, those missing from the whole list of their post, or below no post."""
    whole: set[str] = reading.memory.get("reactions_read", set())
    yield from (row for row in rows if row["post_id"] in whole)
    others = [row for row in rows if row["post_id"] not in whole]
    gone = _denied(reading, "reactions", "/rest/posts", {str(row["post_id"]) for row in others})
    yield from (row for row in others if row["post_id"] in gone)


def _denied(reading: Reading, resource: str, path: str, urns: Iterable[str]) -> set[str]:
    """Of some URNs, those that LinkedIn says there is nothing of."""
    gone: set[str] = set()
    for some in batches(sorted(urns)):
        answer = reading.fetch(batch(resource, path, some))
        if isinstance(answer.outcome, Ok):
            gone |= denied(answer) & set(some)
    return gone


def lost_of(
    resource: str, path: str, key: str
) -> Callable[[Reading, Sequence[Row]], Iterator[Row]]:
    """The look-up of objects by their URN, which stands in the column `key`."""

    def lost(reading: Reading, rows: Sequence[Row]) -> Iterator[Row]:
        gone = _denied(reading, resource, path, {str(row[key]) for row in rows})
        yield from (row for row in rows if row[key] in gone)

    return lost
