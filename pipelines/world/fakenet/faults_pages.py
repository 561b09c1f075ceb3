"""Faults of paging and of single fields, on the JSON that a façade has answered."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from pipelines.world.fakenet.facade import PageShape, Reply, Request
from pipelines.world.fakenet.faults import Call, Fault
from pipelines.world.fakenet.faults_links import closed, opened

BEYOND_DOUBLE = 2**53 + 1  # the first whole number that a double cannot hold
OK_STATUSES = (200, 207)


def get(body: Any, path: tuple[str, ...]) -> Any:
    """The value at a path of keys; None where there is none."""
    for key in path:
        body = body.get(key) if isinstance(body, dict) else None
    return body


def put(body: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set the value at a path of keys, making objects on the way."""
    for key in path[:-1]:
        body = body.setdefault(key, {})
    body[path[-1]] = value


def _cursor_sent(request: Request, shape: PageShape) -> str:
    if shape.is_in_body:
        return str((request.json() or {}).get(shape.parameter) or "")
    return request.one(shape.parameter)


def _with_cursor(request: Request, shape: PageShape, cursor: str) -> Request:
    """The request with another cursor, without one when it is empty."""
    if shape.is_in_body:
        body = {k: v for k, v in (request.json() or {}).items() if k != shape.parameter}
        body |= {shape.parameter: cursor} if cursor else {}
        return replace(request, body=json.dumps(body).encode())
    query = tuple(item for item in request.query if item[0] != shape.parameter)
    return replace(request, query=query + (((shape.parameter, cursor),) if cursor else ()))


def _put_cursor(call: Call, shape: PageShape, body: dict[str, Any], cursor: str) -> None:
    """Set the cursor, and the link to where it leads for an API that gives links."""
    put(body, shape.cursor, cursor)
    if shape.link:
        request = _with_cursor(call.request, shape, cursor)
        query = "" if shape.is_in_body else f"?{urlencode(request.query)}"
        put(body, shape.link, f"{request.base_url}{request.path}{query}")


class PageFault(Fault, ABC):
    """Spoils pages; replies that are none pass as they are."""

    def after(self, call: Call, reply: Reply) -> Reply:
        """Spoil a copy of the body."""
        shape = call.facade.shape(call.request)
        if shape is None or reply.status not in OK_STATUSES:
            return reply
        if shape.is_in_header and isinstance(reply.body, list):
            return self._spoil_list(call, shape, reply)
        if not isinstance(reply.body, dict):
            return reply
        body = deepcopy(reply.body)
        self.spoil(call, shape, body)
        return replace(reply, body=body)

    def _spoil_list(self, call: Call, shape: PageShape, reply: Reply) -> Reply:
        """Spoil a list whose paging is in the `Link` header, by way of a body with both."""
        page = opened(reply, shape)
        self.spoil(call, shape, page)
        return closed(reply, shape, page, call.request.base_url + call.request.path)

    @abstractmethod
    def spoil(self, call: Call, shape: PageShape, body: dict[str, Any]) -> None:
        """Change the body in place."""


@dataclass(frozen=True)
class ForeignNext(PageFault):
    """The link to the next page leads to another origin; only where an API gives links."""

    def spoil(self, call: Call, shape: PageShape, body: dict[str, Any]) -> None:
        """Point the link at the foreign origin; on the last page too, which then has a next."""
        if shape.link:
            put(body, shape.link, f"{call.foreign_url}{call.request.path}?stolen=1")
            if shape.cursor and not get(body, shape.cursor):
                put(body, shape.cursor, "1")


@dataclass(frozen=True)
class CursorLoop(PageFault):
    """The cursor leads back: with length 1 to this very page, with n to n − 1 pages before."""

    length: int = 1

    def spoil(self, call: Call, shape: PageShape, body: dict[str, Any]) -> None:
        """Give the cursor again that was given `length` pages ago."""
        given: list[str] = call.memory.setdefault("given", [])
        cursor = get(body, shape.cursor) if shape.parameter and shape.cursor else None
        if len(given) >= self.length:
            cursor = given[-self.length]
            _put_cursor(call, shape, body, cursor)
        if cursor:
            given.append(cursor)


