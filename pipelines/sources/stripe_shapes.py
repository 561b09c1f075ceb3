"""Stripe's objects as they may land: instants in milliseconds, what is nested brought up.

Amounts stay as Stripe writes them, in its own minor units; staging knows how many of them a
currency has.
"""

from __future__ import annotations

from typing import Any

from pipelines.http import at
from pipelines.sources.values import Json

MILLISECONDS = 1000


def charge(row: Any, order_key: str) -> Any:
    """A charge: whom it is of, and which order of the shop it pays (`order_key`: of metadata)."""
    if not isinstance(row, dict):
        return row
    email = at(row, ("billing_details", "email")) or row.get("receipt_email")
    reference = at(row, ("metadata", order_key)) if order_key else None
    return _timed(row, "created") | {"email": email, "order_reference": reference}


def invoice(row: Any) -> Any:
    """An invoice: the subscription it is for, and when it was paid."""
    if not isinstance(row, dict):
        return row
    of = at(row, ("parent", "subscription_details", "subscription")) or row.get("subscription")
    paid_at = at(row, ("status_transitions", "paid_at"))
    return _timed(row, "created") | {"subscription": of, "paid_at": _milliseconds(paid_at)}


def subscription(row: Any) -> Any:
    """A subscription, what its first item costs and what each does; `item_count`: how many."""
    if not isinstance(row, dict):
        return row
    items = at(row, ("items", "data"))
    listed = items if isinstance(items, list) else []
    first = listed[0] if listed else {}
    periods = {
        name: _milliseconds(at(first, (name,)) or row.get(name))
        for name in ("current_period_start", "current_period_end")
    }
    times = _timed(
        row, "created", "start_date", "trial_end", "cancel_at", "canceled_at", "ended_at"
    )
    return times | periods | {
        "price": at(first, ("price",)), "quantity": at(first, ("quantity",)),
        "item_count": len(items) if isinstance(items, list) else None,
        "item_prices": [_item_price(item) for item in listed],
    }  # fmt: skip


def _item_price(item: Any) -> Json:
    """What one item of a subscription costs; no amount where it is told by use or by steps."""
    return {
        "unit_amount": at(item, ("price", "unit_amount_decimal"))
        or at(item, ("price", "unit_amount")),
        "period_unit": at(item, ("price", "recurring", "interval")),
        "period_units": at(item, ("price", "recurring", "interval_count")),
        "usage_type": at(item, ("price", "recurring", "usage_type")),
        "quantity": at(item, ("quantity",)),
    }


def timed(row: Any) -> Any:
    """Any other object."""
    return _timed(row, "created") if isinstance(row, dict) else row


def _timed(row: Json, *names: str) -> Json:
    return {**row, **{name: _milliseconds(row.get(name)) for name in names}}


def _milliseconds(seconds: Any) -> Any:
    """Seconds since the epoch as milliseconds; what is no number stays, to be refused."""
    is_number = isinstance(seconds, int) and not isinstance(seconds, bool)
    return seconds * MILLISECONDS if is_number else seconds
