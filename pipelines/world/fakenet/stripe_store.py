"""Stripe's objects over time: each change of an object is a version, and an event."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.store import Fate, Record, Store, Version
from pipelines.world.fakenet.stripe_bodies import (
    Json,
    charge_body,
    customer_body,
    invoice_body,
    native,
    price_body,
    refund_body,
    stamp,
    subscription_body,
)
from pipelines.world.stripe import (
    PLANS,
    StripeBill,
    StripeCustomer,
    StripeMembership,
    StripePayment,
    StripeRefund,
    StripeWorld,
)

CUSTOMER, CHARGE, REFUND, INVOICE = "customer", "charge", "refund", "invoice"
SUBSCRIPTION, INVOICE_PAYMENT, PRICE = "subscription", "invoice_payment", "price"


def customer_id(seed: int, key: str) -> str:
    """The id of a customer by its key; empty for a guest."""
    return native("cus", seed, key) if key else ""


def charge_id(seed: int, number: int) -> str:
    """The id of a payment's charge."""
    return native("ch", seed, number)


def customer_ids(life: StripeWorld, seed: int) -> dict[str, list[str]]:
    """All records of a person, oldest first."""
    found: dict[str, list[str]] = defaultdict(list)
    for customer in life.customers:
        found[customer.person_id].append(customer_id(seed, customer.key))
    return dict(found)


def stripe_store(life: StripeWorld, seed: int, since: datetime) -> Store:
    """All objects; `since`: when the prices were made."""
    return _Builder(life, seed, since).run()


