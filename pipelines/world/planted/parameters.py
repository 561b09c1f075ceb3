"""What can be planted, and the ten scenarios with a known answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

DoseFamily = Literal["none", "linear", "exponential", "power"]


@dataclass(frozen=True)
class Effect:
    """What relationship work does to the purchase rate; the default is nothing.

    `lift`: constant from onset on, 0.2 = one fifth more. `lift_per_week`: added per week since
    onset. `is_geometric`: the lift compounds, (1 + lift)^(1 + e/8). `dose_*`: f(dose) = 1 + βd,
    exp(βd) or (1 + d)^β.
    """

    lift: float = 0.0
    lift_per_week: float = 0.0
    is_geometric: bool = False
    dose_family: DoseFamily = "none"
    dose_beta: float = 0.0


@dataclass(frozen=True)
class Traps:
    """What makes a careless estimate wrong; the default is nothing.

    `feedback`: log factor on replies after a week with a purchase. `joiner_slope` per week,
    `joiner_curvature` per week²: differential log trend of joiners, (t − 20). `exit_hazard`: weekly
    chance to leave, equal for all. `is_mortal`: leaves after a purchase (BG/NBD). `bot_share`:
    they get many replies, which change nothing. `late_entry_share`: people who enter in the four
    weeks before their onset (never exposed: at any time), and bring nothing before.
    `stranger_share`: joiners who buy much more than anybody who was never exposed.
    """

    feedback: float = 0.0
    joiner_slope: float = 0.0
    joiner_curvature: float = 0.0
    exit_hazard: float = 0.0
    is_mortal: bool = False
    bot_share: float = 0.03
    late_entry_share: float = 0.0
    stranger_share: float = 0.0


@dataclass(frozen=True)
class PlantedParameters:
    """Size, seed and rates. Rates are per person and week, on the log scale.

    `confounding` γ: how strongly affinity drives exposure, replies and spending.
    """

    people: int = 20_000
    weeks: int = 40
    seed: int = 0
    confounding: float = 1.0
    purchase_log_rate: float = -2.2
    segment_log_rate: float = 0.2
    season_amplitude: float = 0.15
    season_period_weeks: float = 26.0
    trend_per_week: float = 0.005
    never_share: float = 0.4
    first_onset: int = 8
    cohort_every_weeks: int = 4
    weeks_after_last_onset: int = 8
    dose_log_mean: float = 0.4
    effect: Effect = Effect()
    traps: Traps = Traps()

    def __post_init__(self) -> None:
        if self.people < 1 or self.seed < 0 or not self.onsets:
            raise ValueError(
                "people must be at least 1, seed at least 0, weeks enough for a cohort"
            )

    @property
    def onsets(self) -> tuple[int, ...]:
        """Weeks in which cohorts begin."""
        last = self.weeks - self.weeks_after_last_onset
        return tuple(range(self.first_onset, last + 1, self.cohort_every_weeks))


SCENARIOS: dict[str, tuple[Effect, Traps]] = {
    "S0": (Effect(), Traps()),
    "S1": (Effect(lift=0.20), Traps()),
    "S2": (Effect(dose_family="linear", dose_beta=0.15), Traps()),
    "S3": (Effect(lift=0.20, is_geometric=True), Traps()),
    "S4": (Effect(), Traps(joiner_slope=0.02)),
    "S5": (Effect(), Traps(feedback=1.0)),
    "S6": (Effect(lift=0.20), Traps()),
    "S7": (Effect(lift=0.20), Traps(bot_share=0.15)),
    "S8": (Effect(), Traps(is_mortal=True)),
    "S9": (Effect(), Traps(joiner_slope=0.012, joiner_curvature=0.0006)),
    # Beside the ten: the other curves of dose, and a world for each check that S0–S9 leave alone.
    "dose_exponential": (Effect(dose_family="exponential", dose_beta=0.12), Traps()),
    "dose_power": (Effect(dose_family="power", dose_beta=0.5), Traps()),
    "strangers": (Effect(lift=0.20), Traps(stranger_share=0.3)),
    "late_entry": (Effect(), Traps(late_entry_share=0.5)),
}
SMALL_PEOPLE = {"S6": 150}


def scenario(
    name: str, people: int | None = None, seed: int = 0, **changes: Any
) -> PlantedParameters:
    """The parameters of a named scenario; S6 is small by itself."""
    effect, traps = SCENARIOS[name]
    size = people or SMALL_PEOPLE.get(name, PlantedParameters.people)
    plain = PlantedParameters(people=size, seed=seed, effect=effect, traps=traps)
    return replace(plain, **changes)


# Verdicts that a warehouse may give; the first word of each, or the reason. Growth that compounds
# is told from constant effects from about 150,000 people on.
EXPECTED: dict[str, tuple[str, ...]] = {
    "S0": ("no_effect_detected", "not_identified"),
    "S1": ("supported_linear", "supported_shape_unclear"),
    "S2": ("supported_linear", "supported_shape_unclear"),
    "S3": ("supported",),
    "S4": ("not_identified",),
    "S5": ("reverse_causality",),
    "S6": ("too_few_treated",),
    "S7": ("supported_linear", "supported_shape_unclear"),
    "S8": ("no_effect_detected", "not_identified", "contradicted"),
    "S9": ("no_effect_detected", "not_identified"),
}
FEWEST_FOR_AN_EFFECT = 5_000  # with fewer people a true effect of 20 % may stay unseen


def expected_of(name: str, people: int) -> tuple[str, ...]:
    """What the warehouse should say of a scenario; empty where that is left open."""
    found = EXPECTED.get(name, ())
    if found and found[0].startswith("supported") and people < FEWEST_FOR_AN_EFFECT:
        return (*found, "no_effect_detected", "trend_uncertain", "too_few_treated")
    return found
