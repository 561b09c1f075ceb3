"""A hold-out with a planted answer: the same people, dealt into two arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.world.parameters import MARGIN_RATE
from pipelines.world.planted.draws import Floats, Stream
from pipelines.world.planted.history import MINOR_PER_UNIT
from pipelines.world.planted.parameters import PlantedParameters
from pipelines.world.planted.people import VALUE_P, Booleans, draw_people


@dataclass(frozen=True)
class PlantedExperiment:
    """`before`, `after` (people,): margin in minor units of as many weeks before and after.

    `true_effect`: expected margin that being treated adds, mean over these people.
    """

    before: Floats
    after: Floats
    weeks: int
    true_effect: float


def plant_experiment(
    people: int, seed: int, is_treated: Booleans, lift: float = 0.2, weeks: int = 13
) -> PlantedExperiment:
    """Purchases at each person's own rate, raised by `lift` for the treated."""
    parameters = PlantedParameters(people=people, seed=seed)
    drawn = draw_people(parameters)
    expected = drawn.rate * weeks
    before = _margin(parameters, expected, drawn.value_rate, "before", "before_values")
    raised = expected * np.where(is_treated, 1 + lift, 1.0)
    after = _margin(parameters, raised, drawn.value_rate, "orders", "values")
    value = VALUE_P / drawn.value_rate * float(MARGIN_RATE) * MINOR_PER_UNIT
    return PlantedExperiment(before, after, weeks, float((expected * lift * value).mean()))


def _margin(
    parameters: PlantedParameters, mean: Floats, value_rate: Floats, orders: str, values: str
) -> Floats:
    count = Stream(parameters.seed, orders).poissons(mean)
    worth = Stream(parameters.seed, values).gammas(VALUE_P * np.maximum(count, 1)) / value_rate
    return np.rint(np.where(count > 0, worth, 0.0) * float(MARGIN_RATE) * MINOR_PER_UNIT)