class _Builder:
    def __init__(self, life: StripeWorld, seed: int, since: datetime) -> None:
        self.life, self.seed, self.since, self.store = life, seed, since, Store()
        self.payments = {payment.number: payment for payment in life.payments}
        self.members = {membership.number: membership for membership in life.memberships}
        self.bills: dict[int, list[StripeBill]] = defaultdict(list)
        for bill in life.bills:
            self.bills[bill.membership].append(bill)
        self.refunds: dict[int, list[StripeRefund]] = defaultdict(list)
        for refund in life.refunds:
            self.refunds[refund.payment].append(refund)

    def run(self) -> Store:
        for plan, amounts in PLANS.items():
            for currency in amounts:
                body = price_body(plan, currency, self.since)
                self._put(PRICE, [(self.since, body)])
        for customer in self.life.customers:
            self._customer(customer)
        for payment in self.life.payments:
            self._charge(payment)
        for refund in self.life.refunds:
            self._refund(refund)
        for membership in self.life.memberships:
            self._subscription(membership)
        for bill in self.life.bills:
            self._invoice(bill)
        return self.store

    def _put(
        self, kind: str, versions: list[tuple[datetime, Json]], ended_at: datetime | None = None
    ) -> None:
        ordered = sorted(versions, key=lambda version: version[0])
        fate = Fate.DELETED if ended_at else None
        before: list[Json | None] = [None, *(body for _, body in ordered)]
        changes = zip(ordered, before, strict=False)
        made = tuple(Version(at, body) for (at, body), old in changes if body != old)
        self.store.put(Record(kind, str(ordered[0][1]["id"]), made, fate, ended_at))

    def _customer(self, customer: StripeCustomer) -> None:
        native_id = customer_id(self.seed, customer.key)
        versions = [(customer.since, customer_body(native_id, customer, customer.email))]
        if customer.moved_at:
            moved = customer_body(native_id, customer, customer.moved_to)
            versions.append((customer.moved_at, moved))
        self._put(CUSTOMER, versions, customer.deleted_at)

    def _ids(self, payment: StripePayment) -> dict[str, str]:
        """A declined card and the payment after it are two charges of one intent."""
        intent = payment.order_id or f"bill {payment.bill}"
        return {
            "charge": charge_id(self.seed, payment.number),
            "intent": native("pi", self.seed, intent),
            "customer": customer_id(self.seed, payment.customer),
        }

    def _charge(self, payment: StripePayment) -> None:
        body = charge_body(self._ids(payment), payment)
        versions, back = [(payment.at, body)], 0
        for refund in self.refunds[payment.number]:
            back += refund.amount
            after = {"amount_refunded": back, "refunded": back == payment.amount}
            versions.append((refund.at, body | after))
        self._put(CHARGE, versions)

    def _refund(self, refund: StripeRefund) -> None:
        payment = self.payments[refund.payment]
        refund_id = native("re", self.seed, refund.refund_id)
        is_slow = refund.settled_at > refund.at
        body = refund_body(refund_id, self._ids(payment), refund.amount, payment.currency,
                           refund.at, "pending" if is_slow else "succeeded")  # fmt: skip
        versions = [(refund.at, body)]
        if is_slow:
            versions.append((refund.settled_at, body | {"status": "succeeded"}))
        self._put(REFUND, versions)

    def _member_ids(self, membership: StripeMembership, bill: StripeBill) -> dict[str, str]:
        return {
            "subscription": native("sub", self.seed, membership.number),
            "item": native("si", self.seed, membership.number),
            "customer": customer_id(self.seed, membership.customer),
            "invoice": native("in", self.seed, bill.number),
        }

    def _price(self, plan: str, membership: StripeMembership) -> Json:
        return price_body(plan, membership.currency, self.since)

    def _subscription(self, membership: StripeMembership) -> None:
        """Versions: start, renewals, other plans, trouble with payment, the end."""
        bills = self.bills[membership.number]
        renewals = [bill for bill in bills if bill.reason != "subscription_update"]
        moments = [(bill.at, "") for bill in renewals]
        moments += [(at, "") for at, _ in membership.changes[1:]]
        moments += [(at, status) for at, status in (
            (membership.unpaid_since, "past_due"), (membership.recovered_at, "active"),
            (membership.leaving_since, ""), (membership.ended_at, "canceled")) if at]  # fmt: skip
        versions, status = [], "active"
        for at, changed in sorted(moments):
            status = changed or status
            bill = [b for b in renewals if b.at <= at][-1]
            plan = [name for since, name in membership.changes if since <= at][-1]
            latest = [b for b in bills if b.at <= at][-1]
            body = subscription_body(
                self._member_ids(membership, latest), self._price(plan, membership),
                membership.starts_at, (bill.at, bill.period_end),
            )  # fmt: skip
            versions.append((at, body | self._ending(membership, at, bill) | {"status": status}))
        self._put(SUBSCRIPTION, versions)

    def _ending(self, membership: StripeMembership, at: datetime, bill: StripeBill) -> Json:
        """What a subscription says of its end at an instant."""
        leaving, ended = membership.leaving_since, membership.ended_at
        details = {"comment": None, "feedback": None, "reason": membership.end_reason}
        fields: dict[str, Any] = {}
        if leaving and at >= leaving:
            end = stamp(bill.period_end)
            fields = {"cancel_at": end, "cancel_at_period_end": True,
                      "canceled_at": stamp(leaving), "cancellation_details": details}  # fmt: skip
        if ended and at >= ended:
            canceled = stamp(leaving or ended)
            fields |= {"canceled_at": canceled, "ended_at": stamp(ended),
                       "cancellation_details": details}  # fmt: skip
        return fields

    def _invoice(self, bill: StripeBill) -> None:
        """Open, perhaps tried in vain, paid; and the payment that paid it."""
        membership = self.members[bill.membership]
        ids = self._member_ids(membership, bill)
        body = invoice_body(ids, bill, self._price(bill.plan, membership))
        tries = [p for p in self.life.payments if p.bill == bill.number]
        versions = [(bill.at, body)]
        for count, payment in enumerate(tries, start=1):
            after: Json = {"attempt_count": count, "attempted": True}
            if payment.is_paid:
                moments = body["status_transitions"] | {"paid_at": stamp(payment.at)}
                after |= {"status": "paid", "amount_paid": bill.amount, "amount_remaining": 0,
                          "status_transitions": moments}  # fmt: skip
                self._invoice_payment(ids["invoice"], payment)
            elif count == 1:
                after["next_payment_attempt"] = stamp(payment.at + timedelta(days=3))
            versions.append((payment.at, body | after))
        self._put(INVOICE, versions)

    def _invoice_payment(self, invoice: str, payment: StripePayment) -> None:
        """What ties an invoice to the intent that paid it: neither names the other."""
        intent = {"type": "payment_intent", "payment_intent": self._ids(payment)["intent"]}
        body = {
            "id": native("inpay", invoice), "object": "invoice_payment",
            "amount_paid": payment.amount, "amount_requested": payment.amount,
            "created": stamp(payment.at), "currency": payment.currency, "invoice": invoice,
            "is_default": True, "livemode": False, "payment": intent, "status": "paid",
            "status_transitions": {"canceled_at": None, "paid_at": stamp(payment.at)},
        }  # fmt: skip
        self._put(INVOICE_PAYMENT, [(payment.at, body)])
