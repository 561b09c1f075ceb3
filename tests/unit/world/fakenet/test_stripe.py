from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.world.fakenet.faults import Rule
from pipelines.world.fakenet.faults_pages import DuplicateAcrossPages
from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.fakenet.stripe import Stripe
from pipelines.world.fakenet.stripe_store import charge_id, customer_id, stripe_store
from pipelines.world.parameters import WorldParameters
from pipelines.world.stripe import StripeWorld, after_months, build_stripe
from pipelines.world.world import World, build_world
from tests.support.fakenet import Answer, flat, oracle
from tests.support.list_apis import stripe, stripe_pages

SIZES = pytest.mark.parametrize("size", [1, None, 100], ids=["one", "default", "most"])


@pytest.fixture(scope="module")
def town() -> World:
    """Large enough for subscriptions in several currencies."""
    return build_world(WorldParameters(people=120, weeks=10))


@pytest.fixture(scope="module")
def life(town: World) -> StripeWorld:
    return build_stripe(town)


@pytest.fixture
def shop(town: World) -> Iterator[FakeNet]:
    with fake_net(town, tick=timedelta(milliseconds=250)) as running:
        yield running


def error(answer: Answer) -> tuple[int, str | None, str | None]:
    body = answer.body["error"]
    assert body["type"] == "invalid_request_error"
    return answer.status, body.get("code"), body.get("param")


@SIZES
@pytest.mark.parametrize("resource", ["customers", "charges", "refunds", "invoices"])
def test_list_when_paged_behind_the_last_id_then_it_is_whole_and_newest_first(
    shop: FakeNet, resource: str, size: int | None
) -> None:
    found = flat(stripe_pages(shop, resource, {"limit": size} if size else {}))
    created = [item["created"] for item in found]

    assert len({item["id"] for item in found}) == len(found) == oracle(shop, "stripe")[resource] > 3
    assert created == sorted(created, reverse=True)


def test_charges_when_read_then_they_are_the_worlds_orders_to_the_minor_unit(
    shop: FakeNet, town: World
) -> None:
    charges = flat(stripe_pages(shop, "charges", {"limit": 100}))
    paid = {c["metadata"]["order_id"]: (c["amount_captured"], c["currency"])
            for c in charges if c["paid"] and c["metadata"]}  # fmt: skip
    expected = {
        o.order_id: (o.gross_minor - o.discount_minor + o.tax_minor + o.shipping_minor,
                     o.currency.lower())
        for o in town.orders if o.counts
    }  # fmt: skip

    assert paid == expected
    failed = [c for c in charges if not c["paid"]]
    assert {(c["status"], c["failure_code"], c["amount_captured"]) for c in failed} == {
        ("failed", "card_declined", 0)
    }
    assert any(c["customer"] is None for c in charges)


def test_refunds_when_read_then_they_are_movements_and_the_charge_keeps_its_amount(
    shop: FakeNet, town: World
) -> None:
    refunds = flat(stripe_pages(shop, "refunds", {"limit": 100}))
    assert sum(r["amount"] for r in refunds) == sum(r.amount_minor for r in town.refunds) > 0
    for refund in refunds:
        charge = stripe(shop, f"charges/{refund['charge']}").body
        same = flat(stripe_pages(shop, "refunds", {"charge": charge["id"]}))
        assert charge["amount_refunded"] == sum(r["amount"] for r in same)
        assert charge["amount_captured"] == charge["amount"] > charge["amount_refunded"]
        assert charge["currency"] == refund["currency"]


def test_yen_when_charged_then_the_amount_is_whole_yen(shop: FakeNet) -> None:
    charges = flat(stripe_pages(shop, "charges", {"limit": 100}))
    yen = {c["amount"] for c in charges if c["currency"] == "jpy"}
    prices = flat(stripe_pages(shop, "prices", {"currency": "jpy"}))

    assert {p["unit_amount"] for p in prices} == {3_000, 4_600, 7_800}
    assert yen
    assert {a for a in yen if a >= 3_000} <= {3_000, 4_600, 7_800}
    assert oracle(shop, "stripe")["charged"]["jpy"] == sum(
        c["amount_captured"] for c in charges if c["currency"] == "jpy"
    )


