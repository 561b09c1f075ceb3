"""How each list of Sprout Social is read: profile by profile, so that one that is not allowed
leaves the others; posts and messages of the last month again each night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.http import Answer, Ok, Request, at
from pipelines.sources.reading import Page, Reading, Scope
from pipelines.sources.spec import METRICS
from pipelines.sources.sprout_metrics import POST_METRICS, network_of
from pipelines.sources.sprout_requests import (
    API,
    MESSAGES_SIZE,
    POSTS_SIZE,
    REREAD,
    PageCursors,
    PageNumbers,
    accounts_of,
    bounds,
    customer_of,
    figure,
    question,
    read_all,
    span,
    without_refused,
)
from pipelines.sources.values import Json

CASES_LAG, CASES_SPAN = timedelta(hours=1), timedelta(days=7)  # a longer span is refused
POST_FIELDS = (
    "guid", "native_id", "customer_profile_id", "created_time", "post_category", "post_type",
    "text", "perma_link", "internal.tags.id",
)  # fmt: skip
MESSAGE_FIELDS = (
    "guid", "native_id", "customer_profile_id", "network", "created_time", "post_category",
    "post_type", "text", "perma_link", "sent", "language_code", "case_id", "from.guid", "from.name",
    "from.screen_name", "internal.tags.id", "internal.sent_by.id",
)  # fmt: skip


def _reference(
    table: str, path: str, shape: Callable[[Json], Json]
) -> Callable[[Reading], Iterator[Page]]:
    """The reader of a list that is always complete and never paged."""

    def read(reading: Reading) -> Iterator[Page]:
        values = {"customer": customer_of(reading)}
        answer = reading.fetch(
            Request(table, f"/{API}/{{customer}}/metadata/customer{path}", values)
        )
        if not isinstance(answer.outcome, Ok):
            reading.unavailable.append(f"{table}: not readable")
            return
        rows = [shape(row) if isinstance(row, dict) else row for row in answer.rows]
        reading.memory[table] = rows
        yield Page(rows, too_complex=answer.too_complex)
        reading.whole(Scope(table))

    return read


def _account(row: Json) -> Json:
    return row | {"network": network_of(row.get("network_type"))}


read_accounts = _reference("accounts", "", _account)
read_users = _reference("users", "/users", lambda row: row)
read_tags = _reference("tags", "/tags", lambda row: row)
read_topics = _reference("topics", "/topics", lambda row: row)


def _tag_ids(row: Json) -> str | None:
    tags = at(row, ("internal", "tags"))
    found = [str(at(tag, ("id",))) for tag in tags] if isinstance(tags, list) else []
    return " ".join(found) or None


def read_posts(reading: Reading) -> Iterator[Page]:
    """The brand's posts with their lifetime figures."""
    for account in accounts_of(reading):
        yield from _posts_of(reading, account)


def _posts_of(reading: Reading, account: Json) -> Iterator[Page]:
    one, network = str(account.get("customer_profile_id")), str(account["network"])
    window = reading.window("posts", one, REREAD)
    filters = [f"customer_profile_id.eq({one})", span("created_time", *bounds(reading, window))]
    label = f"posts.{network}"
    names = [name for name in POST_METRICS if name not in reading.refused_names(label)]
    asked = question(
        reading, label, "analytics/posts", filters, POSTS_SIZE, names, fields=list(POST_FIELDS),
        sort=["guid:asc"],
    )  # fmt: skip
    usable, first = without_refused(reading, asked)
    if usable is None:  # the posts themselves are worth reading
        body = {k: v for k, v in asked.json.items() if k != "metrics"}
        usable = replace(asked, names=(), json=body)
    metrics = usable.names

    def onward(request: Request, last: Any) -> Request:
        behind = f"guid.gt({at(last, ('guid',))})"
        body = {k: v for k, v in request.json.items() if k != "page"}
        return replace(request, json=body | {"filters": [*filters, behind]})

    def landed(answer: Answer) -> list[Page]:
        rows = [_post(row, network) if isinstance(row, dict) else row for row in answer.rows]
        figures = [
            figure(reading, "posts", row["guid"], name, at(row, ("metrics", name)))
            for row in answer.rows
            if isinstance(row, dict) and row.get("guid")
            for name in metrics
        ]
        native = str(account.get("native_id"))
        return [
            Page(rows, native, resource="posts", too_complex=answer.too_complex),
            Page(figures, native, resource=METRICS),
        ]

    if (yield from read_all(reading, usable, PageNumbers(), onward, landed, first)):
        reading.done("posts", one, window)


