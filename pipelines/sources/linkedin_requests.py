"""Requests to LinkedIn: Rest.li addresses written by hand, pages by number, what answers mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pipelines.http import (
    Answer,
    Exchange,
    Fatal,
    Ok,
    Outcome,
    QuotaStop,
    Request,
    SkipItem,
    at,
    default_outcome,
    next_day,
    server_time,
)
from pipelines.sources.reading import Listing, Reading

NAME, VERSION = "linkedin", "202607"
PAGE_SIZE = 100
LONGEST_LIST = 3_000  # bytes of a query: above 4,096 it would be refused
BATCH_GET = {"X-RestLi-Method": "BATCH_GET"}
RETIRED, THROTTLED = 426, 429
# LinkedIn's own notation of texts: `{hashtag|\#|word}`, `@[Name](urn)`, and signs behind `\`.
HASHTAG = re.compile(r"\{hashtag\|\\?[#＃]\|([^}]*)\}")
MEMBER = re.compile(r"@\[[^\]]*\]\(urn:li:(?:person|member):[^)]*\)")
MENTION = re.compile(r"@\[([^\]]*)\]\([^)]*\)")
ESCAPED = re.compile(r"\\([\\|{}@\[\]()<>#*_~])")


@dataclass(frozen=True)
class Numbered:
    """Pages by `start` and `count`. End: no link to a next page, and fewer rows than asked for."""

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        links = at(answer.payload, ("paging", "links"))
        has_next = any(at(link, ("rel",)) == "next" for link in links or ())
        size = answer.request.page_size or PAGE_SIZE
        if not has_next and len(answer.rows) + len(answer.too_complex) < size:
            return None
        start = next((int(value) for name, value in request.params if name == "start"), 0) + size
        return str(start), request.with_param("start", str(start))


def finder(resource: str, path: str, raw: str = "", **params: str) -> Request:
    """A list. `raw`: parameters in Rest.li's own grammar, exactly as they go over the wire."""
    return Request(
        resource, path, params=tuple(params.items()), raw_query=raw, rows_path=("elements",),
    )  # fmt: skip


def below(resource: str, path: str, urn: str, **params: str) -> Request:
    """A list below a post or comment. Its URN is encoded in the path, brackets and commas too."""
    return Request(
        resource, path, {"urn": urn}, params=tuple(params.items()), rows_path=("elements",),
        object_id=urn, size_param="count", page_size=PAGE_SIZE,
    )  # fmt: skip


def listing(reading: Reading, request: Request) -> Listing:
    """A list page by page."""
    return reading.listing(request, Numbered())


def paged(request: Request) -> Request:
    """The same list in pages."""
    return replace(request, size_param="count", page_size=PAGE_SIZE)


def batch(resource: str, path: str, urns: Iterable[str]) -> Request:
    """Several objects by URN."""
    return Request(
        resource, path, raw_query=f"ids={urn_list(urns)}", rows_path=("results",),
        headers=BATCH_GET,
    )  # fmt: skip


def urn_list(urns: Iterable[str]) -> str:
    """`List(…)`: its own signs as they are, everything inside encoded."""
    return f"List({','.join(quote(urn, safe='') for urn in urns)})"


def batches(urns: Iterable[str]) -> Iterator[list[str]]:
    """URNs in lists that fit into an address."""
    held: list[str] = []
    for urn in urns:
        if held and len(urn_list([*held, urn])) > LONGEST_LIST:
            yield held
            held = []
        held.append(urn)
    if held:
        yield held


def days(since: datetime, until: datetime) -> str:
    """The days between two midnights (UTC), written as time intervals must be."""
    start, end = (int(instant.timestamp() * 1000) for instant in (since, until))
    return f"timeIntervals=(timeRange:(start:{start},end:{end}),timeGranularityType:DAY)"


def results(answer: Answer) -> dict[str, Any]:
    """What a batch found, by URN."""
    found = at(answer.payload, ("results",))
    return found if isinstance(found, dict) else {}


def denied(answer: Answer) -> set[str]:
    """URNs that a batch says there are none of."""
    errors = at(answer.payload, ("errors",))
    if not isinstance(errors, dict):
        return set()
    return {urn for urn, error in errors.items() if at(error, ("status",)) in (404, 410)}


def classify(exchange: Exchange, version: str = VERSION) -> Outcome:
    """A day's quota, a version that is no longer served, parameters that are not permitted."""
    reply = exchange.reply
    if reply is None:
        return default_outcome(exchange)
    match reply.status:
        case status if status == RETIRED:
            hint = "a newer version (YYYYMM) under [sources.{source}], or update ror-warehouse"
            return Fatal("version_retired", f"version {version} is no longer served", hint)
        case status if status == THROTTLED:
            now = server_time(reply.headers)
            return QuotaStop("the day's calls are used up", next_day(now) if now else None)
        case 403:
            message = str(at(reply.payload, ("message",)) or "")
            is_ours = message.startswith("Unpermitted fields")
            refused = Fatal("refused", "a parameter is not permitted")
            return refused if is_ours else SkipItem("access_denied")
        case 200 if exchange.request.headers == BATCH_GET and results_in(reply.payload):
            return Ok()
    return default_outcome(exchange)


def results_in(payload: Any) -> bool:
    """It is the answer to a batch; what it did not find stands under `errors` there."""
    return isinstance(at(payload, ("results",)), dict)


def plain(text: Any) -> Any:
    """A text without LinkedIn's notation, and without the names of members in it."""
    if not isinstance(text, str):
        return text
    text = HASHTAG.sub(r"#\1", text)
    return ESCAPED.sub(r"\1", MENTION.sub(r"@\1", MEMBER.sub("@member", text)))


def instant(value: Any) -> datetime | None:
    """A time of LinkedIn, milliseconds since 1970; None where there is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