def test_subscriptions_when_no_status_is_asked_then_canceled_ones_are_left_out(
    shop: FakeNet, life: StripeWorld
) -> None:
    end = shop.clock.now().astimezone(UTC)
    gone = [m for m in life.memberships if m.ended_at and m.ended_at <= end]
    default = flat(stripe_pages(shop, "subscriptions", {"limit": 3}))
    every = flat(stripe_pages(shop, "subscriptions", {"limit": 3, "status": "all"}))
    ended = flat(stripe_pages(shop, "subscriptions", {"status": "ended"}))

    assert len(every) == len(life.memberships) == oracle(shop, "stripe")["subscriptions"]
    assert len(ended) == len(gone) == len(every) - len(default) > 0
    assert {s["status"] for s in ended} == {"canceled"}
    assert all(s["ended_at"] and s["canceled_at"] <= s["ended_at"] for s in ended)


def test_subscription_when_its_plan_changes_then_the_item_and_an_event_say_so(
    life: StripeWorld, town: World
) -> None:
    seed = town.parameters.seed
    facade = Stripe(stripe_store(life, seed, town.parameters.starts_at))
    changed = next(m for m in life.memberships if len(m.changes) == 2)
    (start, first), (at, second) = changed.changes
    (sub,) = [s for s in facade.store.live("subscription", at)
              if s.fields["customer"] == customer_id(seed, changed.customer)]  # fmt: skip
    event = next(e for e in facade._all("event", at) if e["created"] == int(at.timestamp())
                 and e["type"] == "customer.subscription.updated"
                 and e["data"]["object"]["id"] == sub.record_id)  # fmt: skip

    def plan(body: Any) -> str:
        return str(body["items"]["data"][0]["price"]["nickname"])

    assert sub.history[0].since == start
    assert (plan(sub.history[0].fields), plan(sub.fields)) == (first, second)
    assert plan(event["data"]["previous_attributes"]) == first
    assert plan(event["data"]["object"]) == second


def test_invoice_when_paid_then_the_payment_between_names_the_charges_intent(
    shop: FakeNet, life: StripeWorld
) -> None:
    invoices = flat(stripe_pages(shop, "invoices", {"status": "paid", "limit": 100}))
    charges = flat(stripe_pages(shop, "charges", {"limit": 100}))
    captured = {c["payment_intent"]: c["amount_captured"] for c in charges if c["paid"]}
    assert len(invoices) > 5
    for invoice in invoices[:5]:
        (link,) = flat(stripe_pages(shop, "invoice_payments", {"invoice": invoice["id"]}))
        assert captured[link["payment"]["payment_intent"]] == invoice["amount_paid"]
        assert invoice["amount_remaining"] == 0
        assert "charge" not in invoice
    subscription = invoices[0]["parent"]["subscription_details"]["subscription"]
    mine = flat(stripe_pages(shop, "invoices", {"subscription": subscription}))
    assert invoices[0]["id"] in {i["id"] for i in mine}


def test_created_when_bounded_then_both_ends_are_as_asked(shop: FakeNet) -> None:
    every = flat(stripe_pages(shop, "charges", {"limit": 100}))
    low, high = every[-5]["created"], every[4]["created"]
    closed = flat(stripe_pages(shop, "charges", {"created[gte]": low, "created[lte]": high}))
    opened = flat(stripe_pages(shop, "charges", {"created[gt]": low, "created[lt]": high}))

    assert [c["id"] for c in closed] == [c["id"] for c in every[4 : len(every) - 4]]
    assert [c["id"] for c in opened] == [c["id"] for c in every[5 : len(every) - 5]]
    exact = flat(stripe_pages(shop, "charges", {"created": low}))
    assert {c["created"] for c in exact} == {low}


