"""Stripe: lists and single objects of what the shop took, and the events of the last 30 days.

Lists are newest first; the next page begins behind the last id of this one.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from pipelines.world.fakenet import stripe_errors as errors
from pipelines.world.fakenet.facade import PageShape, Refused, Reply, Request, Tokens
from pipelines.world.fakenet.store import Fate, State, Store
from pipelines.world.fakenet.stripe_bodies import Json
from pipelines.world.fakenet.stripe_events import events
from pipelines.world.fakenet.stripe_gate import KEY, Gate, Parameters
from pipelines.world.fakenet.stripe_store import (
    CHARGE,
    CUSTOMER,
    INVOICE,
    INVOICE_PAYMENT,
    PRICE,
    REFUND,
    SUBSCRIPTION,
)

EVENT, API = "event", "/v1/"
# Path, kind of object, parameters that ask for equal fields.
RESOURCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "customers": (CUSTOMER, ("email",)),
    "charges": (CHARGE, ("customer", "payment_intent")),
    "refunds": (REFUND, ("charge", "payment_intent")),
    "invoices": (INVOICE, ("customer", "status", "collection_method")),
    "subscriptions": (SUBSCRIPTION, ("customer", "collection_method")),
    "invoice_payments": (INVOICE_PAYMENT, ("invoice", "status")),
    "prices": (PRICE, ("currency", "product", "type")),
    "events": (EVENT, ("type",)),
}
COMMON = ("limit", "starting_after", "ending_before", "created", "expand")
MORE: dict[str, tuple[str, ...]] = {
    SUBSCRIPTION: ("status", "price"), INVOICE: ("subscription",), EVENT: ("types",),
}  # fmt: skip
EXPANDABLE = {"customer": CUSTOMER, "charge": CHARGE, "latest_invoice": INVOICE}


class Stripe:
    """The façade. `locked`: ids of objects that somebody else holds at the moment."""

    name = "stripe"

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tokens = Tokens()
        self.tokens.add(KEY, [kind for kind, _ in RESOURCES.values()])
        self.gate = Gate(self.tokens)
        self.locked: set[str] = set()
        self._lists: dict[tuple[str, State], list[Json]] = {}  # of the last state only

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        try:
            reply = self._read(request)
        except Refused as refusal:
            reply = refusal.reply
        return reply.with_headers(self.gate.headers(request))

    def _read(self, request: Request) -> Reply:
        resource, _, object_id = request.path.removeprefix(API).partition("/")
        is_known = request.path.startswith(API) and resource in RESOURCES
        if request.method != "GET" or not is_known or "/" in object_id:
            raise errors.no_route(request.method, request.path)
        kind, equal = RESOURCES[resource]
        self.gate.check(request, kind)
        if object_id in self.locked:
            raise Refused(errors.locked())
        if object_id:
            return Reply(200, self._single(kind, object_id, request))
        known = (*COMMON, *equal, *MORE.get(kind, ()))
        return self._list(resource, kind, Parameters(request, known), request)

    def _single(self, kind: str, object_id: str, request: Request) -> Json:
        wanted = Parameters(request, ("expand",)).many("expand")
        if kind == EVENT:
            kept = [e for e in self._all(kind, request.now) if e["id"] == object_id]
            if not kept:
                raise errors.missing(kind, object_id, "id")
            return kept[0]
        seen = self.store.find(kind, object_id, request.now)
        if seen is None:
            raise errors.missing(kind, object_id, "id")
        if seen.fate is not None:
            return {"id": object_id, "object": kind, "deleted": True}
        return self._expanded(dict(seen.fields), wanted, request.now)

    def _all(self, kind: str, now: datetime) -> list[Json]:
        """All objects that a list shows, newest first; gathered anew only after a change."""
        if kind == EVENT:  # they grow old without a change of anything
            return _ordered(events(self.store, now))
        place = (kind, self.store.state(now))
        if place not in self._lists:
            self._lists = {k: v for k, v in self._lists.items() if k[1] == place[1]}
            self._lists[place] = _ordered([dict(s.fields) for s in self.store.live(kind, now)])
        return self._lists[place]

    def _list(self, resource: str, kind: str, asked: Parameters, request: Request) -> Reply:
        limit = asked.limit()
        found = [b for b in self._all(kind, request.now) if self._matches(kind, b, asked)]
        after, before = (asked.single.get(n, "") for n in ("starting_after", "ending_before"))
        if after:
            found = found[self._place(kind, found, after, "starting_after", request.now) + 1 :]
        if before:
            found = found[: self._place(kind, found, before, "ending_before", request.now)]
        page = found[-limit:] if before and not after else found[:limit]
        wanted = [name.removeprefix("data.") for name in asked.many("expand")]
        body = {
            "object": "list",
            "data": [self._expanded(item, wanted, request.now) for item in page],
            "has_more": len(found) > limit,
            "url": f"{API}{resource}",
        }
        return Reply(200, body)

    def _place(self, kind: str, found: list[Json], object_id: str, name: str, now: datetime) -> int:
        """Where an object stands among those found, or would stand by its age."""
        for place, body in enumerate(found):
            if body["id"] == object_id:
                return place
        known = [dict(body) for body in self._all(kind, now) if body["id"] == object_id]
        # What was deleted between two pages still has its place.
        if (seen := self.store.find(kind, object_id, now)) is not None:
            known.append(dict(seen.fields))
        if not known:
            raise errors.missing(kind, object_id, name, 400)
        newer = sum(_age(other) < _age(known[0]) for other in found)
        return newer - 1 if name == "starting_after" else newer

    def _matches(self, kind: str, body: Json, asked: Parameters) -> bool:
        single = asked.single
        equal = dict(RESOURCES.values())[kind]
        if not asked.allows("created", body["created"]):
            return False
        if kind == EVENT:
            patterns = asked.many("types") + ([single["type"]] if "type" in single else [])
            return not patterns or any(fnmatchcase(body["type"], p) for p in patterns)
        if kind == SUBSCRIPTION and not _has_status(body, single.get("status", "")):
            return False
        if "price" in single and body["items"]["data"][0]["price"]["id"] != single["price"]:
            return False
        if "subscription" in single:
            details = body["parent"]["subscription_details"]
            if details["subscription"] != single["subscription"]:
                return False
        return all(body[name] == single[name] for name in equal if name in single)

    def _expanded(self, body: Json, wanted: list[str], now: datetime) -> Json:
        """The object with whole objects in place of some ids."""
        for name in wanted:
            if name not in EXPANDABLE or name not in body:
                message = f"This property cannot be expanded ({name})."
                raise Refused(errors.error(400, message))
            seen = self.store.find(EXPANDABLE[name], str(body[name]), now)
            if seen is not None:
                gone = {"id": seen.record_id, "object": seen.kind, "deleted": True}
                body = body | {name: dict(seen.fields) if seen.fate is None else gone}
        return body

    def expected(self, now: datetime) -> dict[str, Any]:
        """Objects by list (subscriptions of every status), deleted customers, sums of money.

        `charged` and `refunded`: minor units by currency; charges that failed do not count.
        """
        found = {resource: self._all(kind, now) for resource, (kind, _) in RESOURCES.items()}
        money: dict[str, dict[str, int]] = {
            "charged": defaultdict(int),
            "refunded": defaultdict(int),
        }
        for charge in found["charges"]:
            money["charged"][charge["currency"]] += charge["amount_captured"]
        for refund in found["refunds"]:
            money["refunded"][refund["currency"]] += refund["amount"]
        alive = [s for s in found["subscriptions"] if s["status"] != "canceled"]
        count: dict[str, Any] = {resource: len(bodies) for resource, bodies in found.items()}
        return count | {
            "deleted_customers": len(self.store.ended(CUSTOMER, Fate.DELETED, now)),
            "failed_charges": sum(not charge["paid"] for charge in found["charges"]),
            "subscriptions_not_canceled": len(alive),
            **{name: dict(amounts) for name, amounts in money.items()},
        }

    def shape(self, request: Request) -> PageShape | None:
        """Lists; the client makes the cursor from the last id."""
        if request.path.removeprefix(API) in RESOURCES:
            return PageShape(("data",), (), (), "starting_after")
        return None

    def throttled(self) -> Reply:
        """The refusal of the rate limiter."""
        return errors.rate_limited()

    def expire_tokens(self, now: datetime) -> None:
        """All keys end."""
        self.tokens.end_all(now)


def _age(body: Json) -> tuple[int, str]:
    """Sorts newest first."""
    return -body["created"], str(body["id"])


def _ordered(bodies: list[Json]) -> list[Json]:
    return sorted(bodies, key=_age)


def _has_status(body: Json, status: str) -> bool:
    """Without a status: all that are not canceled; `ended`: canceled or never begun."""
    if status == "all":
        return True
    if status in ("", "ended"):
        return (body["status"] == "canceled") is (status == "ended")
    return bool(body["status"] == status)
