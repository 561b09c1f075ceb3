"""Stripe's log of what happened: an event for each version of an object, kept for 30 days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.store import Fate, Seen, Store
from pipelines.world.fakenet.stripe_bodies import VERSION, Json, native, stamp
from pipelines.world.fakenet.stripe_store import (
    CHARGE,
    CUSTOMER,
    INVOICE,
    INVOICE_PAYMENT,
    REFUND,
    SUBSCRIPTION,
)

KEPT = timedelta(days=30)
KINDS = (CUSTOMER, CHARGE, REFUND, INVOICE, SUBSCRIPTION, INVOICE_PAYMENT)


def events(store: Store, now: datetime) -> list[Json]:
    """All events that are still kept at `now`, unordered."""
    found: list[Json] = []
    for kind in KINDS:
        for seen in (*store.live(kind, now), *store.ended(kind, Fate.DELETED, now)):
            found += _of(kind, seen, now - KEPT)
    return found


def _of(kind: str, seen: Seen, since: datetime) -> Iterator[Json]:
    before: Json | None = None
    for version in seen.history:
        body = dict(version.fields)
        happened_at = version.seen_from or version.since
        if happened_at > since:
            name = _name(kind, before, body)
            yield _event(name, body, _previous(before, body), happened_at)
        before = body
    if seen.ended_at and seen.ended_at > since and before is not None:
        yield _event(f"{kind}.deleted", before, {}, seen.ended_at)


def _name(kind: str, before: Json | None, body: Json) -> str:
    """What Stripe calls the change."""
    if kind == CHARGE:
        return f"charge.{body['status'] if before is None else 'refunded'}"
    if kind == SUBSCRIPTION:
        ended = body["status"] == "canceled"
        what = "deleted" if ended else "created" if before is None else "updated"
        return f"customer.subscription.{what}"
    if kind == INVOICE_PAYMENT:
        return "invoice_payment.paid"
    if before is None:
        return f"{kind}.created"
    if kind == INVOICE:
        return "invoice.paid" if body["status"] == "paid" else "invoice.payment_failed"
    return f"{kind}.updated"


def _previous(before: Json | None, body: Json) -> dict[str, Any]:
    """The old values of what changed."""
    return {} if before is None else {k: v for k, v in before.items() if body.get(k) != v}


def _event(name: str, body: Json, previous: Json, at: datetime) -> Json:
    data: Json = {"object": body}
    if previous:
        data["previous_attributes"] = previous
    return {
        "id": native("evt", name, body["id"], at, sorted(previous)), "object": "event",
        "api_version": VERSION, "created": stamp(at), "data": data, "livemode": False,
        "pending_webhooks": 0, "request": {"id": None, "idempotency_key": None}, "type": name,
    }  # fmt: skip
