"""From what was measured and what Great Expectations said to the rows of `ops.quality_results`."""

from __future__ import annotations

from datetime import datetime

from expectations.limits import Baseline, Interval
from expectations.records import CheckResult, Outcome
from expectations.suites import DeclaredCheck

NOTHING_ARRIVED = "nothing arrived for this table tonight"


def limit_text(
    warn: Interval | None, block: Interval | None, baseline: Baseline | None, unit: str
) -> str:
    """The limits in words: `warn outside 700 to 1300 rows; earlier median of 8 runs: 1000`."""
    parts = [
        f"{level} {interval.text()} {unit}".rstrip()
        for level, interval in (("warn", warn), ("block", block))
        if interval is not None
    ]
    if baseline is not None:
        earlier = "run" if baseline.runs == 1 else f"median of {baseline.runs} runs"
        parts.append(f"earlier {earlier}: {baseline.median:.6g}")
    return "; ".join(parts)


def result(
    check: DeclaredCheck, outcome: Outcome, observed: float | None, limit: str, now: datetime
) -> CheckResult:
    """One result of `check`."""
    line = check.line
    return CheckResult(
        check_id=check.check_id,
        suite=check.suite,
        table_schema=check.table_schema,
        table_name=check.table_name,
        column=line.column,
        expectation=line.expectation,
        severity=check.severity,
        outcome=outcome,
        observed=observed,
        limit=limit,
        because=line.because,
        evaluated_at=now,
    )


def unusable(check: DeclaredCheck, why: str, now: datetime) -> CheckResult:
    """A check that cannot be evaluated says the worst that it may say: silence is no pass."""
    outcome = Outcome.BLOCK if check.severity == "block" else Outcome.WARN
    return result(check, outcome, None, why, now)


def outcome_of(*, warns: bool, blocks: bool, has_arrived: bool) -> Outcome:
    """The verdict of a judged check.

    On a night on which nothing came for the table the build equals yesterday's, so nothing new can
    be wrong: a block is only a warning then.
    """
    if blocks and has_arrived:
        return Outcome.BLOCK
    return Outcome.WARN if warns or blocks else Outcome.PASS


def accepted(given: CheckResult, check: DeclaredCheck, reason: str | None) -> CheckResult:
    """Let a named check pass once, if it may be accepted at all; the reason stands in the limit."""
    if given.outcome is not Outcome.BLOCK or reason is None:
        return given
    if not check.line.can_be_accepted:
        note = f"{given.limit}; cannot be accepted"
        return result(check, Outcome.BLOCK, given.observed, note, given.evaluated_at)
    note = f"{given.limit}; accepted: {' '.join(reason.split())}"
    return result(check, Outcome.ACCEPTED, given.observed, note, given.evaluated_at)
