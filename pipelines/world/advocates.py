"""People who bring others: referrals, from the invitation to the first order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import BASE_CURRENCY, WorldParameters, local_instant
from pipelines.world.records import Order, Person

INVITING_SHARE, ACCEPTED_SHARE, MOST_INVITATIONS = 0.12, 0.55, 3
ORDER_WITHIN = timedelta(days=90)
REWARD_MINOR = 500
CHANNELS = ("link", "code", "word of mouth")


@dataclass(frozen=True)
class Referral:
    """One invitation. The shop knows the referrer by the CRM and the invited by the address.

    `converted_at`: the invited person's first order within 90 days of accepting.
    """

    referral_id: str
    referrer: Person
    invited: Person
    channel: str
    invited_at: datetime
    accepted_at: datetime | None
    converted_at: datetime | None
    reward_minor: int
    currency: str = BASE_CURRENCY


def refer(
    parameters: WorldParameters, people: tuple[Person, ...], orders: tuple[Order, ...]
) -> tuple[Referral, ...]:
    """All invitations: customers invite people who come later than they."""
    dice = Dice(parameters.seed, "referrals")
    firsts: dict[str, list[datetime]] = {}
    for order in orders:
        if order.counts:
            firsts.setdefault(order.person_id, []).append(order.ordered_at)
    newcomers = sorted(
        (p for p in people if not p.is_bot and p.enters_week > 0),
        key=lambda p: (p.enters_week, p.person_id),
    )
    made: list[Referral] = []
    for person in people:
        if person.is_bot or not person.contacts or person.person_id not in firsts:
            continue
        if not dice.chance(INVITING_SHARE):
            continue
        later = [n for n in newcomers if n.enters_week > person.enters_week]
        for _ in range(dice.integer(1, MOST_INVITATIONS) if later else 0):
            invited = dice.pick(later)
            made.append(
                _referral(dice, parameters, len(made) + 1, person, invited, firsts)
            )  # fmt: skip
    return tuple(r for r in made if r.invited_at < parameters.as_of)


def _referral(
    dice: Dice, parameters: WorldParameters, number: int, referrer: Person, invited: Person,
    orders_of: dict[str, list[datetime]],
) -> Referral:  # fmt: skip
    day = parameters.start_date + timedelta(days=7 * invited.enters_week)
    invited_at = local_instant(day, dice.integer(3600, 6 * 3600))
    accepts, waits = dice.chance(ACCEPTED_SHARE), timedelta(hours=dice.integer(1, 30))
    channel = dice.pick(CHANNELS)
    accepted_at = invited_at + waits if accepts and invited_at + waits < parameters.as_of else None
    bought = [
        at
        for at in orders_of.get(invited.person_id, [])
        if accepted_at and accepted_at < at <= accepted_at + ORDER_WITHIN
    ]
    converted_at = min(bought, default=None)
    return Referral(
        f"R{number:05d}", referrer, invited, channel, invited_at, accepted_at, converted_at,
        REWARD_MINOR if converted_at else 0,
    )  # fmt: skip