def test_ending_before_when_given_then_the_page_just_newer_comes(shop: FakeNet) -> None:
    every = [c["id"] for c in flat(stripe_pages(shop, "charges", {"limit": 100}))]
    page = stripe(shop, "charges", {"ending_before": every[10], "limit": 3}).body
    assert [c["id"] for c in page["data"]] == every[7:10]
    assert page["has_more"] is True


def test_events_when_older_than_thirty_days_then_gone(shop: FakeNet) -> None:
    now = shop.clock.now().astimezone(UTC)
    every = flat(stripe_pages(shop, "events", {"limit": 100}))
    assert len({e["id"] for e in every}) == len(every) > 50
    assert min(e["created"] for e in every) > (now - timedelta(days=30)).timestamp()
    kinds = Counter(e["type"] for e in every)
    paid = flat(stripe_pages(shop, "events", {"type": "charge.*", "limit": 100}))
    assert len(paid) == sum(n for kind, n in kinds.items() if kind.startswith("charge."))
    later = flat(stripe_pages(shop, "events", {"limit": 100}, now=now + timedelta(days=29)))
    assert 0 < len(later) < len(every)
    assert stripe(shop, "events", now=now + timedelta(days=400)).body["data"] == []


def test_customer_when_deleted_then_not_listed_marked_alone_and_an_event_remains(
    shop: FakeNet, life: StripeWorld, town: World
) -> None:
    key = next(c.key for c in life.customers if c.deleted_at is None)
    native, now = customer_id(town.parameters.seed, key), shop.clock.now().astimezone(UTC)
    assert stripe(shop, f"customers/{native}").body["metadata"] == {"shop_customer": key}
    shop.facades["stripe"].store.delete("customer", native, now)
    customers = flat(stripe_pages(shop, "customers", {"limit": 100}))

    assert native not in {c["id"] for c in customers}
    assert stripe(shop, f"customers/{native}").body == {
        "id": native, "object": "customer", "deleted": True,
    }  # fmt: skip
    events = flat(stripe_pages(shop, "events", {"type": "customer.deleted"}))
    assert native in {e["data"]["object"]["id"] for e in events}


def test_customer_when_deleted_between_two_pages_then_its_place_is_kept(shop: FakeNet) -> None:
    every = [c["id"] for c in flat(stripe_pages(shop, "customers", {"limit": 100}))]
    shop.facades["stripe"].store.delete("customer", every[4], shop.clock.now().astimezone(UTC))
    after = stripe(shop, "customers", {"starting_after": every[4], "limit": 3}).body
    before = stripe(shop, "customers", {"ending_before": every[4], "limit": 3}).body

    assert [c["id"] for c in after["data"]] == every[5:8]
    assert [c["id"] for c in before["data"]] == every[1:4]


def test_expand_when_asked_then_the_object_is_whole_and_nonsense_is_refused(shop: FakeNet) -> None:
    page = stripe(shop, "charges", {"limit": 50, "expand[0]": "data.customer"}).body["data"]
    whole = [c["customer"] for c in page if c["customer"]]
    assert {c["object"] for c in whole} == {"customer"}
    assert stripe(shop, "charges", {"expand[]": "data.nothing"}).status == 400


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"limit": 101}, "parameter_invalid_integer", "limit"),
        ({"limit": 0}, "parameter_invalid_integer", "limit"),
        ({"limit": "ten"}, "parameter_invalid_integer", "limit"),
        ({"page": 2}, "parameter_unknown", "page"),
        ({"created[since]": 2}, "parameter_unknown", "created[since]"),
        ({"starting_after": "ch_none"}, "resource_missing", "starting_after"),
    ],
)
def test_parameter_when_wrong_then_400_names_it(
    shop: FakeNet, params: dict[str, Any], code: str, param: str
) -> None:
    assert error(stripe(shop, "charges", params)) == (400, code, param)


