"""Stripe's own client reads the fake: it pages, types and raises by itself.

Needs `stripe` 16.1.0, which is no dependency of the product.
"""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.world.fakenet.faults import Rule
from pipelines.world.fakenet.faults_wire import Status
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.fakenet.stripe import Stripe
from pipelines.world.fakenet.stripe_bodies import VERSION
from pipelines.world.fakenet.stripe_gate import KEY
from pipelines.world.fakenet.stripe_store import charge_id
from pipelines.world.stripe import build_stripe
from pipelines.world.world import World

stripe = pytest.importorskip("stripe", reason="the client is not installed")

LISTS = {
    "customers": "Customer", "charges": "Charge", "refunds": "Refund", "invoices": "Invoice",
    "subscriptions": "Subscription", "invoice_payments": "InvoicePayment", "prices": "Price",
    "events": "Event",
}  # fmt: skip


def client_of(net: FakeNet, key: str = KEY, **more: Any) -> Any:
    return stripe.StripeClient(
        key, base_addresses={"api": net.url("stripe")}, max_network_retries=0, **more
    )


@pytest.fixture
def client(net: FakeNet) -> Any:
    return client_of(net)


def everything(client: Any, name: str, **params: Any) -> list[Any]:
    more = {"status": "all"} if name == "subscriptions" else {}
    return list(getattr(client.v1, name).list(more | params).auto_paging_iter())


@pytest.mark.parametrize("limit", [1, 10, 100])
@pytest.mark.parametrize("name", LISTS)
def test_list_when_the_client_pages_then_ids_and_counts_are_the_oracles(
    net: FakeNet, client: Any, name: str, limit: int
) -> None:
    if name == "events" and limit == 1:
        limit = 3  # a page each would be no other test and a slow one
    now = net.clock.now()
    found = everything(client, name, limit=limit)

    assert len({item.id for item in found}) == len(found)
    assert len(found) == net.facades["stripe"].expected(now)[name] > 0
    assert {type(item).__name__ for item in found} == {LISTS[name]}


def test_version_when_the_client_is_pinned_then_it_is_the_fakes(net: FakeNet, client: Any) -> None:
    client.v1.prices.list()
    assert net.log.of("stripe")[-1].header("stripe-version") == VERSION


def test_charges_when_the_client_reads_them_then_amounts_and_times_are_the_worlds(
    client: Any, judged_world: World
) -> None:
    life = build_stripe(judged_world)
    seed = judged_world.parameters.seed
    truth = {charge_id(seed, p.number): p for p in life.payments}
    found = everything(client, "charges", limit=100)

    for charge in found:
        payment = truth[charge.id]
        assert (charge.amount, charge.currency) == (payment.amount, payment.currency)
        assert (charge.created, charge.paid) == (int(payment.at.timestamp()), payment.is_paid)
        assert type(charge.amount) is int
    assert len(found) == len(truth)
    assert {charge.currency for charge in found} == {"eur", "usd", "jpy"}


def test_subscription_and_event_when_the_client_reads_them_then_nested_objects_are_typed(
    client: Any,
) -> None:
    subscription = everything(client, "subscriptions", limit=1)[0]
    item = subscription["items"].data[0]
    event = everything(client, "events", types=["customer.subscription.created"])[0]

    assert isinstance(item, stripe.SubscriptionItem)
    assert isinstance(item.price, stripe.Price)
    assert int(item.price.unit_amount_decimal) == item.price.unit_amount
    assert item.current_period_end > item.current_period_start
    assert isinstance(event.data.object, stripe.Subscription)


def test_filters_and_expansion_when_the_client_sends_them_then_the_fake_understands(
    client: Any,
) -> None:
    every = everything(client, "charges", limit=100)
    newer = everything(client, "charges", created={"gte": every[5].created}, limit=2)
    whole = client.v1.charges.list({"limit": 20, "expand": ["data.customer"]}).data

    assert {c.id for c in newer} == {c.id for c in every if c.created >= every[5].created}
    assert {type(c.customer) for c in whole if c.customer} == {stripe.Customer}


def test_deleted_customer_when_the_client_retrieves_it_then_it_says_deleted(
    net: FakeNet, client: Any
) -> None:
    customer = client.v1.customers.list({"limit": 1}).data[0]
    net.facades["stripe"].store.delete("customer", customer.id, net.clock.now())
    assert client.v1.customers.retrieve(customer.id).deleted is True


def test_errors_when_the_fake_refuses_then_the_client_raises_its_own_kind(
    net: FakeNet, client: Any
) -> None:
    facade = net.facades["stripe"]
    assert isinstance(facade, Stripe)
    with pytest.raises(stripe.AuthenticationError, match=r"Invalid API Key provided: \*+uess"):
        client_of(net, "guess").v1.prices.list()
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.charges.retrieve("ch_none")
    assert (caught.value.code, caught.value.param) == ("resource_missing", "id")
    with pytest.raises(stripe.InvalidRequestError, match="less than or equal to 100"):
        client.v1.charges.list({"limit": 101})
    facade.tokens.add("rk_test_one", ["charge"])
    with pytest.raises(stripe.PermissionError):
        client_of(net, "rk_test_one").v1.customers.list()
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        client_of(net, stripe_version="2011-01-01").v1.prices.list()
    charge = client.v1.charges.list({"limit": 1}).data[0]
    facade.locked.add(charge.id)
    with pytest.raises(stripe.RateLimitError) as held:
        client.v1.charges.retrieve(charge.id)
    assert held.value.error.code == "lock_timeout"
    throttled = facade.throttled()
    net.script.add(Rule("stripe", "*", Status(throttled.status, throttled.body)))
    with pytest.raises(stripe.RateLimitError, match="rate limit"):
        client.v1.prices.list()
