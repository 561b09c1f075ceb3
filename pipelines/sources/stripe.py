"""Stripe: who paid, what came in, what was paid back, and who subscribes.

created lately ─▶ customers, charges, refunds, invoices, invoice_payments, subscriptions
events ─▶ which older objects changed ─▶ asked for by id;   which were deleted ─▶ looked up ─▶ ended

Loads: one table per list. Money is a charge, and a refund is money of its own, never a correction
of its charge. An invoice is a bill, not money: what paid it is a charge, and `invoice_payments`
says which. Amounts are in Stripe's minor units.

Idempotent: a row lands when it differs from the newest landed row of its object. Every night reads
what was created in the last 30 days, and what the log of events names; after a month without a
night, and at first, everything.

Run it: `ROR_SOURCES=stripe`, and `api_key` under `[sources.stripe]` in `.dlt/secrets.toml`: a
restricted key that may read customers, charges, refunds, invoices, subscriptions and events.
"""

from __future__ import annotations

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines.contract import ColumnType, PiiKind
from pipelines.http import (
    Exchange,
    Fatal,
    Gone,
    Origins,
    Outcome,
    Rate,
    Retry,
    Secret,
    Service,
    StaticToken,
    TokenProvider,
    at,
    default_outcome,
)
from pipelines.sources.spec import Absence, Field, Kind, Resource, Source
from pipelines.sources.stripe_reads import (
    NAME,
    REREAD,
    VERSION,
    VERSION_HEADER,
    lost_of,
    probe,
    read_charges,
    read_customers,
    read_invoice_payments,
    read_invoices,
    read_refunds,
    read_subscriptions,
)

T, TS, B, INT = ColumnType.TEXT, ColumnType.TIMESTAMP, ColumnType.BOOLEAN, ColumnType.INTEGER


@configspec
class StripeConfig(BaseConfiguration):
    """`order_key`: key of a charge's metadata that holds the shop's own number of the order; empty:
    there is none.
    """

    api_key: TSecretStrValue = None  # type: ignore[assignment]  # dlt: None means required
    base_url: str = "https://api.stripe.com"
    order_key: str = "order_id"


def service(config: StripeConfig) -> Service:
    """How the API is talked to, in one version whatever the account's own is."""
    return Service(
        NAME,
        Origins(config.base_url),
        headers={"Stripe-Version": VERSION},
        classify=classify,
        rates={"": Rate(25, 1)},  # of a test key; live ones have four times as much
        version_header=VERSION_HEADER,
        request_id_header="request-id",
    )


def token(config: StripeConfig) -> TokenProvider:
    """The key."""
    return StaticToken(Secret(str(config.api_key)))


def classify(exchange: Exchange) -> Outcome:
    """Deleted objects answer 200; 429 means too fast, or that somebody else holds the object."""
    reply, request = exchange.reply, exchange.request
    if reply is None:
        return default_outcome(exchange)
    if reply.status == 200 and request.object_id and at(reply.payload, ("deleted",)) is True:
        return Gone((request.object_id,))
    error = at(reply.payload, ("error",))
    if reply.status == 429 and at(error, ("code",)) == "lock_timeout":
        return Retry("locked")
    if reply.status == 400 and "API version" in str(at(error, ("message",))):
        return Fatal("version", f"{VERSION} is no longer served", "update ror-warehouse")
    return default_outcome(exchange)


ID = Field("id", T, "Id of the object.", (), True)
CREATED = Field("created_at", TS, "When it was made.", ("created",), True)
CUSTOMER = Field("customer", T, "Customer; empty for guests.")
CURRENCY = Field("currency", T, "ISO 4217 code, lower case.", (), True)
INTENT = Field("payment_intent", T, "Attempt to pay that it belongs to.")
STATUS = Field("status", T, "State in Stripe's words.")


def _of(name: str, kind: ColumnType, text: str, *path: str) -> Field:
    return Field(name, kind, text, path)


def _amount(name: str, text: str, *, is_required: bool = False) -> Field:
    return Field(name, INT, f"{text}, in Stripe's minor units.", (), is_required)


