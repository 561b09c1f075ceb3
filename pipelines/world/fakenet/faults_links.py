"""Pages whose body is a bare list: cursor and link are in the `Link` header."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from pipelines.world.fakenet.facade import PageShape, Reply

LINK, NEXT = "Link", 'rel="next"'


def opened(reply: Reply, shape: PageShape) -> dict[str, Any]:
    """The page as an object: its items, and of the next link the cursor and the address."""
    page: dict[str, Any] = {shape.items[0]: deepcopy(reply.body)}
    url = next((url for url, relation in _links(reply) if relation == NEXT), "")
    if url:
        cursor = dict(parse_qsl(urlsplit(url).query)).get(shape.parameter, "")
        page |= {shape.cursor[0]: cursor, shape.link[0]: url}
    return page


def closed(reply: Reply, shape: PageShape, page: dict[str, Any], address: str) -> Reply:
    """The reply with the items, cursor and link of the page; `address`: without a query."""
    before = opened(reply, shape)
    url, cursor = page.get(shape.link[0], ""), page.get(shape.cursor[0], "")
    is_other_link = url != before.get(shape.link[0], "")
    if cursor and not is_other_link:
        kept = [pair for pair in parse_qsl(urlsplit(url).query) if pair[0] != shape.parameter]
        query = [*kept, (shape.parameter, cursor)]  # a name may come several times
        url = f"{url.partition('?')[0] or address}?{urlencode(query)}"
    links = [(url, NEXT)] if url else []
    links += [link for link in _links(reply) if link[1] != NEXT]
    headers = tuple(header for header in reply.headers if header[0] != LINK)
    text = ", ".join(f"<{url}>; {relation}" for url, relation in links)
    added = ((LINK, text),) if links else ()
    return replace(reply, body=page[shape.items[0]], headers=(*headers, *added))


def _links(reply: Reply) -> list[tuple[str, str]]:
    """Address and relation of each link."""
    text = next((value for name, value in reply.headers if name == LINK), "")
    pairs = (part.partition(">; ") for part in text.split(", <") if part)
    return [(url.lstrip("<"), relation) for url, _, relation in pairs]
