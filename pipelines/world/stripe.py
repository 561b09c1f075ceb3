"""What the world's shop takes through its payment provider: orders, refunds and a coffee club.

It follows from a world and adds nothing to it but the club: part of the buyers subscribe, change
their plan, fail to pay or leave. Some members pay in yen, which have no minor units.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.records import Order, Person
from pipelines.world.world import World

# Per month, in minor units of each currency; of yen the unit itself.
PLANS = {
    "espresso": {"eur": 1_900, "usd": 2_100, "jpy": 3_000},
    "moka": {"eur": 2_900, "usd": 3_200, "jpy": 4_600},
    "barista": {"eur": 4_900, "usd": 5_400, "jpy": 7_800},
}
PLAN_NAMES = tuple(PLANS)
MEMBER_SHARE, YEN_SHARE, CHANGED_SHARE, LEFT_SHARE, AT_ONCE_SHARE = 0.4, 0.2, 0.35, 0.3, 0.4
RENEWAL_FAILS_SHARE, RETRY_WORKS_SHARE, DECLINED_SHARE, PENDING_SHARE = 0.1, 0.5, 0.04, 0.2
SECOND_RECORD_SHARE, MOVED_SHARE, DELETED_SHARE = 0.05, 0.06, 0.04
JOINS_WITHIN, RETRY_AFTER, BILLED_FOR_AN_HOUR = (
    timedelta(days=14),
    timedelta(days=3),
    timedelta(hours=1),
)


@dataclass(frozen=True)
class StripeCustomer:
    """A customer record; `key` is the person's id, with `-2` behind it for a second record."""

    key: str
    person_id: str
    name: str
    email: str
    country: str
    since: datetime
    moved_to: str = ""  # another address, from `moved_at` on
    moved_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class StripePayment:
    """A charge. `customer` empty: a guest; `bill`: number of a bill, 0 for an order's payment."""

    number: int
    customer: str
    email: str
    amount: int
    currency: str
    at: datetime
    is_paid: bool
    order_id: str = ""
    bill: int = 0


@dataclass(frozen=True)
class StripeRefund:
    """Money paid back; `settled_at` later than `at`: pending in between."""

    refund_id: str
    payment: int
    amount: int
    at: datetime
    settled_at: datetime


@dataclass(frozen=True)
class StripeBill:
    """An invoice of the club; `paid_at` None: never paid. `reason` in the provider's words."""

    number: int
    membership: int
    plan: str
    amount: int
    at: datetime
    period_end: datetime
    reason: str
    paid_at: datetime | None


@dataclass
class StripeMembership:
    """A subscription. `changes`: plan from an instant on; the first entry is the start."""

    number: int
    customer: str
    currency: str
    changes: list[tuple[datetime, str]]
    unpaid_since: datetime | None = None
    recovered_at: datetime | None = None
    leaving_since: datetime | None = None  # will end with the period
    ended_at: datetime | None = None
    end_reason: str = ""

    @property
    def starts_at(self) -> datetime:
        """When it began."""
        return self.changes[0][0]


@dataclass
class StripeWorld:
    """All records; payments and bills are in the order of numbers."""

    customers: list[StripeCustomer] = field(default_factory=list)
    payments: list[StripePayment] = field(default_factory=list)
    refunds: list[StripeRefund] = field(default_factory=list)
    memberships: list[StripeMembership] = field(default_factory=list)
    bills: list[StripeBill] = field(default_factory=list)


def build_stripe(world: World) -> StripeWorld:
    """Derive the payments of a world; the same world always gives the same."""
    return _Till(world).run()


