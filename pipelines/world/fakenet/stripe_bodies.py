"""Stripe's objects as JSON, in the shape of the version `VERSION`; amounts in minor units.

Yen have none: an amount of 3000 is 3000 yen. Times are seconds since the epoch.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipelines.world.fakenet.facade import EPOCH, stable_hex
from pipelines.world.stripe import PLANS, StripeBill, StripeCustomer, StripePayment

Json = dict[str, Any]
VERSION = "2026-10-28.endive"
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def native(prefix: str, *parts: object) -> str:
    """An id as Stripe writes them: what it is, and 14 or more characters."""
    return f"{prefix}_{stable_hex(prefix, *parts)[: 24 if prefix != 'cus' else 14]}"


def stamp(instant: datetime | None) -> int | None:
    """Whole seconds since the epoch; None stays None."""
    return None if instant is None else int((instant - EPOCH).total_seconds())


def empty_list(url: str, items: list[Json]) -> Json:
    """A list inside another object, whole."""
    return {"object": "list", "data": items, "has_more": False, "url": url}


def customer_body(customer_id: str, customer: StripeCustomer, email: str) -> Json:
    """A customer with this address."""
    address = dict.fromkeys(ADDRESS) | {"country": customer.country}
    return {
        "id": customer_id, "object": "customer", "address": address, "balance": 0,
        "created": stamp(customer.since), "currency": None, "default_source": None,
        "delinquent": False, "description": None, "email": email,
        "invoice_prefix": stable_hex(customer_id)[:8].upper(), "livemode": False,
        "metadata": {"shop_customer": customer.key}, "name": customer.name,
        "next_invoice_sequence": 1, "phone": None, "preferred_locales": [], "shipping": None,
        "tax_exempt": "none", "test_clock": None,
    }  # fmt: skip


def charge_body(ids: dict[str, str], payment: StripePayment) -> Json:
    """A charge before anything was paid back. `ids`: charge, intent, customer (may be empty)."""
    is_paid = payment.is_paid
    failure = (None, None) if is_paid else ("card_declined", "Your card was declined.")
    billing = {"address": dict.fromkeys(ADDRESS), "email": payment.email or None, "name": None,
               "phone": None, "tax_id": None}  # fmt: skip
    return {
        "id": ids["charge"], "object": "charge", "amount": payment.amount,
        "amount_captured": payment.amount if is_paid else 0, "amount_refunded": 0,
        "application": None, "application_fee": None, "application_fee_amount": None,
        "balance_transaction": native("txn", ids["charge"]) if is_paid else None,
        "billing_details": billing, "calculated_statement_descriptor": "BEANANDBOND",
        "captured": is_paid, "created": stamp(payment.at), "currency": payment.currency,
        "customer": ids["customer"] or None, "description": None, "disputed": False,
        "failure_balance_transaction": None, "failure_code": failure[0],
        "failure_message": failure[1], "fraud_details": {}, "livemode": False,
        "metadata": {"order_id": payment.order_id} if payment.order_id else {},
        "on_behalf_of": None, "paid": is_paid, "payment_intent": ids["intent"],
        "payment_method": None, "receipt_email": payment.email or None, "receipt_number": None,
        "refunded": False, "review": None, "shipping": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": "succeeded" if is_paid else "failed",
        "transfer_data": None, "transfer_group": None,
    }  # fmt: skip


def refund_body(
    refund_id: str, ids: dict[str, str], amount: int, currency: str, at: datetime, status: str
) -> Json:
    """A refund of a charge."""
    return {
        "id": refund_id, "object": "refund", "amount": amount,
        "balance_transaction": native("txn", refund_id), "charge": ids["charge"],
        "created": stamp(at), "currency": currency, "customer": ids["customer"] or None,
        "destination_details": {"card": {"type": "refund"}, "type": "card"}, "metadata": {},
        "payment_intent": ids["intent"], "reason": "requested_by_customer",
        "receipt_number": None, "source_transfer_reversal": None, "status": status,
        "transfer_reversal": None,
    }  # fmt: skip


def price_body(plan: str, currency: str, since: datetime) -> Json:
    """The monthly price of a plan."""
    amount = PLANS[plan][currency]
    return {
        "id": native("price", plan, currency), "object": "price", "active": True,
        "billing_scheme": "per_unit", "created": stamp(since), "currency": currency,
        "custom_unit_amount": None, "livemode": False, "lookup_key": f"{plan}_{currency}",
        "metadata": {}, "nickname": plan, "product": native("prod", plan),
        "recurring": {"interval": "month", "interval_count": 1, "meter": None,
                      "trial_period_days": None, "usage_type": "licensed"},
        "tax_behavior": "inclusive", "tiers_mode": None, "transform_quantity": None,
        "type": "recurring", "unit_amount": amount, "unit_amount_decimal": str(amount),
    }  # fmt: skip


def plan_body(price: Json) -> Json:
    """The older form of a price, which subscription items still carry."""
    return {
        "id": price["id"], "object": "plan", "active": True, "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"], "billing_scheme": "per_unit",
        "created": price["created"], "currency": price["currency"], "interval": "month",
        "interval_count": 1, "livemode": False, "metadata": {}, "meter": None,
        "nickname": price["nickname"], "product": price["product"], "tiers_mode": None,
        "transform_usage": None, "trial_period_days": None, "usage_type": "licensed",
    }  # fmt: skip


def subscription_body(
    ids: dict[str, str], price: Json, start: datetime, period: tuple[datetime, datetime]
) -> Json:
    """An active subscription. `ids`: subscription, item, customer, invoice."""
    item: Json = {
        "id": ids["item"], "object": "subscription_item", "billing_thresholds": None,
        "created": stamp(start), "current_period_end": stamp(period[1]),
        "current_period_start": stamp(period[0]), "discounts": [], "metadata": {},
        "plan": plan_body(price), "price": price, "quantity": 1,
        "subscription": ids["subscription"], "tax_rates": [],
    }  # fmt: skip
    url = f"/v1/subscription_items?subscription={ids['subscription']}"
    nothing = {"comment": None, "feedback": None, "reason": None}
    return {
        "id": ids["subscription"], "object": "subscription", "application": None,
        "application_fee_percent": None, "automatic_tax": {"enabled": False, "liability": None},
        "billing_cycle_anchor": stamp(start), "billing_mode": {"type": "classic"},
        "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None,
        "cancellation_details": nothing, "collection_method": "charge_automatically",
        "created": stamp(start), "currency": price["currency"], "customer": ids["customer"],
        "days_until_due": None, "default_payment_method": None, "default_source": None,
        "default_tax_rates": [], "description": None, "discounts": [], "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": empty_list(url, [item]), "latest_invoice": ids["invoice"], "livemode": False,
        "metadata": {}, "next_pending_invoice_item_invoice": None, "on_behalf_of": None,
        "pause_collection": None, "pending_setup_intent": None, "pending_update": None,
        "schedule": None, "start_date": stamp(start), "status": "active", "test_clock": None,
        "trial_end": None, "trial_start": None,
    }  # fmt: skip


def invoice_body(ids: dict[str, str], bill: StripeBill, price: Json) -> Json:
    """An open invoice. `ids`: invoice, customer, subscription, item."""
    parent = {
        "quote_details": None,
        "type": "subscription_details",
        "subscription_details": {"metadata": {}, "subscription": ids["subscription"]},
    }
    line = {
        "id": native("il", ids["invoice"]), "object": "line_item", "amount": bill.amount,
        "currency": price["currency"], "description": f"1 × {bill.plan}",
        "discount_amounts": [], "discountable": True, "discounts": [], "invoice": ids["invoice"],
        "livemode": False, "metadata": {},
        "parent": {"type": "subscription_item_details", "invoice_item_details": None,
                   "subscription_item_details": {
                       "proration": bill.reason == "subscription_update",
                       "subscription": ids["subscription"], "subscription_item": ids["item"]}},
        "period": {"start": stamp(bill.at), "end": stamp(bill.period_end)},
        "pricing": {"type": "price_details", "unit_amount_decimal": price["unit_amount_decimal"],
                    "price_details": {"price": price["id"], "product": price["product"]}},
        "quantity": 1, "taxes": [],
    }  # fmt: skip
    return {
        "id": ids["invoice"], "object": "invoice", "account_country": "IT",
        "account_name": "Bean & Bond", "amount_due": bill.amount, "amount_overpaid": 0,
        "amount_paid": 0, "amount_remaining": bill.amount, "amount_shipping": 0,
        "attempt_count": 0, "attempted": False, "auto_advance": True,
        "automatic_tax": {"enabled": False, "liability": None, "status": None},
        "billing_reason": bill.reason, "collection_method": "charge_automatically",
        "created": stamp(bill.at), "currency": price["currency"], "customer": ids["customer"],
        "default_tax_rates": [], "description": None, "discounts": [], "due_date": None,
        "effective_at": stamp(bill.at), "ending_balance": 0, "issuer": {"type": "self"},
        "lines": empty_list(f"/v1/invoices/{ids['invoice']}/lines", [line]), "livemode": False,
        "metadata": {}, "next_payment_attempt": None, "number": f"BB-{bill.number:05d}",
        "on_behalf_of": None, "parent": parent, "payment_settings": {},
        "period_end": stamp(bill.at), "period_start": stamp(bill.at),
        "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0,
        "receipt_number": None, "starting_balance": 0, "status": "open",
        "status_transitions": {"finalized_at": stamp(bill.at), "marked_uncollectible_at": None,
                               "paid_at": None, "voided_at": None},
        "subtotal": bill.amount, "test_clock": None, "total": bill.amount, "total_taxes": [],
    }  # fmt: skip
