"""One trial: plant a world, ask the question, keep what the table needs."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np

from pipelines.analytics.causal.analysis import Finding, Question, analyse
from pipelines.analytics.causal.dose import Doses
from pipelines.analytics.causal.eligibility import exclusion_reasons
from pipelines.analytics.causal.estimates import Estimate
from pipelines.analytics.causal.holdout import arm_of, assignment_fraction, judge
from pipelines.analytics.causal.panel import Panel
from pipelines.world.planted.experiment import plant_experiment
from pipelines.world.planted.history import Outcomes, PlantedWorld, plant
from pipelines.world.planted.parameters import Traps, scenario

EXPERIMENT = "experiment"  # the randomised hold-out
UNFLAGGED = "S7 bots unflagged"
EVERYBODY = "late_entry all"  # people who entered late taken for people who did not buy
PLANTED_AS = {UNFLAGGED: "S7", EVERYBODY: "late_entry"}


@dataclass(frozen=True, order=True)
class Job:
    """What to try: a scenario, a number of people, a seed."""

    world: str
    people: int
    seed: int


@dataclass(frozen=True)
class Trial:
    """What came out. Lifts on the log scale; `shift`: standard errors from the bot-free run."""

    job: Job
    truth: float
    verdict: str
    reason: str
    credibility: str
    plain: Estimate | None = None
    adjusted: tuple[float, float] = (math.nan, math.nan)
    naive: float = math.nan
    time_family: str = ""
    dose_family: str = ""
    overlap: float = math.nan
    placebo_p: float = math.nan
    permutation_p: float | None = None
    keeps_sign: bool | None = None
    warnings: tuple[str, ...] = ()
    shift: float = math.nan
    seconds: float = 0.0

    @property
    def is_supported(self) -> bool:
        """Whether an effect is claimed."""
        return self.verdict.startswith("supported")


def run(job: Job) -> Trial:
    """Plant and analyse; in a process of its own, so that only small records travel."""
    started = time.process_time()
    if job.world == EXPERIMENT:
        trial = _experiment(job)
    elif job.world == "S7":
        trial = _bots(job)
    else:
        world = plant(scenario(PLANTED_AS.get(job.world, job.world), job.people, job.seed))
        question = question_of(world, job.world != UNFLAGGED, job.world != EVERYBODY)
        trial = _trial(job, world.true_log_lift(), analyse(question))
    return replace(trial, seconds=time.process_time() - started)


def question_of(world: PlantedWorld, is_flagged: bool = True, only_known: bool = True) -> Question:
    """The question as the warehouse would ask it of this world.

    `is_flagged`: bots are known and left out; `only_known`: so are people who entered late.
    """
    people = world.people
    weeks = np.where(only_known, people.first_contact_week, -world.parameters.weeks)
    bots = people.is_bot if is_flagged else np.zeros(len(weeks), dtype=np.bool_)
    eligible = exclusion_reasons(weeks, bots, np.ones(len(weeks), dtype=np.bool_)) == ""
    doses = Doses(people.onset, world.dose, world.orders)
    before = _panel(world, world.before)
    return Question(_panel(world, world.outcomes), doses, before, is_flagged).of_people(eligible)


def _panel(world: PlantedWorld, outcomes: Outcomes) -> Panel:
    return Panel(
        world.parameters.weeks, world.people.onset, outcomes.person, outcomes.week,
        outcomes.margin_minor.astype(np.float64),
    )  # fmt: skip


def _trial(job: Job, truth: float, finding: Finding, shift: float = math.nan) -> Trial:
    verdict, evidence, estimates = finding.verdict, finding.evidence, finding.estimates
    plain = Trial(
        job, truth, verdict.verdict, verdict.reason, verdict.credibility,
        warnings=finding.warnings, shift=shift,
    )  # fmt: skip
    if evidence is None or estimates is None:
        return plain
    return replace(
        plain,
        plain=evidence.plain,
        adjusted=(evidence.adjusted.low, evidence.adjusted.high),
        naive=estimates.naive.value,
        time_family=finding.time_shape.family,
        dose_family=finding.dose_shape.family,
        overlap=evidence.overlap if evidence.overlap is not None else math.nan,
        placebo_p=evidence.placebo.p if evidence.placebo else math.nan,
        permutation_p=evidence.permutation_p,
        keeps_sign=evidence.keeps_sign,
    )


def _bots(job: Job) -> Trial:
    """S7 with flagged bots, beside the same world without bots."""
    world = plant(scenario("S7", job.people, job.seed))
    free = plant(scenario("S7", job.people, job.seed, traps=Traps(bot_share=0.0)))
    finding = analyse(question_of(world))
    clean = analyse(question_of(free))
    shift = math.nan
    if finding.estimates and clean.estimates:
        with_bots, without = finding.estimates.plain.lift, clean.estimates.plain.lift
        shift = abs(with_bots.value - without.value) / without.standard_error
    return _trial(job, world.true_log_lift(), finding, shift)


def _experiment(job: Job) -> Trial:
    """One tenth held out by their ids; the estimate at the preset horizon."""
    names = [f"person-{job.seed}-{number}" for number in range(job.people)]
    fractions = [assignment_fraction("worklist", name, "salt") for name in names]
    is_treated = np.array([arm_of(fraction) == "treat" for fraction in fractions])
    drawn = plant_experiment(job.people, job.seed, is_treated)
    verdict = judge(
        is_treated, drawn.after, drawn.before, drawn.before[:, None],
        drawn.weeks, drawn.weeks,
    )  # fmt: skip
    return Trial(
        job, drawn.true_effect, verdict.status, verdict.reason, "credible", verdict.estimate
    )
