"""The Graph API as Facebook Pages and Instagram share it: from a request to a node or an edge."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pipelines.world.fakenet import graph_errors as errors
from pipelines.world.fakenet.facade import Headers, PageShape, Refused, Reply, Request
from pipelines.world.fakenet.graph_fields import parse_fields
from pipelines.world.fakenet.graph_gate import GraphGate
from pipelines.world.fakenet.graph_nodes import (
    Json,
    Kind,
    Moment,
    Options,
    find,
    kinds_with,
    listed,
    render,
)
from pipelines.world.fakenet.store import Seen, State, Store

COMMON = ("access_token", "appsecret_proof", "fields")
LISTED = ("limit", "after", "before", "summary")
CONTENT_TYPE = "application/json; charset=UTF-8"
UNPAGED = PageShape(("data",), (), (), "")
PAGED = PageShape(("data",), ("paging", "cursors", "after"), ("paging", "next"), "after")
Insights = Callable[[Moment, Seen, Options], Json]


class Graph:
    """A façade's machinery. `insights`: kind → function; `paths`: names of insights edges.

    `view`: builds the index of a state. `me`: id of what `/me` is, by caller.
    """

    def __init__(
        self, store: Store, gate: GraphGate, kinds: dict[str, Kind],
        view: Callable[[Store, datetime], Any], insights: dict[str, dict[str, Insights]],
        parameters: tuple[str, ...],
    ) -> None:  # fmt: skip
        self.store, self.gate, self.insights = store, gate, insights
        self.kinds = kinds_with(kinds, **insights)
        self.insight_parameters = parameters
        self._make_view = view
        self._views: dict[State, Any] = {}  # of the last state only
        self._served = 0

    def answer(self, request: Request, me: Callable[[Any], str]) -> Reply:
        """The reply to a request."""
        headers: Headers = ()
        try:
            version, parts = self.gate.version(request.path, request.arrived_at)
            headers = (("facebook-api-version", version),)
            caller = self.gate.caller(request)
            headers += self.gate.count(caller, request.arrived_at)
            if request.method != "GET" or not parts:
                raise errors.bad_path(request.path)
            self._served += 1
            moment = Moment(
                self.kinds, self.store, self.view(request.now), request.now, request.arrived_at,
                caller, f"{request.base_url}/{version}", self._served,
            )  # fmt: skip
            target = me(caller) if parts[0] == "me" else parts[0]
            body = self._read(moment, target, parts[1:], request)
            return Reply(200, body, headers, CONTENT_TYPE)
        except Refused as refusal:
            return _dressed(refusal.reply, headers)

    def view(self, now: datetime) -> Any:
        """The index at `now`, made anew only when something has changed."""
        state = self.store.state(now)
        if state not in self._views:
            self._views = {state: self._make_view(self.store, now)}
        return self._views[state]

    def _read(self, moment: Moment, target: str, rest: tuple[str, ...], request: Request) -> Json:
        name, seen = find(moment, target)
        kind = moment.kinds[name]
        if kind.scopes and moment.caller.scopes.isdisjoint(kind.scopes):
            raise errors.permission(10, kind.scopes[0])
        options = dict(request.query)
        wanted = parse_fields(options.get("fields", ""))
        if not rest:
            _only(options, ("metadata",))
            return render(moment, name, seen, wanted)
        if rest[0] in kind.special and len(rest) <= 3:
            _only(options, (*self.insight_parameters, *LISTED))
            in_path = dict(zip(("metric", "period"), rest[1:], strict=False))
            return self._insight(moment, kind, seen, rest[0], options | in_path)
        if rest[0] not in kind.edges or len(rest) > 1:
            raise errors.bad_path("/" + "/".join(rest))
        edge = kind.edges[rest[0]]
        _only(options, (*edge.parameters, *LISTED))
        address = f"{moment.root}/{target}/{rest[0]}"
        query = [item for item in request.query if item[0] != "access_token"]
        query.insert(0, ("access_token", moment.caller.token))
        return listed(moment, edge, seen, options, wanted, address, query)

    def _insight(
        self, moment: Moment, kind: Kind, seen: Seen, edge: str, options: dict[str, str]
    ) -> Json:
        """The rows with the keys of `fields` only, if it is given."""
        wanted = parse_fields(options.pop("fields", ""))
        for name in ("access_token", "appsecret_proof"):
            options.pop(name, None)
        options = {name: _unlisted(value) for name, value in options.items()}
        body = kind.special[edge](moment, seen, options)
        if wanted:
            keys = {selection.name for selection in wanted} | {"id"}
            body["data"] = [{k: v for k, v in r.items() if k in keys} for r in body["data"]]
        return body

    def shape(self, request: Request) -> PageShape | None:
        """Edges are paged by cursor; insights have links but no cursors."""
        try:
            _, parts = self.gate.version(request.path, request.arrived_at)
        except Refused:
            return None
        if len(parts) < 2:
            return None
        is_insight = any(parts[1] in edges for edges in self.insights.values())
        return UNPAGED if is_insight else PAGED


def _only(options: dict[str, str], known: tuple[str, ...]) -> None:
    """Stricter than the vendor, which ignores some: a misspelt parameter must not pass here."""
    for name in options:
        if name not in (*COMMON, *known):
            raise errors.parameter(f"Param {name} is not supported on this endpoint")


def _unlisted(value: str) -> str:
    """A list as JSON, which clients send where others send `a,b`, as the latter."""
    try:
        found = json.loads(value) if value.startswith("[") else None
    except ValueError:
        raise errors.parameter("Must be a valid list") from None
    return ",".join(map(str, found)) if isinstance(found, list) else value


def _dressed(reply: Reply, headers: Headers) -> Reply:
    """The refusal with the headers that every answer has, each once."""
    have = {name for name, _ in reply.headers}
    more = tuple((name, value) for name, value in headers if name not in have)
    return Reply(reply.status, reply.body, (*more, *reply.headers), CONTENT_TYPE, reply.wire)