def test_object_when_unknown_then_404_and_unknown_paths_too(shop: FakeNet) -> None:
    assert error(stripe(shop, "charges/ch_none")) == (404, "resource_missing", "id")
    assert error(stripe(shop, "nothing")) == (404, None, None)
    assert stripe(shop, "charges", method="POST").status == 404


def test_key_when_missing_wrong_expired_or_restricted_then_refused_and_never_shown(
    shop: FakeNet,
) -> None:
    assert error(stripe(shop, "charges", token=None)) == (401, None, None)
    wrong = stripe(shop, "charges", token="sk_test_guessed9999")
    assert error(wrong) == (401, None, None)
    assert wrong.body["error"]["message"] == "Invalid API Key provided: sk_test_*******9999"
    shop.facades["stripe"].tokens.add("rk_test_one", ["charge"])  # type: ignore[attr-defined]
    assert stripe(shop, "charges", token="rk_test_one").status == 200
    assert stripe(shop, "customers", token="rk_test_one").status == 403
    basic = base64.b64encode(b"sk_test_fake0001:").decode()
    headers = {"Authorization": f"Basic {basic}"}
    assert stripe(shop, "charges", token=None, headers=headers).status == 200
    shop.facades["stripe"].expire_tokens(shop.clock.now().astimezone(UTC))
    assert error(stripe(shop, "charges")) == (401, "api_key_expired", None)


def test_version_when_it_is_none_of_stripes_then_400_and_replies_say_theirs(shop: FakeNet) -> None:
    good = stripe(shop, "charges", headers={"Stripe-Version": "2026-10-28.endive"})
    assert (good.status, good.headers["Stripe-Version"]) == (200, "2026-10-28.endive")
    assert good.headers["Request-Id"].startswith("req_")
    bad = stripe(shop, "charges", headers={"Stripe-Version": "2026-99-99"})
    assert bad.body["error"]["message"] == "Invalid Stripe API version: 2026-99-99"


def test_rate_when_the_second_is_full_then_429_rate_and_a_held_object_is_429_lock(
    town: World, life: StripeWorld
) -> None:
    with fake_net(town) as still:
        answers = [stripe(still, "prices") for _ in range(26)]
        assert [a.status for a in answers] == [200] * 25 + [429]
        assert error(answers[-1]) == (429, "rate_limit", None)
        assert answers[-1].headers["Stripe-Rate-Limited-Reason"] == "global-rate"
        still.advance(1 / 3600)
        held = charge_id(town.parameters.seed, 1)
        still.facades["stripe"].locked.add(held)  # type: ignore[attr-defined]
        refused = stripe(still, f"charges/{held}")
        assert error(refused) == (429, "lock_timeout", None)
        assert refused.headers["Stripe-Should-Retry"] == "true"


def test_duplicates_when_injected_then_the_last_of_a_page_comes_again(shop: FakeNet) -> None:
    plain = [c["id"] for c in flat(stripe_pages(shop, "customers", {"limit": 10}))]
    shop.script.add(Rule("stripe", "GET /v1/customers", DuplicateAcrossPages()))
    doubled = [c["id"] for c in flat(stripe_pages(shop, "customers", {"limit": 10}))]
    assert len(doubled) == len(plain) + (len(plain) - 1) // 10
    assert list(dict.fromkeys(doubled)) == plain


@pytest.mark.parametrize(
    ("start", "months", "then"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2026, 11, 30), 3, (2027, 2, 28)),
        ((2025, 12, 5), 1, (2026, 1, 5)),
    ],
)
def test_month_when_it_is_too_short_then_its_last_day(
    start: tuple[int, int, int], months: int, then: tuple[int, int, int]
) -> None:
    assert after_months(datetime(*start, 9, tzinfo=UTC), months) == datetime(*then, 9, tzinfo=UTC)