@dataclass(frozen=True)
class EmptyPage(PageFault):
    """A page without items and with a cursor; following the cursor loses nothing."""

    def incoming(self, call: Call) -> Request:
        """Read a cursor that this fault gave as the one it stands for."""
        shape = call.facade.shape(call.request)
        if shape is None or not shape.parameter:
            return call.request
        sent = _cursor_sent(call.request, shape)
        aliases: dict[str, str] = call.memory.setdefault("aliases", {})
        if sent not in aliases:
            return call.request
        return _with_cursor(call.request, shape, aliases[sent])

    def spoil(self, call: Call, shape: PageShape, body: dict[str, Any]) -> None:
        """Hold the items back, behind a new cursor that stands for this page's own."""
        if not shape.parameter or not shape.cursor:
            return  # without items a client could not make the cursor that it needs
        aliases: dict[str, str] = call.memory.setdefault("aliases", {})
        alias = f"empty{len(aliases) + 1}"
        aliases[alias] = _cursor_sent(call.request, shape)
        put(body, shape.items, [])
        _put_cursor(call, shape, body, alias)


@dataclass(frozen=True)
class DuplicateAcrossPages(PageFault):
    """The last item of a page comes again as the first of the next."""

    def spoil(self, call: Call, shape: PageShape, body: dict[str, Any]) -> None:
        """Keep the last item, put the kept one first."""
        items: list[Any] = get(body, shape.items) or []
        is_first = not shape.cursor and _cursor_sent(call.request, shape) in ("", "0")
        kept = None if is_first else call.memory.get("last")
        # Where there are links, the last page may have a cursor but has no link.
        is_more = not shape.cursor or get(body, shape.link or shape.cursor)
        has_next = bool(shape.parameter and is_more)
        call.memory["last"] = items[-1] if items and has_next else None
        put(body, shape.items, [kept, *items] if kept is not None else items)


@dataclass(frozen=True)
class Reordered(PageFault):
    """The items of a page in the opposite order."""

    def spoil(self, call: Call, shape: PageShape, body: dict[str, Any]) -> None:
        """Reverse them."""
        del call
        put(body, shape.items, (get(body, shape.items) or [])[::-1])


@dataclass(frozen=True)
class EachItem(PageFault):
    """Changes a field of every item, given as keys with dots between them."""

    path: str
    change: Callable[[dict[str, Any], str], None]

    def spoil(self, call: Call, shape: PageShape, body: dict[str, Any]) -> None:
        """Apply the change where the field is."""
        del call
        *outer, name = self.path.split(".")
        for item in get(body, shape.items) or []:
            holder = get(item, tuple(outer))
            if isinstance(holder, dict) and name in holder:
                self.change(holder, name)


def renamed(path: str, new_name: str) -> Fault:
    """The field has another name."""

    def change(holder: dict[str, Any], name: str) -> None:
        holder[new_name] = holder.pop(name)

    return EachItem(path, change)


def removed(path: str) -> Fault:
    """The field is gone."""

    def change(holder: dict[str, Any], name: str) -> None:
        del holder[name]

    return EachItem(path, change)


def retyped(path: str) -> Fault:
    """The value is of another type: text becomes a list, a number text, anything else text."""

    def change(holder: dict[str, Any], name: str) -> None:
        value = holder[name]
        holder[name] = [value] if isinstance(value, str) else json.dumps(value)

    return EachItem(path, change)


def restated(path: str, factor: float) -> Fault:
    """A number is another one: restated up (factor above 1) or down."""

    def change(holder: dict[str, Any], name: str) -> None:
        if isinstance(holder[name], int | float):
            holder[name] = type(holder[name])(holder[name] * factor)

    return EachItem(path, change)


def beyond_double(path: str) -> Fault:
    """An id beyond 2^53, as text or number like the one it replaces; each item has its own."""
    count = iter(range(10**9))

    def change(holder: dict[str, Any], name: str) -> None:
        number = BEYOND_DOUBLE + 2 * next(count)
        holder[name] = str(number) if isinstance(holder[name], str) else number

    return EachItem(path, change)
