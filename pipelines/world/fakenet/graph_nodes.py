"""Objects, fields and edges of a graph: how an answer is put together from what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pipelines.world.fakenet import graph_errors as errors
from pipelines.world.fakenet.graph_fields import Selection
from pipelines.world.fakenet.graph_gate import Caller
from pipelines.world.fakenet.graph_pages import cut, link
from pipelines.world.fakenet.store import Seen, Store

Json = dict[str, Any]
Options = Mapping[str, str]
MISSING = object()  # a field that this object does not show


@dataclass(frozen=True)
class Moment:
    """One request's state of the graph. `view`: the façade's index of everything at `now`."""

    kinds: Mapping[str, Kind]
    store: Store
    view: Any
    now: datetime
    arrived_at: datetime
    caller: Caller
    root: str  # address of the version, without a slash at the end
    serial: int = 0  # how many requests came before: signed addresses change with it


@dataclass(frozen=True)
class Edge:
    """A list below an object. `members` in any order; `most`: the highest `limit`.

    `scope` and `code`: the permission it needs, and what refuses without it. `needs_page`: only
    for the token of a page. `is_by_update`: ordered by the update stamp,
    not by creation. `summary`: totals, when they are asked for.
    """

    kind: str
    members: Callable[[Moment, Seen, Options], Sequence[Seen]]
    parameters: tuple[str, ...] = ()
    scope: str = ""
    code: int = 10
    needs_page: bool = False
    is_oldest_first: bool = False
    is_by_update: bool = False
    most: int = 100
    summary: Callable[[Moment, Seen, Options], Json] | None = None


@dataclass(frozen=True)
class Kind:
    """A type of object. `special`: fields that read modifiers, such as insights.

    `scopes`: one of them is needed, if there are any. `has_id` False: not shown unasked."""

    name: str
    fields: Mapping[str, Callable[[Moment, Seen], Any]]
    defaults: tuple[str, ...]
    edges: Mapping[str, Edge] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    has_id: bool = True
    special: Mapping[str, Callable[[Moment, Seen, Options], Json]] = field(default_factory=dict)


def find(moment: Moment, object_id: str) -> tuple[str, Seen]:
    """The kind and state of a live object; Refused with 100/33 for all others."""
    for name in moment.kinds:
        seen = moment.store.find(name, object_id, moment.now)
        if seen is not None and seen.fate is None and moment.view.is_shown(seen):
            return name, seen
    raise errors.gone(object_id)


def render(moment: Moment, name: str, seen: Seen, wanted: Sequence[Selection]) -> Json:
    """An object with the fields that are wanted, or with those it shows unasked."""
    kind = moment.kinds[name]
    body: Json = {}
    for item in wanted or [Selection(field_name, field_name) for field_name in kind.defaults]:
        value = _value(moment, kind, seen, item)
        if value is not MISSING:
            body[item.alias] = value
    return body | {"id": body.get("id", seen.record_id)} if kind.has_id else body


def _value(moment: Moment, kind: Kind, seen: Seen, item: Selection) -> Any:
    if item.name in kind.fields:
        return _narrowed(kind.fields[item.name](moment, seen), item.below)
    if item.name in kind.special:
        return kind.special[item.name](moment, seen, item.options)
    if item.name in kind.edges:
        edge = kind.edges[item.name]
        address = f"{moment.root}/{seen.record_id}/{item.name}"
        body = listed(moment, edge, seen, item.options, item.below, address)
        return body if body["data"] or "summary" in body else MISSING
    raise errors.parameter(
        f"Tried accessing nonexisting field ({item.name}) on node type ({kind.name})"
    )


def _narrowed(value: Any, below: Sequence[Selection]) -> Any:
    """An object or a list of objects with the wanted keys only."""
    if not below or value is MISSING:
        return value
    if isinstance(value, list):
        return [_narrowed(item, below) for item in value]
    if not isinstance(value, dict):
        return value
    return {s.alias: _narrowed(value[s.name], s.below) for s in below if s.name in value}


def listed(
    moment: Moment, edge: Edge, seen: Seen, options: Options, wanted: Sequence[Selection],
    address: str, query: Sequence[tuple[str, str]] = (),
) -> Json:  # fmt: skip
    """A page of an edge. `query`: what the link to the next page repeats."""
    check_access(moment, edge)
    members = edge.members(moment, seen, options)
    is_oldest_first = edge.is_oldest_first != (options.get("order") == "reverse_chronological")
    page, cursors, has_more = cut(
        members, options, edge.most, is_oldest_first=is_oldest_first, is_by_update=edge.is_by_update
    )
    body: Json = {"data": [render(moment, edge.kind, member, wanted) for member in page]}
    if cursors:
        body["paging"] = {"cursors": cursors}
        if has_more:
            repeated = query or [("access_token", moment.caller.token), *options.items()]
            body["paging"]["next"] = link(address, repeated, "after", cursors["after"])
        if options.get("after"):
            repeated = query or [("access_token", moment.caller.token), *options.items()]
            body["paging"]["previous"] = link(address, repeated, "before", cursors["before"])
    if edge.summary and options.get("summary", "false") not in ("false", "0"):
        body["summary"] = edge.summary(moment, seen, options)
    return body


def check_access(moment: Moment, edge: Edge) -> None:
    """Refused without a page's token or the permission, where the edge needs them."""
    if edge.needs_page and not moment.caller.is_page:
        message = "A page access token is required for this call for the new Pages experience."
        raise errors.bad_token(message, 2069032)
    if edge.scope and edge.scope not in moment.caller.scopes:
        raise errors.permission(edge.code, edge.scope)


def kinds_with(kinds: Mapping[str, Kind], **special: Any) -> dict[str, Kind]:
    """The kinds with special fields: kind → {field: function}."""
    return {name: replace(kind, special=special.get(name, {})) for name, kind in kinds.items()}
