"""What must hold, over which trials: bound and reference of every row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.truth.trials import EVERYBODY, EXPERIMENT, UNFLAGGED, Trial
from pipelines.analytics.causal.verdict import GATE_LEVEL, MIN_OVERLAP, PERMUTATION_LEVEL

Measure = Callable[[Sequence[Trial]], float]


@dataclass(frozen=True)
class Row:
    """`low`, `high`: the bound; `reference`: what a first build reached; `seeds`: by default."""

    world: str
    people: int
    seeds: int
    what: str
    measure: Measure
    low: float
    high: float
    reference: str = "–"


def share(holds: Callable[[Trial], bool]) -> Measure:
    """Share of the trials of which something holds."""
    return lambda trials: sum(map(holds, trials)) / len(trials)


def _covers_plain(t: Trial) -> bool:
    return t.plain is not None and t.plain.low <= t.truth <= t.plain.high


def _covers_adjusted(t: Trial) -> bool:
    return t.adjusted[0] <= t.truth <= t.adjusted[1]


def _naive_outside(t: Trial) -> bool:
    return t.plain is not None and not t.plain.low <= t.naive <= t.plain.high


def _mean_bias(trials: Sequence[Trial]) -> float:
    return abs(sum(t.plain.value - t.truth for t in trials if t.plain) / len(trials))


def _supported(t: Trial) -> bool:
    return t.is_supported


def _false_weak(t: Trial) -> bool:
    """A true finding that permutation or leave-one-out would call weak."""
    passed = t.permutation_p is not None and t.permutation_p < PERMUTATION_LEVEL
    return t.is_supported and not (passed and t.keeps_sign)


def _family(*names: str) -> Measure:
    return share(lambda t: t.dose_family in names)


def _verdict(name: str) -> Measure:
    return share(lambda t: t.verdict == name)


def _reason(name: str) -> Measure:
    return share(lambda t: t.reason == name)


def _credible(t: Trial) -> bool:
    return t.is_supported and t.credibility == "credible"


def _near_bot_free(t: Trial) -> bool:
    return t.shift <= 2


_GEOMETRIC = _verdict("supported_geometric")
_LITTLE_OVERLAP = share(lambda t: t.overlap < MIN_OVERLAP)
_PLACEBO = share(lambda t: t.placebo_p < GATE_LEVEL)
_MARKED = share(lambda t: "bots_not_screened" in t.warnings)

ROWS = (
    Row("S0", 5_000, 200, "coverage, plain", share(_covers_plain), 0.92, 0.975, ".945"),
    Row("S1", 5_000, 200, "coverage, plain", share(_covers_plain), 0.92, 0.975, ".953"),
    Row("S0", 5_000, 200, "coverage, adjusted", share(_covers_adjusted), 0.93, 0.995, ".985"),
    Row("S1", 5_000, 200, "coverage, adjusted", share(_covers_adjusted), 0.93, 0.995, ".968"),
    Row("S1", 5_000, 200, "bias of the mean log lift", _mean_bias, 0, 0.01, ".001"),
    Row("S0", 5_000, 200, "naive outside our interval", share(_naive_outside), 0.95, 1, "1.00"),
    Row("S1", 5_000, 200, "naive outside our interval", share(_naive_outside), 0.95, 1, "1.00"),
    Row("S1", 5_000, 200, "supported", share(_supported), 0.80, 1, ".87"),
    Row("S1", 20_000, 100, "supported", share(_supported), 0.88, 1, ".94"),
    Row("S0", 1_000, 100, "supported", share(_supported), 0, 0.05, "≤ .003"),
    Row("S0", 5_000, 200, "supported", share(_supported), 0, 0.05, "≤ .003"),
    Row("S0", 20_000, 60, "supported", share(_supported), 0, 0.05, "≤ .003"),
    Row("S0", 5_000, 200, "geometric", _GEOMETRIC, 0, 0.01, "0"),
    Row("S0", 5_000, 200, "no effect detected", _verdict("no_effect_detected"), 0.80, 1, ".89–1"),
    Row("S0", 20_000, 60, "no effect detected", _verdict("no_effect_detected"), 0.80, 1, ".89–1"),
    Row("S3", 150_000, 20, "geometric", _GEOMETRIC, 0.90, 1, "29 of 30"),
    Row("S2", 5_000, 60, "dose linear", _family("linear"), 0.90, 1, "60 of 60"),
    Row("dose_exponential", 5_000, 60, "dose exponential", _family("exponential"), 0.90, 1,
        "60 of 60"),
    Row("dose_power", 5_000, 60, "dose power", _family("power"), 0.90, 1, "60 of 60"),
    Row("S0", 5_000, 200, "dose none or undetermined", _family("none", "undetermined"), 0.95, 1,
        "60 of 60"),
    Row("S4", 5_000, 60, "not identified", _verdict("not_identified"), 0.90, 1, "1.00"),
    Row("S5", 3_000, 60, "reverse causality", _reason("reverse_causality"), 0.90, 1, "40 of 40"),
    Row("S6", 150, 200, "too few treated", _reason("too_few_treated"), 1, 1, "200 of 200"),
    Row("S7", 5_000, 60, "within 2 se of the bot-free run", share(_near_bot_free), 0.95, 1),
    Row(UNFLAGGED, 5_000, 20, "marked", _MARKED, 1, 1),
    Row("S8", 5_000, 100, "supported", share(_supported), 0, 0.05, "0"),
    Row("S9", 5_000, 100, "supported", share(_supported), 0, 0.25, ".13"),
    Row("S9", 20_000, 60, "supported", share(_supported), 0, 0.25, ".15"),
    Row("S9", 50_000, 60, "supported", share(_supported), 0, 0.10, ".03"),
    Row("S9", 5_000, 100, "credible", share(_credible), 0, 0.10, ".03–.05"),
    Row("S9", 20_000, 60, "credible", share(_credible), 0, 0.10, ".03–.05"),
    Row("S9", 50_000, 60, "credible", share(_credible), 0, 0.10, ".03–.05"),
    Row(EXPERIMENT, 20_000, 200, "coverage of the hold-out", share(_covers_plain), 0.92, 0.985),
    # Checks that were new together: how often each is wrong, and that each can fire.
    Row("S1", 5_000, 200, "overlap fires (false)", _LITTLE_OVERLAP, 0, 0.01),
    Row("S1", 20_000, 100, "overlap fires (false)", _LITTLE_OVERLAP, 0, 0.01),
    Row("strangers", 5_000, 40, "overlap fires (true)", _LITTLE_OVERLAP, 0.90, 1),
    Row("S0", 5_000, 200, "placebo outcome fires (false)", _PLACEBO, 0, 0.03),
    Row("S1", 5_000, 200, "placebo outcome fires (false)", _PLACEBO, 0, 0.03),
    Row("S1", 5_000, 200, "permutation or left-out fail (false)", share(_false_weak), 0, 0.02),
    Row("late_entry", 5_000, 60, "supported, late entrants out", share(_supported), 0, 0.05),
    Row(EVERYBODY, 5_000, 60, "no effect detected, late entrants in",
        _verdict("no_effect_detected"), 0, 0.5, "why they are out"),
)  # fmt: skip
