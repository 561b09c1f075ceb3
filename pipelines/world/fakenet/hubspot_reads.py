"""HubSpot's reads: lists, single objects, batches, owners, pipelines, properties, associations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from pipelines.world.fakenet import hubspot_errors as errors
from pipelines.world.fakenet.facade import Reply, Request, unknown_parameters, utc_text
from pipelines.world.fakenet.hubspot_catalogue import (
    ASSOCIATION_TYPES,
    OBJECT_TYPES,
    PROPERTIES,
    pipelines_json,
    property_json,
)
from pipelines.world.fakenet.hubspot_objects import Links, object_json, trimmed, values
from pipelines.world.fakenet.hubspot_search import search
from pipelines.world.fakenet.store import Fate, Seen, State, Store

DEFAULT_PAGE, MOST_PER_PAGE, MOST_WITH_HISTORY, MOST_PER_BATCH = 10, 100, 50, 100
MOST_ASSOCIATED = 1_000  # ids per association batch
DEFAULT_OWNERS, MOST_OWNERS = 100, 500
OBJECT_PARAMETERS = ("properties", "propertiesWithHistory", "associations", "archived")
PAGE_PARAMETERS = ("limit", "after")
BATCH_KEYS = {"inputs", "properties", "propertiesWithHistory", "idProperty"}


@dataclass(frozen=True)
class Endpoint:
    """What a path asks for, whatever its dialect: resource, object type, what follows."""

    resource: str
    object_type: str
    rest: tuple[str, ...]


class Portal:
    """Answers requests that passed the gate."""

    def __init__(self, store: Store, since: datetime, search_lag: timedelta) -> None:
        self.store, self.since, self.search_lag = store, since, search_lag
        self._links: dict[State, Links] = {}  # of the last state only

    def links(self, now: datetime) -> Links:
        """All associations at `now`, gathered anew only when something has changed."""
        state = self.store.state(now)
        if state not in self._links:
            self._links = {state: Links(self.store, now)}
        return self._links[state]

    def read(self, endpoint: Endpoint, request: Request) -> Reply:
        """The reply of an endpoint; raises Refused."""
        kind, now = endpoint.object_type, request.now
        match (request.method, endpoint.resource, endpoint.rest):
            case ("GET", "objects", ()):
                reply = self._list(kind, request)
            case ("POST", "objects", ("search",)):
                _only(request, ())
                reply = search(kind, self.store.live(kind, now - self.search_lag), request.json())
            case ("POST", "objects", ("batch", "read")):
                reply = self._batch(kind, request)
            case ("GET", "objects", (object_id,)):
                reply = self._single(kind, object_id, request)
            case ("GET", "owners", ()):
                reply = self._owners(request)
            case ("GET", "owners", (owner_id,)):
                reply = self._owner(owner_id, request)
            case ("GET", "pipelines", ()):
                _only(request, ())
                reply = Reply(200, {"results": pipelines_json(kind, self.since)})
            case ("GET", "properties", ()):
                _only(request, ("archived", "dataSensitivity", "properties"))
                items = [] if _flag(request, "archived") else PROPERTIES[kind]
                body = [property_json(item, kind, self.since) for item in items]
                reply = Reply(200, {"results": body})
            case ("POST", "associations", (to_type, "batch", "read")) if to_type in OBJECT_TYPES:
                reply = self._associations(kind, OBJECT_TYPES[to_type], request)
            case _:
                raise errors.not_found()
        return reply

    def _list(self, kind: str, request: Request) -> Reply:
        _only(request, (*OBJECT_PARAMETERS, *PAGE_PARAMETERS))
        history = request.many("propertiesWithHistory")
        limit = _limit(request, DEFAULT_PAGE, MOST_WITH_HISTORY if history else MOST_PER_PAGE)
        is_archived = _flag(request, "archived")
        objects = (
            self.store.ended(kind, Fate.DELETED, request.now)
            if is_archived
            else self.store.live(kind, request.now)
        )
        page, after = _page(objects, request, limit)
        results = self._shown(page, request, request.many("properties"), history)
        return Reply(200, {"results": results} | _paging(request, after))

    def _shown(
        self, page: Sequence[Seen], request: Request, wanted: list[str], history: list[str]
    ) -> list[dict[str, Any]]:
        """The objects with the associations that the request asks for."""
        others = [OBJECT_TYPES[t] for t in request.many("associations") if t in OBJECT_TYPES]
        links = self.links(request.now) if others else None
        results = []
        for seen in page:
            body = object_json(seen, wanted, history)
            if links and (inline := links.inline(seen, others)):
                body["associations"] = inline
            results.append(body)
        return results

    def _single(self, kind: str, object_id: str, request: Request) -> Reply:
        _only(request, (*OBJECT_PARAMETERS, "idProperty"))
        seen = self._visible(kind, object_id, request, request.one("idProperty"))
        if seen is None:
            raise errors.not_found()
        wanted, history = request.many("properties"), request.many("propertiesWithHistory")
        return Reply(200, self._shown([seen], request, wanted, history)[0])

    def _visible(
        self, kind: str, object_id: str, request: Request, id_property: str = ""
    ) -> Seen | None:
        """Live objects, or with `archived=true` those in the bin; never merged or erased ones.

        `id_property`: the property whose value the id is, empty for HubSpot's own id.
        """
        wanted = Fate.DELETED if _flag(request, "archived") else None
        if id_property:
            objects = self.store.live(kind, request.now)
            return next((s for s in objects if values(s).get(id_property) == object_id), None)
        seen = self.store.find(kind, object_id, request.now)
        return seen if seen and seen.fate is wanted else None

    def _batch(self, kind: str, request: Request) -> Reply:
        """207 with an error when some ids cannot be read; the found ones come all the same."""
        _only(request, ("archived",))
        body = request.json()
        ids = _inputs(body, MOST_PER_BATCH)
        if unknown := sorted(body.keys() - BATCH_KEYS):
            raise errors.invalid(f"Invalid input JSON: unknown field {unknown[0]}", unknown[0])
        by = str(body.get("idProperty") or "")
        found = {i: seen for i in ids if (seen := self._visible(kind, i, request, by))}
        history = list(body.get("propertiesWithHistory", []))
        results = [object_json(s, body.get("properties", []), history) for s in found.values()]
        return _batch_reply(request, results, [i for i in ids if i not in found], {
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some objects: they may be deleted or never have existed",
        })  # fmt: skip

    def _owners(self, request: Request) -> Reply:
        _only(request, (*PAGE_PARAMETERS, "email", "archived"))
        limit = _limit(request, DEFAULT_OWNERS, MOST_OWNERS)
        owners = (
            self.store.ended("owners", Fate.DELETED, request.now)
            if _flag(request, "archived")
            else self.store.live("owners", request.now)
        )
        if email := request.one("email"):
            owners = [o for o in owners if o.fields["email"] == email]
        page, after = _page(owners, request, limit)
        return Reply(200, {"results": [_owner_json(o) for o in page]} | _paging(request, after))

    def _owner(self, owner_id: str, request: Request) -> Reply:
        _only(request, ("archived", "idProperty"))
        if seen := self._visible("owners", owner_id, request):
            return Reply(200, _owner_json(seen))
        raise errors.not_found()

    def _associations(self, kind: str, to_kind: str, request: Request) -> Reply:
        ids = _inputs(request.json(), MOST_ASSOCIATED)
        type_id, label = ASSOCIATION_TYPES.get((kind, to_kind), (0, None))
        kinds = [{"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": label}]
        links = self.links(request.now)
        linked = {i: to for i in ids if (to := links.of(kind, i, to_kind))}
        results = [
            {"from": {"id": i}, "to": [{"toObjectId": t, "associationTypes": kinds} for t in to]}
            for i, to in linked.items()
        ]
        return _batch_reply(request, results, [i for i in ids if i not in linked], {
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
            "message": f"No {to_kind} are associated with some of the {kind}",
        })  # fmt: skip


def _inputs(body: Any, most: int) -> list[str]:
    """The ids of a batch, each once."""
    inputs = body.get("inputs") if isinstance(body, dict) else None
    if not isinstance(inputs, list) or len(inputs) > most:
        raise errors.invalid(f"inputs must hold at most {most} ids", "inputs")
    if not all(isinstance(item, dict) and "id" in item for item in inputs):
        raise errors.invalid("every input needs an id", "inputs")
    return list(dict.fromkeys(str(item["id"]) for item in inputs))


def _only(request: Request, known: tuple[str, ...]) -> None:
    if unknown := unknown_parameters(request, known):
        raise errors.invalid(f"Unknown parameter {unknown[0]}", unknown[0])


def _flag(request: Request, name: str) -> bool:
    return request.one(name).lower() == "true"


def _limit(request: Request, default: int, most: int) -> int:
    text = request.one("limit", str(default))
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise errors.invalid(f"limit must be between 1 and {most}", "limit")
    return int(text)


def _page(objects: list[Seen], request: Request, limit: int) -> tuple[list[Seen], str]:
    """The page behind `after` by id, and the next `after`, empty at the end."""
    after = request.one("after", "0")
    if not after.isdigit():
        raise errors.invalid("after is not a paging token of this list", "after")
    rest = sorted((o for o in objects if int(o.record_id) > int(after)), key=_number)
    return rest[:limit], rest[limit - 1].record_id if len(rest) > limit else ""


def _number(seen: Seen) -> int:
    return int(seen.record_id)


def _paging(request: Request, after: str) -> dict[str, Any]:
    if not after:
        return {}
    query = urlencode([*((k, v) for k, v in request.query if k != "after"), ("after", after)])
    link = f"{request.base_url}{request.path}?{query}"
    return {"paging": {"next": {"after": after, "link": link}}}


def _owner_json(seen: Seen) -> dict[str, Any]:
    user_id = seen.fields["userId"]
    return {
        "id": seen.record_id, **seen.fields, "type": "PERSON",
        "userId": None if seen.fate else user_id, "userIdIncludingInactive": user_id,
        "createdAt": trimmed(seen.created_at), "updatedAt": trimmed(seen.updated_at),
        "archived": seen.fate is not None,
    }  # fmt: skip


def _batch_reply(
    request: Request, results: list[dict[str, Any]], missing: list[str], problem: dict[str, Any]
) -> Reply:
    """A batch answer: 207 and `errors` when something is missing."""
    stamp = utc_text(request.now)
    body: dict[str, Any] = {
        "status": "COMPLETE", "results": results, "startedAt": stamp, "completedAt": stamp,
    }  # fmt: skip
    if not missing:
        return Reply(200, body)
    error = {
        "status": "error", **problem, "context": {"ids": missing}, "errors": [], "links": {},
    }  # fmt: skip
    return Reply(207, body | {"numErrors": 1, "errors": [error]})
