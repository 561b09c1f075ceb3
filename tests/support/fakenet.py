"""A plain client of the fake: shares no code with it or with the product."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from pipelines.world.fakenet.server import FakeNet

TOKEN = "pat-fake-0001"
PAGE_TOKEN, USER_TOKEN = "EAABfakePage0001", "EAABfakeUser0001"
APP_TOKEN = "AAAAfakeApp0001"
SECONDS, MOST_PAGES = 20.0, 2_000
Params = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


def ask(
    net: FakeNet, target: str, *, method: str = "GET", body: Any = None, token: str | None = TOKEN,
    now: datetime | None = None, headers: dict[str, str] | None = None,
) -> Answer:  # fmt: skip
    """One request on its own connection; `target` begins with the façade's mount."""
    sent = dict(headers or {})
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    if now is not None:
        sent["X-Fake-Now"] = now.isoformat()
    content = (
        body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    )
    connection = http.client.HTTPConnection(urlsplit(net.origin).netloc, timeout=SECONDS)
    try:
        connection.request(method, target, content, sent)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def oracle(net: FakeNet, facade: str, now: datetime | None = None) -> dict[str, Any]:
    """What a complete read of one façade must find."""
    return ask(net, f"/_fake/oracle?facade={facade}", now=now).body[facade]


def hubspot(net: FakeNet, path: str, params: Params | None = None, **more: Any) -> Answer:
    return ask(net, f"/hubspot{path}" + (f"?{urlencode(params)}" if params else ""), **more)


def search(net: FakeNet, kind: str, body: Params, **more: Any) -> Answer:
    return hubspot(net, f"/crm/v3/objects/{kind}/search", method="POST", body=body, **more)


def xrpc(net: FakeNet, nsid: str, params: Any = (), **more: Any) -> Answer:
    """`params`: pairs or a dict; no token unless one is given."""
    target = f"/bluesky/xrpc/{nsid}" + (f"?{urlencode(params)}" if params else "")
    return ask(net, target, **{"token": None, **more})


def hubspot_pages(net: FakeNet, path: str, params: Params, **more: Any) -> Iterator[list[Any]]:
    """The results of every page, following `after`."""
    after: Params = {}
    for _ in range(MOST_PAGES):
        answer = hubspot(net, path, params | after, **more)
        assert answer.status == 200, answer.content[:300]
        yield answer.body["results"]
        if "paging" not in answer.body:
            return
        after = {"after": answer.body["paging"]["next"]["after"]}
    raise AssertionError("no end of pages")


def xrpc_pages(
    net: FakeNet, nsid: str, items: str, params: Params, **more: Any
) -> Iterator[list[Any]]:
    """The items of every page, following `cursor`."""
    cursor: Params = {}
    for _ in range(MOST_PAGES):
        answer = xrpc(net, nsid, params | cursor, **more)
        assert answer.status == 200, answer.content[:300]
        yield answer.body[items]
        if "cursor" not in answer.body:
            return
        cursor = {"cursor": answer.body["cursor"]}
    raise AssertionError("no end of pages")


def graph(net: FakeNet, path: str, params: Params | None = None, **more: Any) -> Answer:
    """`path`: façade and path, such as `facebook/me`; the token of the page unless one is given."""
    facade, _, rest = path.partition("/")
    token = more.pop("token", PAGE_TOKEN)
    sent = ({"access_token": token} if token else {}) | (params or {})
    query = f"?{urlencode(sent)}" if sent else ""
    return ask(net, f"/{facade}/v26.0/{rest}{query}", **{"token": None, **more})


def graph_pages(net: FakeNet, path: str, params: Params, **more: Any) -> Iterator[list[Any]]:
    """The data of every page, following `after` while there is a `next`."""
    after: Params = {}
    for _ in range(MOST_PAGES):
        answer = graph(net, path, params | after, **more)
        assert answer.status == 200, answer.content[:300]
        yield answer.body["data"]
        paging = answer.body.get("paging", {})
        if "next" not in paging:
            return
        after = {"after": paging["cursors"]["after"]}
    raise AssertionError("no end of pages")


def x(net: FakeNet, path: str, params: Params | None = None, **more: Any) -> Answer:
    """`path` below `/2/`; the app's token unless one is given."""
    target = f"/x/2/{path}" + (f"?{urlencode(params)}" if params else "")
    return ask(net, target, **{"token": APP_TOKEN, **more})


def x_bodies(net: FakeNet, path: str, params: Params, **more: Any) -> Iterator[Any]:
    """The body of every page, following `next_token`, empty pages too."""
    token: Params = {}
    for _ in range(MOST_PAGES):
        answer = x(net, path, params | token, **more)
        assert answer.status == 200, answer.content[:300]
        yield answer.body
        if "next_token" not in answer.body["meta"]:
            return
        token = {"pagination_token": answer.body["meta"]["next_token"]}
    raise AssertionError("no end of pages")


def x_pages(net: FakeNet, path: str, params: Params, **more: Any) -> Iterator[list[Any]]:
    """The data of every page."""
    return (body.get("data", []) for body in x_bodies(net, path, params, **more))


def flat(pages: Iterator[list[Any]]) -> list[Any]:
    return [item for page in pages for item in page]