def _post(row: Json, network: str) -> Json:
    return {k: v for k, v in row.items() if k != "metrics"} | {
        "network": network, "tag_ids": _tag_ids(row),
    }  # fmt: skip


def read_messages(reading: Reading) -> Iterator[Page]:
    """What people wrote to the brand and the brand to them, its own posts included."""
    for account in accounts_of(reading):
        one = str(account.get("customer_profile_id"))
        window = reading.window("messages", one, REREAD)
        since, until = bounds(reading, window)
        owner = f"customer_profile_id.eq({one})"
        asked = question(
            reading, "messages", "messages", [owner, span("created_time", since, until)],
            MESSAGES_SIZE, fields=list(MESSAGE_FIELDS), sort=["created_time:asc"],
        )  # fmt: skip
        onward = _from_last([owner], "created_time", until)
        network, native = str(account["network"]), str(account.get("native_id"))

        def landed(answer: Answer, network: str = network, native: str = native) -> list[Page]:
            rows = [_message(row, network) if isinstance(row, dict) else row for row in answer.rows]
            return [Page(rows, native, too_complex=answer.too_complex)]

        if (yield from read_all(reading, asked, PageCursors(), onward, landed)):
            reading.done("messages", one, window)


def _from_last(
    filters: Sequence[str], name: str, until: datetime
) -> Callable[[Request, Any], Request]:
    """Goes on from the instant of the last row; rows of that instant come twice."""

    def onward(request: Request, last: Any) -> Request:
        since = datetime.fromisoformat(str(at(last, (name,)))).astimezone(UTC)
        body = {k: v for k, v in request.json.items() if k != "page_cursor"}
        return replace(request, json=body | {"filters": [*filters, span(name, since, until)]})

    return onward


def _message(row: Json, network: str) -> Json:
    """A message with its author as a profile: by handle, else by the id that Sprout knows."""
    author = at(row, ("from", "screen_name")) or at(row, ("from", "guid"))
    return row | {
        "network": network,
        "author": f"{network}|{author}" if author else None,
        "author_name": at(row, ("from", "name")),
        "agent_id": at(row, ("internal", "sent_by", "id")),
        "tag_ids": _tag_ids(row),
    }


def read_cases(reading: Reading) -> Iterator[Page]:
    """Cases that changed, week by week."""
    window = reading.window("cases", "", CASES_LAG)
    since, until = bounds(reading, window)
    while since < until:
        end = min(since + CASES_SPAN, until)
        asked = question(
            reading, "cases", "cases/filter", [span("updated_time", since, end)], MESSAGES_SIZE,
            sort=["updated_time:asc"],
        )  # fmt: skip
        onward = _from_last([], "updated_time", end)
        if not (yield from read_all(reading, asked, PageCursors(), onward, _cases)):
            return
        since = end
    reading.done("cases", "", window)


def _cases(answer: Answer) -> list[Page]:
    rows = [
        row | {"assigned_to": at(row, ("assigned_to", "id"))} if isinstance(row, dict) else row
        for row in answer.rows
    ]
    return [Page(rows, too_complex=answer.too_complex)]


def probe(reading: Reading) -> None:
    """The cheapest requests that show whether the token may read the customer's profiles."""
    values: Mapping[str, str] = {"customer": customer_of(reading)}
    answer = reading.fetch(Request("accounts", f"/{API}/{{customer}}/metadata/customer", values))
    if not isinstance(answer.outcome, Ok):
        reading.unavailable.append("accounts: the token may not read them")
