"""The planted truth, computed from the world, never from the warehouse; no model reads it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pipelines.world.crossposts import contents
from pipelines.world.deals import STAGES, export_instants, visible_states
from pipelines.world.dialects import Row
from pipelines.world.drop import DropFile
from pipelines.world.parameters import BASE_CURRENCY, BRAND_ZONE
from pipelines.world.rates import to_base
from pipelines.world.records import Deal, Order
from pipelines.world.world import World

Rates = tuple[tuple[date, Decimal], ...]
Expected = dict[str, Any]


def brand_date(instant: datetime) -> date:
    """The date in the brand's zone."""
    return instant.astimezone(BRAND_ZONE).date()


def expected(world: World, files: list[DropFile], rates: Rates) -> Expected:
    """What must come out: rows per file and entity, people, turns, money in minor units."""
    people = world.population.people
    needing = [t for t in world.said.turns if t.needs_reply]
    parents = {m.parent_id for m in world.said.messages if m.parent_id}
    return {
        "as_of": world.parameters.as_of.isoformat(),
        "files": {
            f"{f.feed}/{f.name}": {
                "records": f.records, "rejected": f.rejected, "rows": f.rows, "keys": len(f.keys),
            }
            for f in files
        },
        "entities": _entities(files),
        "people": {
            "people": len(people),
            "bots": sum(p.is_bot for p in people),
            "buyers": len({o.person_id for o in world.orders if o.counts}),
            "contacts": sum(len(p.contacts) for p in people),
            "people_with_two_contacts": sum(len(p.contacts) > 1 for p in people),
        },
        "messages": dict(Counter(m.direction for m in world.said.messages))
        | {"missing_parents": len(parents - {m.message_id for m in world.said.messages})},
        "turns": {
            "turns": len(world.said.turns),
            "needing_reply": len(needing),
            "answered_by_a_person": sum(t.answered_at is not None for t in needing),
            "answered_by_the_bot": sum(t.bot_answered_at is not None for t in needing),
        },
        "money": _original_money(world),
        "revenue": _revenue(world, rates),
        "subscriptions": _subscriptions(world, rates),
    }  # fmt: skip


def _entities(files: list[DropFile]) -> Expected:
    rows: Counter[str] = Counter()
    keys: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for file in files:
        rows[file.feed] += file.rows
        keys[file.feed] |= file.keys
    return {name: {"rows": rows[name], "keys": len(keys[name])} for name in sorted(rows)}


def _original_money(world: World) -> Expected:
    """Totals per currency as the sources hold them: all orders whatever their status."""
    gross: Counter[str] = Counter()
    discount: Counter[str] = Counter()
    refunded: Counter[str] = Counter()
    for order in world.orders:
        gross[order.currency] += order.gross_minor
        discount[order.currency] += order.discount_minor
    for refund in world.refunds:
        refunded[refund.order.currency] += refund.amount_minor
    return {
        "orders_gross_minor": dict(gross),
        "orders_discount_minor": dict(discount),
        "refunds_minor": dict(refunded),
        "costs_minor": {BASE_CURRENCY: sum(c.amount_minor for c in world.costs)},
    }


def won_stays(deal: Deal, exported_at: tuple[datetime, ...]) -> tuple[int, int, int]:
    """Times won, times taken back, and the amount won, as the exports show it."""
    won = lost = amount = 0
    was_won = False
    for state in visible_states(deal, exported_at):
        is_won = STAGES[state.stage] == "won"
        won += is_won and not was_won
        lost += was_won and not is_won
        amount = state.amount_minor if is_won else amount
        was_won = is_won
    return won, lost, amount


def net_base_minor(order: Order, refunded_minor: int, rates: Rates) -> tuple[int, int]:
    """An order and its refunds in base currency, both at the rate of the order's date."""
    day = brand_date(order.ordered_at)
    return (
        to_base(order.net_minor, order.currency, day, rates),
        to_base(refunded_minor, order.currency, day, rates),
    )


