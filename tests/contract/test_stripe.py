"""Stripe, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from pipelines.loading.results import Status
from pipelines.sources import stripe_reads
from pipelines.sources.hubspot import HUBSPOT
from pipelines.sources.stripe import STRIPE
from pipelines.world.fakenet.faults import ExpireTokens
from pipelines.world.fakenet.faults_pages import DuplicateAcrossPages
from pipelines.world.fakenet.faults_wire import (
    RESET_FORMS,
    Drop,
    Empty,
    ForeignRedirect,
    GzipBomb,
    Html,
    Oversized,
    RateExhausted,
    Trickle,
    Truncate,
)
from pipelines.world.fakenet.faults_wire import Status as Answers
from pipelines.world.fakenet.stripe import Stripe
from pipelines.world.fakenet.stripe_errors import locked
from pipelines.world.fakenet.stripe_gate import KEY
from pipelines.world.world import World
from tests.contract.cases import Case, Objects, OpenHome, Passing, Renamed, Staying
from tests.contract.suite import ContractSuite
from tests.support.apis import ApiHome

CHARGES, CUSTOMERS, EVENTS = "GET /v1/charges", "GET /v1/customers", "GET /v1/events"
LISTS = ("customers", "charges", "refunds", "invoices", "invoice_payments", "subscriptions")
SAME = {"id": "ch_1", "object": "charge", "created": 1, "currency": "eur", "paid": False}
MONTH = timedelta(days=31)  # the log of events no longer reaches back


def facade(home: ApiHome) -> Stripe:
    found = home.net.facades["stripe"]
    assert isinstance(found, Stripe)
    return found


def delete(home: ApiHome) -> Mapping[str, set[str]]:
    """The oldest customer and the newest."""
    customers = home.newest("customers", "id, created_at")
    ids = [row[0] for row in sorted(customers, key=lambda row: row[1])]
    for customer_id in (ids[0], ids[-1]):
        facade(home).store.delete("customer", customer_id, home.clock.now())
    return {"customers": {ids[0], ids[-1]}}


def personal(home: ApiHome) -> set[str]:
    """Addresses and whole names of the customers and guests."""
    store, now = facade(home).store, home.clock.now()
    customers = [seen.fields for seen in store.live("customer", now)]
    guests = [seen.fields["billing_details"]["email"] for seen in store.live("charge", now)]
    return {str(one[k]) for one in customers for k in ("email", "name")} | set(filter(None, guests))


def new_key(home: ApiHome) -> None:
    for grant in facade(home).tokens.grants.values():
        grant.expires_at = None


def refusal(status: int, code: str = "", message: str = "no") -> Answers:
    return Answers(status, {"error": {"type": "invalid_request_error", "code": code,
                                      "message": message}})  # fmt: skip


CASE = Case(
    source=STRIPE,
    facade="stripe",
    oracle={
        **{(name, "true"): lambda e, n=name: e[n] for name in LISTS},
        ("charges", "not paid"): lambda e: e["failed_charges"],
        ("subscriptions", "status <> 'canceled'"): lambda e: e["subscriptions_not_canceled"],
    },
    size=(stripe_reads, "PAGE_SIZE"),
    sizes=(1,),
    small=7,
    nights=(13, 1, 14),
    ends_in=("customers",),
    whole_after=timedelta(0),
    delete=delete,
    passing={f"throttled: {form}": Passing(CHARGES, RateExhausted(form)) for form in RESET_FORMS
             if form != "far_ahead"}
    | {
        "connection dropped": Passing(CHARGES, Drop()),
        "body cut off": Passing(CHARGES, Truncate(200)),
        "maintenance page": Passing(CUSTOMERS, Html(), 2),
        "empty 202": Passing(CUSTOMERS, Empty(), 2),
        "server error": Passing(CHARGES, Answers(500, {"error": {"type": "api_error"}}), 3),
        "locked": Passing("GET /v1/refunds", Answers(429, locked().body), 2),
        "slow drip": Passing("GET /v1/invoices", Trickle(20, 1.0)),
        "duplicate across pages": Passing(CHARGES, DuplicateAcrossPages(), 50),
    },
    staying={
        "key expired mid-page": Staying(CHARGES, ExpireTokens(), "refused", 3, new_key),
        "permission missing": Staying(
            CUSTOMERS, refusal(403, "more_permissions_required"), "customers: forbidden"
        ),
        "error with status 200": Staying(CHARGES, refusal(200), "error object", 2),
        "version retired": Staying(
            CHARGES, refusal(400, message="Invalid Stripe API version: x"), "no longer served"
        ),
        "cursor loop": Staying(
            CHARGES, Answers(200, {"object": "list", "data": [SAME], "has_more": True}), "leads back"
        ),
        "more behind an empty page": Staying(
            CHARGES, Answers(200, {"object": "list", "data": [], "has_more": True}), "no id", 2
        ),
        "maintenance page that stays": Staying(CHARGES, Html(), "no JSON", 2),
        "throttled for days": Staying(CHARGES, RateExhausted("far_ahead"), "a wait of", 2),
        "redirect to another host": Staying(CHARGES, ForeignRedirect(), "foreign origin", 2),
        "oversized page": Staying(CHARGES, Oversized(70_000_000), "larger", 2),
        "bomb": Staying(CHARGES, GzipBomb(400_000_000), "larger", 2),
        "everything refused": Staying(
            "GET *", refusal(401, "api_key_expired"), "refused", is_all=True
        ),
    },
    renamed=Renamed(CHARGES, "amount_captured", "charges", "refunds"),
    large_ids=None,
    secrets=(KEY,),
    personal=personal,
    run_always=frozenset({"locked", "error with status 200"}),
    other=HUBSPOT,
)  # fmt: skip


class TestStripe(ContractSuite):
    case = CASE


def test_nights_when_only_events_tell_then_old_objects_are_as_in_a_full_read(
    opened: OpenHome, good_objects: Objects, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refunds of old charges, addresses that changed, subscriptions that ended, deleted customers."""
    monkeypatch.setattr(stripe_reads, "REREAD", timedelta(hours=1))
    home = opened(at=world.parameters.as_of - timedelta(days=27))
    home.night()
    for days in (26, 1):
        home.clock.sleep(timedelta(days=days).total_seconds())
        assert home.night().status is Status.OK
    assert home.objects() == good_objects
    oldest = min(home.newest("charges", "created_at, id"))[1]
    at = home.clock.now() + timedelta(hours=1)
    facade(home).store.change("charge", oldest, {"disputed": True}, at)
    home.clock.sleep(86_400)
    assert home.night().rows == {"charges": 1}
    assert home.newest("charges", "disputed", f"id = '{oldest}'") == [(True,)]
    # It was asked for by id: the copy in an event has the shape of its time.
    assert any(r.target.endswith(f"/v1/charges/{oldest}") for r in home.net.log.of("stripe"))


@pytest.mark.long
def test_night_when_the_log_no_longer_reaches_back_then_everything_is_read(
    opened: OpenHome, good_objects: Objects, world: World
) -> None:
    home = opened(at=world.parameters.as_of - MONTH)
    home.night()
    home.clock.sleep(MONTH.total_seconds())
    home.night()
    assert home.objects() == good_objects
    assert not any("/v1/events" in r.target for r in home.net.log.of("stripe"))


@pytest.mark.long
def test_nights_when_events_may_not_be_read_then_degraded_and_the_next_night_goes_on_from_before(
    opened: OpenHome, good_objects: Objects, world: World
) -> None:
    home = opened(at=world.parameters.as_of - timedelta(days=2))
    home.night()
    grant = facade(home).tokens.grants[KEY]
    scopes = grant.scopes
    grant.scopes = frozenset(scopes) - {"event"}
    home.clock.sleep(86_400)
    result = home.night()
    assert result.status is Status.PARTIAL
    assert "events: forbidden" in " ".join(result.problems())
    grant.scopes = scopes
    home.clock.sleep(86_400)
    assert home.night().status is Status.OK
    assert home.objects() == good_objects
