"""Mastodon, Stripe and Typeform in staging, against what the world knows of itself."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import duckdb
import pytest

from pipelines.sources.mastodon import MASTODON
from pipelines.sources.stripe import STRIPE
from pipelines.sources.typeform import TYPEFORM
from pipelines.world.fakenet.mastodon_store import account_ids, status_id
from pipelines.world.fakenet.stripe_store import charge_id, customer_id
from pipelines.world.fakenet.typeform_store import response_token
from pipelines.world.mastodon import BRAND_KEY, MastodonStatus, MastodonWorld, build_mastodon
from pipelines.world.parameters import WorldParameters
from pipelines.world.stripe import build_stripe
from pipelines.world.typeform import build_typeform
from pipelines.world.world import World, build_world
from tests.support.acts import rows
from tests.support.apis import ApiHome, staged_home
from tests.support.raw import RawWarehouse
from tests.support.raw_apis import land

SOURCES = (MASTODON, STRIPE, TYPEFORM)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(WorldParameters(people=60, weeks=8, seed=6))


@pytest.fixture(scope="module")
def home(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiHome]:
    """One night of each, staged."""
    with staged_home(SOURCES, world, tmp_path_factory.mktemp("lists")) as staged:
        yield staged


@pytest.fixture(scope="module")
def life(world: World) -> MastodonWorld:
    return build_mastodon(world)


def hashed(kind: str, native: str) -> str:
    return hashlib.md5(f"mastodon|{kind}|{native}".encode()).hexdigest()


def living(life: MastodonWorld) -> list[MastodonStatus]:
    """Open statuses that nobody deleted, of people who are still there."""
    gone = {account.key for account in life.accounts if account.suspended_at}
    return [
        status for status in life.statuses
        if status.visibility in ("public", "unlisted") and not status.deleted_at
        and status.author not in gone
    ]  # fmt: skip


def written(status: MastodonStatus, names: dict[str, str]) -> str:
    """What a person sees: mentions and text, then link, hashtags and emoji."""
    text = "".join(f"@{names[key]} " for key in status.mentions) + status.text
    text += "\n(edit)" if status.edited_at else ""
    behind = [status.link] if status.link else []
    behind += [f"#{tag}" for tag in status.tags] + ([f":{status.emoji}:"] if status.emoji else [])
    return "\n\n".join(filter(None, [text, " ".join(behind)]))


def test_mastodon_posts_when_staged_then_ids_texts_and_times_are_the_worlds(
    built: duckdb.DuckDBPyConnection, life: MastodonWorld
) -> None:
    names = {account.key: account.username for account in life.accounts}
    own = [s for s in living(life) if s.author == BRAND_KEY and not s.parent]
    expected = {
        (hashed("post", status_id(s)), written(s, names), s.posted_at.astimezone(UTC)) for s in own
    }
    found = rows(built, "select post_id, text, published_at from staging.stg_mastodon__posts")
    assert {(key, text, at.astimezone(UTC)) for key, text, at in found} == expected
    assert len(own) > 10


def test_mastodon_messages_when_staged_then_authors_directions_and_parents_are_the_worlds(
    built: duckdb.DuckDBPyConnection, life: MastodonWorld, clear: dict[str | None, str | None]
) -> None:
    ids = account_ids(life)
    names = {account.key: account.username for account in life.accounts}
    by_number = {status.number: status for status in life.statuses}
    expected = set()
    for status in living(life):
        if status.author == BRAND_KEY and not status.parent:
            continue
        parent = by_number.get(status.parent)
        is_comment = parent is not None and parent.author == BRAND_KEY and not parent.parent
        is_own = status.author == BRAND_KEY
        direction = "outbound" if is_own else "inbound" if status.mentions else "peer"
        kind = "mention" if parent is None else "comment" if is_comment else "reply"
        above = hashed("message", status_id(parent)) if parent and not is_comment else None
        expected.add((
            hashed("message", status_id(status)), f"mastodon|{ids[status.author]}",
            direction, kind, above, written(status, names),
        ))  # fmt: skip
    found = rows(
        built,
        "select message_id, author_profile_key, direction, message_kind, parent_message_id, text"
        " from staging.stg_mastodon__messages where not is_deleted",
    )
    readable = {(key, clear[author], *rest) for key, author, *rest in found}
    by_id = {row[0]: row for row in expected}
    # A reply to a first status that was deleted stands below nothing that landed.
    orphans = {row[0] for row in readable if row[3] == "reply" and by_id[row[0]][3] == "comment"}
    gone = {hashed("message", status_id(s)) for s in life.statuses
            if s.parent and by_number[s.parent] not in living(life)}  # fmt: skip
    assert orphans <= gone
    assert {row for row in readable if row[0] not in orphans} == {
        row for row in expected if row[0] not in orphans
    }
    assert len(expected) > 20


def test_mastodon_reactions_when_staged_then_who_did_what_when_is_the_worlds(
    built: duckdb.DuckDBPyConnection, life: MastodonWorld, clear: dict[str | None, str | None]
) -> None:
    ids = account_ids(life)
    own = {s.number: s for s in living(life) if s.author == BRAND_KEY}
    gone = {account.key for account in life.accounts if account.suspended_at}
    acts = {"favourite": "like", "boost": "repost", "follow": "follow"}
    expected = {
        (acts[act.kind], f"mastodon|{ids[act.author]}", act.at.astimezone(UTC))
        for act in life.acts
        if not act.undone_at and act.author not in gone
        and (act.status in own or act.followed == BRAND_KEY)
    }  # fmt: skip
    found = rows(
        built,
        "select act, profile_key, reacted_at from staging.stg_mastodon__reactions"
        " where not is_deleted",
    )
    assert {(act, clear[key], at.astimezone(UTC)) for act, key, at in found} == expected
    likes = rows(
        built,
        "select sum(value) from staging.stg_mastodon__post_metrics where metric = 'likes'",
    )
    posts = {number for number, status in own.items() if not status.parent}
    assert likes == [(sum(
        act.kind == "favourite" and act.status in posts and not act.undone_at
        and act.author not in gone for act in life.acts
    ),)]  # fmt: skip
    partial = (
        "select is_partial, count(*) > 0 from raw_mastodon.metrics where object_kind = 'statuses'"
    )
    assert rows(built, f"{partial} group by 1 order by 1") == [(False, True), (True, True)]


def test_stripe_orders_when_staged_then_money_ties_out_to_the_minor_unit(
    built: duckdb.DuckDBPyConnection, world: World, clear: dict[str | None, str | None]
) -> None:
    life, seed = build_stripe(world), world.parameters.seed
    paid = [payment for payment in life.payments if payment.is_paid]
    assert len(paid) < len(life.payments)  # some failed
    assert {p.currency for p in paid} >= {"eur", "usd", "jpy"}
    expected = Counter(
        {
            (p.order_id or charge_id(seed, p.number), p.currency.upper(),
             customer_id(seed, p.customer) or None, p.email.strip().lower() or None): p.amount
            for p in paid
        }
    )  # fmt: skip
    found = rows(
        built,
        "select order_id, currency, contact_id, email_key, gross_minor"
        " from staging.stg_stripe__orders where not is_deleted",
    )
    assert {(o, c, who, clear[mail]): amount for o, c, who, mail, amount in found} == expected
    assert sum(expected.values()) == sum(p.amount for p in paid)
    assert any(who is None for _, _, who, _ in expected)  # guests
    assert max(Counter(who for _, _, who, _ in expected if who).values()) > 1
    # The shop's orders, to the cent: price, tax and shipping.
    orders = {o.order_id: o.net_minor + o.tax_minor + o.shipping_minor for o in world.orders}
    assert all(orders[o] == amount for o, _, _, _, amount in found if o in orders)
    assert sum(o in orders for o, *_ in found) > 10


def test_stripe_refunds_when_staged_then_each_stands_below_its_order(
    built: duckdb.DuckDBPyConnection, world: World
) -> None:
    life = build_stripe(world)
    by_number = {payment.number: payment for payment in life.payments}
    expected = sorted(
        (by_number[r.payment].order_id, by_number[r.payment].currency.upper(), r.amount)
        for r in life.refunds
    )
    found = "select order_id, currency, amount_minor from staging.stg_stripe__refunds order by all"
    assert rows(built, found) == expected
    assert expected


def test_stripe_contacts_when_staged_then_addresses_are_those_of_today(
    built: duckdb.DuckDBPyConnection, world: World, clear: dict[str | None, str | None]
) -> None:
    life, seed = build_stripe(world), world.parameters.seed
    expected = {
        customer_id(seed, c.key): (c.moved_to if c.moved_at else c.email).lower()
        for c in life.customers if not c.deleted_at
    }  # fmt: skip
    found = rows(built, "select contact_id, email_keys from staging.stg_stripe__contacts")
    assert {contact: clear[key] for contact, key in found} == expected


def test_survey_responses_when_staged_then_scores_and_persons_are_the_worlds(
    built: duckdb.DuckDBPyConnection, world: World, clear: dict[str | None, str | None]
) -> None:
    life, seed = build_typeform(world), world.parameters.seed
    expected: dict[str, dict[str, Any]] = {}
    for answer in life.answers:
        if answer.submitted_at and not answer.deleted_at:
            scores = {"nps": answer.nps, "csat": answer.csat, "ces": answer.ces}
            kept = {kind: score for kind, score in scores.items() if score is not None}
            mail = answer.email.lower() if answer.known_by == "email" else None
            contact = answer.contact_id if answer.known_by == "contact_id" else None
            key = response_token(seed, answer.number)
            expected[key] = kept | {"who": (mail, contact, answer.order_id)}
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for response, kind, score, mail, contact, order in rows(
        built,
        "select response_id, question_kind, score, email_key, contact_id, order_id"
        " from staging.stg_typeform__survey_responses",
    ):
        found[response]["who"] = (clear[mail], contact, order)
        if kind:
            found[response][kind] = score
    assert found == expected
    assert len(expected) > 10
    scales = (
        "select distinct question_kind, scale_min, scale_max"
        " from staging.stg_typeform__survey_responses where question_kind is not null order by all"
    )
    assert rows(built, scales) == [("ces", 1.0, 7.0), ("csat", 1.0, 5.0), ("nps", 0.0, 10.0)]
    comments = {
        a.comment for a in life.answers if a.comment and a.submitted_at and not a.deleted_at
    }
    texts = (
        "select distinct text from staging.stg_typeform__survey_responses where text is not null"
    )
    assert comments <= {text for (text,) in rows(built, texts)}
    surveys = "select name, survey_id in (select id from raw_typeform.forms) from staging.stg_typeform__surveys order by 1"
    assert rows(built, surveys) == [(f"Customer survey {s.quarter}", True) for s in life.surveys]


def charge(charge_id: str, amount: int, currency: str = "eur", **more: Any) -> dict[str, Any]:
    usual = {"id": charge_id, "paid": True, "amount_captured": amount, "currency": currency}
    return usual | {"created_at": f"2026-02-0{charge_id[-1]} 10:00:00+00"} | more


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Payments in parts, of other currencies, that failed, that were only reserved."""
    raw = RawWarehouse(tmp_path_factory.mktemp("stripe"))
    land(raw, "stripe", "charges", [
        charge("ch_1", 1000, order_reference="A1", payment_intent="pi_1", customer="cus_1"),
        charge("ch_2", 500, order_reference="A1", payment_intent="pi_2"),
        charge("ch_3", 700, "usd", order_reference="A1"),
        charge("ch_4", 900, paid=False, order_reference="A4"),
        charge("ch_5", 0, captured=False, order_reference="A5"),
        charge("ch_6", 500, "jpy", email_key="k_guest"),
        charge("ch_7", 50_000, "isk"),
        charge("ch_8", 500, "mga"),
        charge("ch_9", 1_230, "kwd"),
    ])  # fmt: skip
    at = {"created_at": "2026-02-20 10:00:00+00", "currency": "eur"}
    land(raw, "stripe", "refunds", [
        at | {"id": "re_1", "charge": "ch_1", "amount": 300, "status": "pending"},
        at | {"id": "re_2", "charge": "ch_1", "amount": 200, "status": "failed"},
        at | {"id": "re_3", "payment_intent": "pi_2", "amount": 100, "status": "succeeded"},
        at | {"id": "re_4", "charge": "ch_2", "amount": 50, "status": "canceled"},
        at | {"id": "re_5", "charge": "ch_7", "amount": 10_000, "currency": "isk"},
    ])  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROR_SOURCES", ",".join(source.name for source in SOURCES))
        with raw.build("--select", "path:models/staging/stripe") as con:
            yield con


def test_stripe_orders_when_paid_in_parts_or_without_cents_then_each_is_what_came_in(
    by_hand: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        by_hand,
        "select order_id, gross_minor, currency, contact_id, email_key, ordered_at::date::varchar"
        " from staging.stg_stripe__orders order by 1",
    )
    assert found == [
        ("A1", 1500, "EUR", "cus_1", None, "2026-02-01"),
        ("ch_3", 700, "USD", None, None, "2026-02-03"),
        ("ch_6", 500, "JPY", None, "k_guest", "2026-02-06"),
        ("ch_7", 500, "ISK", None, None, "2026-02-07"),
        ("ch_8", 50_000, "MGA", None, None, "2026-02-08"),
        ("ch_9", 1_230, "KWD", None, None, "2026-02-09"),
    ]


def test_stripe_refunds_when_pending_failed_or_by_intent_then_only_money_that_left(
    by_hand: duckdb.DuckDBPyConnection,
) -> None:
    found = "select refund_id, order_id, amount_minor from staging.stg_stripe__refunds order by 1"
    assert rows(by_hand, found) == [
        ("re_1", "A1", 300), ("re_3", "A1", 100), ("re_5", "ch_7", 100),
    ]  # fmt: skip