def _revenue(world: World, rates: Rates) -> Expected:
    """The revenue ledger by kind: movements and their signed sum in base minor units."""
    refunded = refunds_by_order(world)
    counting = [o for o in world.orders if o.counts]
    valued = [net_base_minor(o, refunded[o.order_id], rates) for o in counting]
    exported_at = export_instants(world.parameters)
    stays = [won_stays(deal, exported_at) for deal in world.deals]
    return {
        "order": {"count": len(counting), "amount_minor": sum(order for order, _ in valued)},
        "refund": {"count": len(world.refunds), "amount_minor": -sum(back for _, back in valued)},
        "deal_won": {"count": sum(s[0] for s in stays),
        "amount_minor": sum(s[0] * s[2] for s in stays)},
        "deal_reversal": {
            "count": sum(s[1] for s in stays), "amount_minor": -sum(s[1] * s[2] for s in stays),
        },
        "currency": BASE_CURRENCY,
    }  # fmt: skip


def _subscriptions(world: World, rates: Rates) -> Expected:
    """Changes of the club, its members and what they pay per month in the end, in base currency."""
    levels: dict[str, int] = {}
    begun: dict[str, date] = {}
    for event in world.subscription_events:
        name, day = event.subscription_id, brand_date(event.changed_at)
        begun[name] = begun.get(name, day) if levels.get(name) else day
        levels[name] = to_base(event.mrr_minor, event.currency, begun[name], rates)
    return {
        "events": len(world.subscription_events),
        "members": sum(level > 0 for level in levels.values()),
        "mrr_minor": sum(levels.values()),
    }


def refunds_by_order(world: World) -> Counter[str]:
    """Minor units paid back per order id."""
    refunded: Counter[str] = Counter()
    for refund in world.refunds:
        refunded[refund.order.order_id] += refund.amount_minor
    return refunded


def truth_tables(world: World, rates: Rates) -> dict[str, list[Row]]:
    """Row-level truth: persons, their identifiers, every turn, order value, click's person."""
    people = world.population.people
    refunded = refunds_by_order(world)
    return {
        "people": [
            {
                "person_id": p.person_id, "language": p.language, "given_name": p.given_name,
                "is_bot": p.is_bot, "is_buyer": p.is_buyer, "affinity": f"{p.affinity:.6f}",
                "enters_week": p.enters_week,
            }
            for p in people
        ],
        "identifiers": [
            {"kind": kind, "value": value, "person_id": p.person_id}
            for p in people
            for kind, value in [
                ("email", p.email),
                *(("contact", c.contact_id) for c in p.contacts),
                *(("email", e) for c in p.contacts[1:] for e in c.emails if e.lower() != p.email),
                *(("profile", f"{f.network}|{f.profile_id}") for f in p.profiles),
                *(("handle", f"{f.network}|{f.handle}") for f in p.profiles),
            ]
        ],
        "turns": [
            {
                "person_id": t.person_id, "network": t.network, "thread_id": t.thread_id,
                "topic": t.topic,
                "opened_at": t.opened_at.isoformat(), "message_ids": " ".join(t.message_ids),
                "needs_reply": t.needs_reply, "bot_answered_at": _iso(t.bot_answered_at),
                "answered_at": _iso(t.answered_at), "agent_id": t.agent_id, "is_named": t.is_named,
            }
            for t in world.said.turns
        ],
        "orders": [
            {
                "order_id": o.order_id, "person_id": o.person_id,
                "ordered_at": o.ordered_at.isoformat(),
                "counts": o.counts, "net_base_minor": order, "refunded_base_minor": back,
            }
            for o in world.orders
            for order, back in [net_base_minor(o, refunded[o.order_id], rates)]
        ],
        "contents": [
            {"post": post, "content": content}
            for post, content in contents(world.posts, world.repeated).items()
        ],
        "clicks": [{"click_id": c.click_id, "person_id": c.person_id} for c in world.clicks],
    }  # fmt: skip


def _iso(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
