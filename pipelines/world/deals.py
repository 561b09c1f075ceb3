"""Business with firms: deals that move through stages, some of them won and then lost again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from pipelines.world.dice import Dice
from pipelines.world.parameters import BRAND_ZONE, WorldParameters, local_instant
from pipelines.world.people import Population
from pipelines.world.records import Company, Deal, DealState

STAGES = {
    "Qualification": "open",
    "Proposal": "open",
    "Negotiation": "open",
    "Closed Won": "won",
    "Closed Lost": "lost",
}
PRODUCTS = ("Office subscription", "Bar supply", "Private label", "Tasting event")
OWNERS = ("sales-1", "sales-2", "sales-3")
ROLES = ("decision maker", "buyer", "user")
DEALS_PER_PERSON, WON_SHARE, LOST_AGAIN_SHARE = 0.17, 0.62, 0.12
MEDIAN_AMOUNT_MINOR, AMOUNT_SIGMA = 180_000, 0.8


def make_deals(parameters: WorldParameters, population: Population) -> tuple[Deal, ...]:
    """All deals, in the order of their creation number."""
    dice = Dice(parameters.seed, "deals")
    count = round(parameters.people * DEALS_PER_PERSON) if population.companies else 0
    deals = (_deal(dice, parameters, population, n + 1) for n in range(count))
    return tuple(deal for deal in deals if deal)


def _deal(
    dice: Dice, parameters: WorldParameters, population: Population, number: int
) -> Deal | None:
    company = dice.pick(population.companies)
    span = max(1, 7 * parameters.weeks - 14)
    since = local_instant(
        parameters.start_date + timedelta(days=dice.integer(0, span)), dice.integer(32_400, 64_800)
    )
    states = tuple(s for s in _history(dice, since) if s.since < parameters.as_of)
    if not states:
        return None
    contacts = _contacts(dice, population, company)
    return Deal(f"D{number:05d}", company, dice.pick(OWNERS), dice.pick(PRODUCTS), states, contacts)


def close_date(state: DealState) -> date:
    """The CRM's field: the date of closing, or for an open deal a month after its last step."""
    day = state.since.astimezone(BRAND_ZONE).date()
    return day + timedelta(days=30) if STAGES[state.stage] == "open" else day


def _history(dice: Dice, since: datetime) -> list[DealState]:
    amount = int(dice.lognormal(MEDIAN_AMOUNT_MINOR, AMOUNT_SIGMA)) // 100 * 100
    states = [DealState("Qualification", amount, since)]
    for stage in ("Proposal", "Negotiation"):
        since += timedelta(hours=dice.integer(48, 340))
        states.append(DealState(stage, amount, since))
    since += timedelta(hours=dice.integer(24, 300))
    if not dice.chance(WON_SHARE):
        return [*states, DealState("Closed Lost", amount, since)]
    final = amount * dice.integer(80, 105) // 100
    states.append(DealState("Closed Won", final, since))
    if dice.chance(LOST_AGAIN_SHARE):
        since += timedelta(days=dice.integer(32, 45))
        states.append(DealState("Closed Lost", final, since))
    return states


def _contacts(
    dice: Dice, population: Population, company: Company
) -> tuple[tuple[str, str, float], ...]:
    """One to three contacts of the firm: contact id, role, weight."""
    known = [c for p in population.people for c in p.contacts if c.company_id == company.company_id]
    if not known:
        return ()
    size = min(len(known), dice.integer(1, 3))
    start = dice.integer(0, len(known) - 1)
    chosen = [known[(start + step) % len(known)] for step in range(size)]
    return tuple((c.contact_id, ROLES[i], (0.6, 0.3, 0.1)[i]) for i, c in enumerate(chosen))


def visible_states(deal: Deal, exported_at: tuple[datetime, ...]) -> tuple[DealState, ...]:
    """The states that exports at these instants show: between two exports only the last is seen."""
    seen: list[DealState] = []
    for instant in exported_at:
        past = [state for state in deal.states if state.since < instant]
        if past and (not seen or past[-1] != seen[-1]):
            seen.append(past[-1])
    return tuple(seen)


def export_instants(parameters: WorldParameters) -> tuple[datetime, ...]:
    """When the CRM was exported: every first of a month, and at the end."""
    instants: list[datetime] = []
    day = parameters.start_date
    while day <= parameters.end_date:
        if day.day == 1:
            instants.append(local_instant(day, 0))
        day += timedelta(days=1)
    if not instants or instants[-1] < parameters.as_of:
        instants.append(parameters.as_of)
    return tuple(instants)