def after_months(start: datetime, months: int) -> datetime:
    """The same day that many months later, or the last day of a month that is too short."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    day = min(start.day, monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)


class _Till:
    def __init__(self, world: World) -> None:
        self.world, self.end = world, world.parameters.as_of
        self.dice = Dice(world.parameters.seed, "stripe")
        self.result = StripeWorld()
        self.orders: dict[str, list[Order]] = defaultdict(list)
        for order in world.orders:
            if order.status != "test":
                self.orders[order.person_id].append(order)

    def run(self) -> StripeWorld:
        people = {p.person_id: p for p in self.world.population.people}
        for person_id, orders in self.orders.items():
            customers = self._register(people[person_id], orders)
            for order in orders:
                self._charge(order, customers)
            if customers and self.dice.chance(MEMBER_SHARE):
                self._join(people[person_id], customers[0])
        paid = {p.order_id: p.number for p in self.result.payments if p.is_paid}
        for refund in self.world.refunds:
            if number := paid.get(refund.order.order_id):
                slow = timedelta(days=1) if self.dice.chance(PENDING_SHARE) else timedelta(0)
                self.result.refunds.append(
                    StripeRefund(refund.refund_id, number, refund.amount_minor,
                                 refund.refunded_at, refund.refunded_at + slow)
                )  # fmt: skip
        return self.result

    def _later(self, after: datetime) -> datetime:
        """An instant strictly between that one and the end, to the second."""
        seconds = int((self.end - after).total_seconds())
        return after + timedelta(seconds=self.dice.integer(1, max(1, seconds - 1)))

    def _register(self, person: Person, orders: list[Order]) -> list[StripeCustomer]:
        """The records of a buyer who ever bought with an account; guests have none."""
        known = [order for order in orders if order.contact_id]
        if not known:
            return []
        name = f"{person.given_name} {person.family_name}"
        since = known[0].ordered_at - timedelta(minutes=2)
        is_moved, is_deleted = self.dice.chance(MOVED_SHARE), self.dice.chance(DELETED_SHARE)
        first = StripeCustomer(
            person.person_id, person.person_id, name, known[0].email or person.email,
            person.country, since, f"new.{person.email}" if is_moved else "",
            self._later(known[-1].ordered_at) if is_moved else None,
            self._later(known[-1].ordered_at) if is_deleted else None,
        )  # fmt: skip
        found = [first]
        if len(known) > 1 and self.dice.chance(SECOND_RECORD_SHARE):
            again = known[1].ordered_at - timedelta(minutes=2)
            key = f"{person.person_id}-2"
            found.append(StripeCustomer(
                key, person.person_id, name, person.email.upper(), person.country, again
            ))  # fmt: skip
        self.result.customers += found
        return found

    def _pay(
        self, customer: str, email: str, amount: int, currency: str, at: datetime, *,
        is_paid: bool, order_id: str = "", bill: int = 0,
    ) -> None:  # fmt: skip
        if at < self.end and amount > 0:
            number = len(self.result.payments) + 1
            self.result.payments.append(
                StripePayment(number, customer, email, amount, currency, at, is_paid, order_id,
                              bill)
            )  # fmt: skip

    def _charge(self, order: Order, customers: list[StripeCustomer]) -> None:
        """The payment of an order, perhaps after a declined card; cancelled ones stay unpaid."""
        known = [c for c in customers if c.since < order.ordered_at and order.contact_id]
        customer = known[-1].key if known else ""
        email = order.email or (known[-1].email if known else "")
        amount = order.net_minor + order.tax_minor + order.shipping_minor
        currency, at = order.currency.lower(), order.ordered_at + timedelta(seconds=20)
        if not order.counts or self.dice.chance(DECLINED_SHARE):
            self._pay(customer, email, amount, currency, at, is_paid=False, order_id=order.order_id)
            at += timedelta(minutes=1)
        if order.counts:
            self._pay(customer, email, amount, currency, at, is_paid=True, order_id=order.order_id)

    def _join(self, person: Person, customer: StripeCustomer) -> None:
        """A membership with its bills, month by month."""
        dice = self.dice
        currency = "jpy" if dice.chance(YEN_SHARE) else person.pays_in.lower()
        seconds = dice.integer(3_600, int(JOINS_WITHIN.total_seconds()))
        start, plan = customer.since + timedelta(seconds=seconds), dice.pick(PLAN_NAMES)
        changes, leaves = dice.chance(CHANGED_SHARE), dice.chance(LEFT_SHARE)
        membership = StripeMembership(
            len(self.result.memberships) + 1, customer.key, currency, [(start, plan)]
        )
        left_at = self._later(start + timedelta(hours=2)) if leaves else None
        changed_at = self._later(start + timedelta(hours=2)) if changes else None
        if start >= min(customer.deleted_at or self.end, self.end):
            return
        self.result.memberships.append(membership)
        for month in range(1_000):
            begin, until = after_months(start, month), after_months(start, month + 1)
            stop = customer.deleted_at or self.end
            if begin >= min(stop, self.end) or membership.ended_at:
                break
            reason = "subscription_cycle" if month else "subscription_create"
            if not self._bill(membership, customer, begin, until, reason):
                break
            if left_at and begin < left_at < until:
                self._leave(membership, left_at, until)
            last = membership.ended_at or until
            if changed_at and begin < changed_at < last:
                self._change(membership, customer, changed_at, (begin, until))
        if customer.deleted_at and customer.deleted_at > start and not membership.ended_at:
            membership.ended_at = customer.deleted_at
            membership.end_reason = "cancellation_requested"

    def _bill(
        self, membership: StripeMembership, customer: StripeCustomer, at: datetime,
        until: datetime, reason: str, amount: int | None = None,
    ) -> bool:  # fmt: skip
        """A bill and its payment; False when it was never paid, which ends the membership."""
        plan = membership.changes[-1][1]
        price = PLANS[plan][membership.currency] if amount is None else amount
        fails = reason == "subscription_cycle" and self.dice.chance(RENEWAL_FAILS_SHARE)
        works = self.dice.chance(RETRY_WORKS_SHARE) or not fails
        paid_at = at + BILLED_FOR_AN_HOUR + (RETRY_AFTER if fails else timedelta(0))
        number = len(self.result.bills) + 1
        self.result.bills.append(
            StripeBill(number, membership.number, plan, price, at, until, reason,
                       paid_at if works else None)
        )  # fmt: skip
        who, currency = (customer.key, customer.email), membership.currency
        if fails:
            membership.unpaid_since = at + BILLED_FOR_AN_HOUR
            membership.recovered_at = paid_at if works else None
            self._pay(*who, price, currency, membership.unpaid_since, is_paid=False, bill=number)
        self._pay(*who, price, currency, paid_at, is_paid=works, bill=number)
        if not works and paid_at < self.end:
            membership.ended_at, membership.end_reason = paid_at, "payment_failed"
        return works

    def _change(
        self, membership: StripeMembership, customer: StripeCustomer, at: datetime,
        period: tuple[datetime, datetime],
    ) -> None:  # fmt: skip
        """Another plan from now on; an upgrade pays the rest of the period at once."""
        before = membership.changes[-1][1]
        after = self.dice.pick([name for name in PLAN_NAMES if name != before])
        membership.changes.append((at, after))
        more = PLANS[after][membership.currency] - PLANS[before][membership.currency]
        begin, until = period
        if more > 0:
            due = int(more * ((until - at) / (until - begin)))
            self._bill(membership, customer, at, until, "subscription_update", due)

    def _leave(self, membership: StripeMembership, at: datetime, until: datetime) -> None:
        """At once, or with the end of the period that is paid."""
        is_at_once = self.dice.chance(AT_ONCE_SHARE)
        membership.leaving_since = None if is_at_once else at
        membership.ended_at = at if is_at_once else until
        membership.end_reason = "cancellation_requested"
