"""Trade fairs: who was met at the stand, and who was written to afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import WorldParameters, local_instant
from pipelines.world.people import Population
from pipelines.world.records import Contact

CITIES = ("Milano", "Torino", "Bologna", "Verona")
STAFF = ("sales-1", "sales-2", "sales-3")
GRADES = ("a", "b", "c")
EVERY_WEEKS, FIRST_WEEK, DURATION_DAYS = 8, 3, 3
SCANNED_SHARE, STRANGERS, FOLLOWED_SHARE, PROMPT_SHARE = 0.25, 6, 0.7, 0.6
MEDIAN_COST_MINOR = 280_000


@dataclass(frozen=True)
class Exhibition:
    """A fair at which the brand had a stand."""

    exhibition_id: str
    name: str
    city: str
    starts_on: date
    ends_on: date
    cost_minor: int


@dataclass(frozen=True)
class BadgeScan:
    """A person met at the stand; `contact`: None for somebody whom the CRM does not know."""

    scan_id: str
    exhibition: Exhibition
    contact: Contact | None
    email: str
    staff_id: str
    grade: str
    scanned_at: datetime
    followed_up_at: datetime | None


def exhibit(
    parameters: WorldParameters, population: Population
) -> tuple[tuple[Exhibition, ...], tuple[BadgeScan, ...]]:
    """All fairs of the history, and the scans by fair and number."""
    dice = Dice(parameters.seed, "exhibitions")
    business = [c for p in population.people for c in p.contacts[:1] if c.company_id]
    fairs: list[Exhibition] = []
    scans: list[BadgeScan] = []
    for week in range(FIRST_WEEK, parameters.weeks, EVERY_WEEKS):
        starts_on = parameters.start_date + timedelta(days=7 * week + 1)
        city = dice.pick(CITIES)
        fair = Exhibition(
            f"E{len(fairs) + 1:02d}", f"Caffè Expo {city}", city, starts_on,
            starts_on + timedelta(days=DURATION_DAYS - 1),
            int(dice.lognormal(MEDIAN_COST_MINOR, 0.3)),
        )  # fmt: skip
        fairs.append(fair)
        met: list[Contact | None] = [c for c in business if dice.chance(SCANNED_SHARE)]
        for contact in (*met, *([None] * STRANGERS)):
            scan = _scan(dice, parameters, fair, contact, len(scans) + 1)
            if scan.scanned_at < parameters.as_of:
                scans.append(scan)
    return tuple(fairs), tuple(scans)


def _scan(
    dice: Dice, parameters: WorldParameters, fair: Exhibition, contact: Contact | None, number: int
) -> BadgeScan:
    day = fair.starts_on + timedelta(days=dice.integer(0, DURATION_DAYS - 1))
    at = local_instant(day, dice.integer(9 * 3600, 18 * 3600))
    hours = dice.integer(1, 47) if dice.chance(PROMPT_SHARE) else dice.integer(49, 400)
    followed = at + timedelta(hours=hours) if dice.chance(FOLLOWED_SHARE) else None
    email = contact.emails[0] if contact else f"visitor{number}@fair.example"
    return BadgeScan(
        f"S{number:05d}", fair, contact, email, dice.pick(STAFF), dice.pick(GRADES), at,
        followed if followed and followed < parameters.as_of else None,
    )  # fmt: skip
