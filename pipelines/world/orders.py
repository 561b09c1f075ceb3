"""Who buys what, and what is paid back."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import WorldParameters, local_instant
from pipelines.world.records import Order, Person, Refund

COUPON, COUPON_SHARE, COUPON_PERCENT = "CAFFÈ10", 0.12, 10
TAX_PERCENT, SHIPPING_MINOR, FREE_SHIPPING_FROM_MINOR, ITEM_MINOR = 22, 590, 4_000, 1_250
TEST_SHARE, GUEST_SHARE, CONTACT_ONLY_SHARE, RESPELLED_SHARE = 0.006, 0.2, 0.1, 0.1
FULL_REFUND_SHARE, SECOND_REFUND_SHARE = 0.5, 0.25
PAID_AFTER, FULFILLED_AFTER = timedelta(days=1), timedelta(days=4)


def purchase_rate(
    parameters: WorldParameters, person: Person, week: int, answered_at: datetime | None
) -> float:
    """Expected orders in one week: affinity, season, trend, and the lift by a personal reply."""
    behaviour = parameters.behaviour
    season = 1 + behaviour.season_amplitude * math.sin(
        2 * math.pi * week / behaviour.season_period_weeks
    )
    begins = local_instant(parameters.start_date + timedelta(days=7 * week), 0)
    lift = 1 + behaviour.reply_effect if answered_at and answered_at < begins else 1.0
    drive = 0.5 * behaviour.confounding * person.affinity
    trend = behaviour.trend_per_week * week
    return season * lift * math.exp(behaviour.purchase_log_rate + drive + trend)


def place_orders(
    parameters: WorldParameters, people: tuple[Person, ...], answered: dict[str, datetime]
) -> tuple[tuple[Order, ...], tuple[Refund, ...]]:
    """All orders by person and time, and their refunds; `answered`: first personal reply."""
    dice = Dice(parameters.seed, "orders")
    behaviour = parameters.behaviour
    orders: list[Order] = []
    refunds: list[Refund] = []
    for person in people:
        if not person.is_buyer:
            continue
        scale = dice.gamma(behaviour.order_value_q) / behaviour.order_value_v
        for week in range(person.enters_week, parameters.weeks):
            rate = purchase_rate(parameters, person, week, answered.get(person.person_id))
            first_day = 1 if week == person.enters_week else 0
            for _ in range(dice.poisson(min(rate, 5.0))):
                day = parameters.start_date + timedelta(days=7 * week + dice.integer(first_day, 6))
                ordered_at = local_instant(day, dice.integer(7 * 3600, 23 * 3600 - 1))
                value = dice.gamma(behaviour.order_value_p) / scale
                order = _order(
                    dice, parameters, person, len(orders) + 1, ordered_at, round(value * 100)
                )
                orders.append(order)
                refunds.extend(_refunds(dice, parameters, order))
    return tuple(orders), tuple(refunds)


def _order(
    dice: Dice, parameters: WorldParameters, person: Person, number: int, ordered_at: datetime,
    gross_minor: int
) -> Order:  # fmt: skip
    has_coupon = dice.chance(COUPON_SHARE)
    discount = gross_minor * COUPON_PERCENT // 100 if has_coupon else 0
    net = gross_minor - discount
    contact_id, email = _buyer(dice, person, ordered_at)
    return Order(
        f"BB-{number:06d}", person.person_id, contact_id, email, ordered_at,
        _status(dice, parameters, ordered_at), gross_minor, net * TAX_PERCENT // 100,
        0 if net >= FREE_SHIPPING_FROM_MINOR else SHIPPING_MINOR, discount, person.pays_in,
        COUPON if has_coupon else "", 1 + gross_minor // ITEM_MINOR,
    )  # fmt: skip


def _buyer(dice: Dice, person: Person, ordered_at: datetime) -> tuple[str, str]:
    """What the shop knows of the buyer: contact id, e-mail; guests leave only an address."""
    email = person.email.title() if dice.chance(RESPELLED_SHARE) else person.email
    known = [c for c in person.contacts if c.created_at < ordered_at]
    fate = dice.uniform()
    if not known or fate < GUEST_SHARE:
        return "", email
    contact_id = dice.pick(known).contact_id
    return contact_id, "" if fate < GUEST_SHARE + CONTACT_ONLY_SHARE else email


def _status(dice: Dice, parameters: WorldParameters, ordered_at: datetime) -> str:
    age = parameters.as_of - ordered_at
    if dice.chance(parameters.behaviour.cancelled_share):
        return "cancelled"
    if dice.chance(TEST_SHARE):
        return "test"
    if age < PAID_AFTER:
        return "placed"
    return "paid" if age < FULFILLED_AFTER else "fulfilled"


def _refunds(dice: Dice, parameters: WorldParameters, order: Order) -> list[Refund]:
    """Nothing, the whole net amount, or a part of it in one or two payments."""
    is_refunded = dice.chance(parameters.behaviour.refunded_share)
    if not is_refunded or not order.counts or order.net_minor == 0:
        return []
    refunded_at = order.ordered_at + timedelta(hours=dice.integer(30, 400))
    if dice.chance(FULL_REFUND_SHARE):
        amounts = [order.net_minor]
    else:
        amounts = [order.net_minor * dice.integer(20, 45) // 100]
        if dice.chance(SECOND_REFUND_SHARE):
            amounts.append(order.net_minor * dice.integer(10, 40) // 100)
    refunds: list[Refund] = []
    for index, amount in enumerate(amounts):
        at = refunded_at + timedelta(days=3 * index)
        if at < parameters.as_of:
            refunds.append(Refund(f"RF-{order.order_id[3:]}-{index + 1}", order, at, amount))
    return refunds
