"""Mastodon's lists: newest first, bare, with the ways on and back in the `Link` header."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlencode

from pipelines.world.fakenet.facade import Headers, Reply, Request
from pipelines.world.fakenet.mastodon_gate import limit_of
from pipelines.world.fakenet.mastodon_view import number_of
from pipelines.world.fakenet.store import Seen

Shown = Callable[[Seen], Any]
# What a link repeats of the request.
KEPT = (
    "limit", "only_media", "exclude_replies", "exclude_reblogs", "pinned", "tagged", "local",
    "remote", "types[]", "exclude_types[]",
)  # fmt: skip


def page_of(
    request: Request, rows: Iterable[Seen], default: int, show: Shown, newer: str = "since_id", *,
    is_endless: bool = False,
) -> Reply:  # fmt: skip
    """Newest first; `newer`: the parameter of the link back.

    `is_endless`: a next page is promised until one is empty, not only after a full one.
    """
    limit = limit_of(request, default)
    found = sorted(rows, key=number_of, reverse=True)
    if (most := _number(request, "max_id")) is not None:
        found = [s for s in found if number_of(s) < most]
    if (least := _number(request, "since_id")) is not None:
        found = [s for s in found if number_of(s) > least]
    page = found[:limit]
    if newer == "min_id" and (nearest := _number(request, "min_id")) is not None:
        above = [s for s in found if number_of(s) > nearest]
        page = above[max(0, len(above) - limit) :]
    links = []
    if page and (is_endless or len(page) == limit):
        links.append(_link(request, "max_id", page[-1], "next"))
    if page:
        links.append(_link(request, newer, page[0], "prev"))
    headers: Headers = (("Link", ", ".join(links)),) if links else ()
    return Reply(200, [show(seen) for seen in page], headers)


def _link(request: Request, name: str, seen: Seen, relation: str) -> str:
    kept = [(k, v) for k, v in request.query if k in KEPT]
    query = urlencode([*kept, (name, seen.record_id)])
    return f'<{request.base_url}{quote(request.path)}?{query}>; rel="{relation}"'


def _number(request: Request, name: str) -> int | None:
    """An id of the query; None when it is absent or no number."""
    text = request.one(name)
    return int(text) if text.isascii() and text.isdigit() else None
