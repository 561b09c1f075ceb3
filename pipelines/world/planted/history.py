"""What happened week by week, and beside it what would have happened: the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.world.parameters import MARGIN_RATE
from pipelines.world.planted.draws import Floats, Integers, Stream
from pipelines.world.planted.parameters import Effect, PlantedParameters
from pipelines.world.planted.people import VALUE_P, People, draw_people

MINOR_PER_UNIT = 100  # cents
MAX_DOSE = 10
DOSE_WEEKS = 4  # the dose counts the replies of the last four weeks
DOSE_NOISE = 1.0  # sd of the log of a person-week's attention
BOT_REPLIES = 5.0  # bots get this many times the replies
GEOMETRIC_WEEKS = 8.0
TREND_ZERO_WEEK = 20

Counts = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Outcomes:
    """The weeks with orders, as rows: person, week, orders and their margin in minor units, EUR."""

    person: Integers
    week: Integers
    orders: Integers
    margin_minor: Integers


@dataclass(frozen=True)
class PlantedWorld:
    """A drawn world. `replies`, `dose`, `orders`: (people, weeks); `before`: as many weeks before
    the window, in which no reply had been given. `baseline` (people, weeks): expected orders
    without the work; `multiplier`: what the work made of them. The last two are the truth.
    """

    parameters: PlantedParameters
    people: People
    replies: Counts
    dose: Counts
    orders: Counts
    outcomes: Outcomes
    before: Outcomes
    baseline: npt.NDArray[np.float32]
    multiplier: npt.NDArray[np.float32]

    def true_log_lift(self, horizon: int = 12) -> float:
        """ln of expected orders with over those without the work, weeks 0..horizon since onset;
        bots and people who entered late left out.
        """
        people = self.people
        chosen = people.joins & ~people.is_bot & (people.first_contact_week < 0)
        since = np.arange(self.parameters.weeks) - people.onset[chosen][:, None]
        post = (since >= 0) & (since <= horizon)
        without = self.baseline[chosen][post].astype(np.float64)
        return math.log(float((without * self.multiplier[chosen][post]).sum() / without.sum()))


def plant(parameters: PlantedParameters) -> PlantedWorld:
    """Draw a world; the same parameters always give the same world."""
    people = draw_people(parameters)
    weekly = _Weekly(parameters, people)
    for week in range(parameters.weeks):
        weekly.live(week)
    return PlantedWorld(
        parameters, people, weekly.replies, weekly.dose, weekly.orders,
        _valued(parameters, people, weekly.orders, "values"),
        _valued(parameters, people, _orders_before(parameters, people), "before_values"),
        weekly.baseline, weekly.multiplier,
    )  # fmt: skip


class _Weekly:
    """The running state: who is still there, what was answered and bought so far."""

    def __init__(self, parameters: PlantedParameters, people: People) -> None:
        shape = (parameters.people, parameters.weeks)
        self._parameters, self._people = parameters, people
        self._draw_replies = Stream(parameters.seed, "replies")
        self._draw_orders = Stream(parameters.seed, "orders")
        self._draw_exits = Stream(parameters.seed + 1_000_003, "exits")
        self._here = np.ones(parameters.people, dtype=np.bool_)
        attention = parameters.dose_log_mean + 0.5 * parameters.confounding * people.affinity
        self._attention = np.exp(attention) / DOSE_WEEKS
        self._attention *= np.where(people.is_bot, BOT_REPLIES, 1.0)
        self.replies = np.zeros(shape, dtype=np.uint8)
        self.dose = np.zeros(shape, dtype=np.uint8)
        self.orders = np.zeros(shape, dtype=np.uint8)
        self.baseline = np.zeros(shape, dtype=np.float32)
        self.multiplier = np.ones(shape, dtype=np.float32)

    def live(self, week: int) -> None:
        """One week: replies, then orders, then farewells."""
        people, exposed = self._people, self._exposed(week)
        self.replies[:, week] = self._reply(week, exposed)
        recent = self.replies[:, max(0, week - DOSE_WEEKS + 1) : week + 1].sum(axis=1)
        dose = np.minimum(recent, MAX_DOSE)
        multiplier = _multiplier(self._parameters.effect, week - people.onset, dose)
        multiplier = np.where(exposed & ~people.is_bot, multiplier, 1.0)
        present = self._here & (people.first_contact_week <= week)
        baseline = people.rate * calendar(self._parameters, week) * present
        baseline *= np.where(people.joins, joiner_drift(self._parameters, week), 1.0)
        orders = np.minimum(self._draw_orders.poissons(baseline * multiplier), 255)
        self.dose[:, week], self.orders[:, week] = dose, orders
        self.baseline[:, week], self.multiplier[:, week] = baseline, multiplier
        staying = (1 - people.leaving) ** orders * (1 - self._parameters.traps.exit_hazard)
        self._here &= self._draw_exits.uniforms(len(staying)) < staying

    def _exposed(self, week: int) -> npt.NDArray[np.bool_]:
        return self._people.joins & (self._people.onset <= week)

    def _reply(self, week: int, exposed: npt.NDArray[np.bool_]) -> Integers:
        """Replies of a week; the first week of exposure has at least one, by definition."""
        count = len(exposed)
        noise = np.exp(DOSE_NOISE * self._draw_replies.normals(count) - DOSE_NOISE**2 / 2)
        mean = self._attention * noise * exposed
        if self._parameters.traps.feedback and week > 0:
            mean *= np.exp(self._parameters.traps.feedback * (self.orders[:, week - 1] > 0))
        replies = np.minimum(self._draw_replies.poissons(np.minimum(mean, 30.0)), 50)
        return np.where(self._people.onset == week, np.maximum(replies, 1), replies)


def calendar(parameters: PlantedParameters, week: int) -> float:
    """Season and trend, the same for all."""
    angle = 2 * math.pi * week / parameters.season_period_weeks
    return math.exp(
        parameters.season_amplitude * math.sin(angle) + parameters.trend_per_week * week
    )


def joiner_drift(parameters: PlantedParameters, week: int) -> float:
    """Differential trend of joiners, which is no effect of anything we do."""
    since = week - TREND_ZERO_WEEK
    traps = parameters.traps
    return math.exp(traps.joiner_slope * since + traps.joiner_curvature * since**2)


def _multiplier(effect: Effect, since: Integers, dose: Integers) -> Floats:
    """What weeks of exposure and replies make of the purchase rate; only for weeks since ≥ 0."""
    weeks = np.maximum(since, 0)
    if effect.is_geometric:
        by_time = (1 + effect.lift) ** (1 + weeks / GEOMETRIC_WEEKS)
    else:
        by_time = 1 + effect.lift + effect.lift_per_week * weeks
    by_dose: Floats = {
        "none": np.ones(len(dose)),
        "linear": 1 + effect.dose_beta * dose,
        "exponential": np.exp(effect.dose_beta * dose),
        "power": (1.0 + dose) ** effect.dose_beta,
    }[effect.dose_family]
    return by_time * by_dose


def _orders_before(parameters: PlantedParameters, people: People) -> Counts:
    """Orders in as many weeks before the window, when nobody had been answered yet."""
    stream = Stream(parameters.seed, "before")
    orders = np.zeros((parameters.people, parameters.weeks), dtype=np.uint8)
    for week in range(parameters.weeks):
        mean = people.rate * calendar(parameters, week - parameters.weeks)
        orders[:, week] = np.minimum(stream.poissons(mean), 255)
    return orders


def _valued(parameters: PlantedParameters, people: People, orders: Counts, stream: str) -> Outcomes:
    """Margin of the orders: a person's k orders are worth Gamma(p·k)/ν together."""
    person, week = np.nonzero(orders)
    count = orders[person, week].astype(np.int64)
    value = Stream(parameters.seed, stream).gammas(VALUE_P * count) / people.value_rate[person]
    margin = np.rint(value * float(MARGIN_RATE) * MINOR_PER_UNIT).astype(np.int64)
    return Outcomes(person.astype(np.int64), week.astype(np.int64), count, margin)