def _list(name: str, grain: str, read: object, *fields: Field) -> Resource:
    return Resource(
        name, grain, Kind.STATE, ("id",), (ID, *fields, CREATED), read,  # type: ignore[arg-type]
        absence=Absence.LOOKUP, lookup=lost_of(name), has_payload=False,
    )  # fmt: skip


STRIPE = Source(
    name=NAME,
    title="Stripe",
    version=VERSION,
    config=StripeConfig,
    service=service,
    token=token,
    probe=probe,
    window=REREAD,
    verified_with="FakeNet, which Stripe's own client reads",
    gives_not=(
        "what was bought: an amount has no tax, shipping or discount of its own",
        "a person's given name: the name is one text",
        "money that a bank took back (disputes), fees and payouts",
        "changes of objects older than 30 days when the key may not read events",
        "past prices of a subscription: the first night sees it as it is",
    ),
    resources=(
        _list(
            "customers", "customer", read_customers,
            Field("email", T, "E-mail address.", pii=PiiKind.EMAIL),
            Field("name", T, "Full name.", pii=PiiKind.PERSON_NAME),
            Field("phone", T, "Phone number.", pii=PiiKind.PHONE),
            _of("country", T, "Country, ISO 3166-1 alpha-2.", "address", "country"),
            Field("preferred_locales", T, "JSON list of languages, first choice first."),
        ),
        _list(
            "charges", "attempt to take money, whether it worked or not", read_charges,
            CUSTOMER, INTENT, STATUS, CURRENCY,
            Field("paid", B, "It worked.", (), True),
            Field("captured", B, "The money was taken, not only reserved."),
            _amount("amount", "What was asked for"),
            _amount("amount_captured", "What was taken", is_required=True),
            _amount("amount_refunded", "What was paid back of it until now"),
            Field("disputed", B, "The buyer asked the bank for the money."),
            Field("failure_code", T, "Why it did not work."),
            Field("email", T, "Address the buyer gave.", pii=PiiKind.EMAIL),
            Field("order_reference", T, "The shop's number of the order."),
        ),
        _list(
            "refunds", "payment back", read_refunds,
            Field("charge", T, "Charge it pays back."), INTENT, STATUS, CURRENCY,
            _amount("amount", "What was paid back", is_required=True),
            Field("reason", T, "Why, in Stripe's words."),
        ),
        _list(
            "invoices", "bill", read_invoices,
            CUSTOMER, STATUS, CURRENCY,
            Field("subscription", T, "Subscription it bills."),
            Field("billing_reason", T, "Why it was made, in Stripe's words."),
            _amount("amount_due", "What is to be paid"),
            _amount("amount_paid", "What was paid"),
            Field("attempt_count", INT, "Attempts to take the money."),
            Field("paid_at", TS, "When it was paid."),
        ),
        _list(
            "invoice_payments", "payment of a bill", read_invoice_payments,
            Field("invoice", T, "Bill.", (), True), STATUS, CURRENCY,
            _of("payment_intent", T, "Attempt to pay.", "payment", "payment_intent"),
            _amount("amount_paid", "What was paid"),
        ),
        _list(
            "subscriptions", "subscription", read_subscriptions,
            CUSTOMER, STATUS, CURRENCY,
            _of("price_id", T, "Price of the first item.", "price", "id"),
            _of("product_id", T, "Product of the first item.", "price", "product"),
            _of("plan", T, "Name of the price.", "price", "nickname"),
            _of("unit_amount", INT, "Price, in Stripe's minor units.", "price", "unit_amount"),
            _of("period_unit", T, "Unit of a period.", "price", "recurring", "interval"),
            _of("period_units", INT, "Units of it.", "price", "recurring", "interval_count"),
            Field("quantity", INT, "How many of the first item."),
            Field("item_count", INT, "Items."),
            Field("item_prices", T, "JSON list of what each item costs, and per what."),
            Field("current_period_start", TS, "Start of the period that is paid."),
            Field("current_period_end", TS, "End of it."),
            Field("start_date", TS, "First day."),
            Field("trial_end", TS, "End of the time that is free."),
            Field("cancel_at", TS, "When it is to end."),
            Field("canceled_at", TS, "When somebody asked for the end."),
            Field("ended_at", TS, "When it ended."),
            _of("end_reason", T, "Why it ended.", "cancellation_details", "reason"),
        ),
    ),
)  # fmt: skip
