"""One request from start to end: measure, compare with history, ask, give a verdict per check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy

from expectations import verdicts
from expectations.limits import Baseline, Interval, baseline_of, permitted
from expectations.measures import rows_of
from expectations.questions import Answer, Judge, Question
from expectations.records import CheckRequest, CheckResult, Outcome
from expectations.suites import (
    MEASURE,
    ROW_BY_ROW,
    ROW_COUNT,
    DeclaredCheck,
    Rows,
    by_table,
    declared_checks,
)
from expectations.warehouse import MEASURED, NotMeasuredError, Warehouse


@dataclass(frozen=True)
class Plan:
    """One check with the limits that tonight's history gives it."""

    check: DeclaredCheck
    baseline: Baseline | None
    warn: Interval | None
    block: Interval | None
    has_arrived: bool

    def question(self, arguments: dict[str, Any]) -> Question:
        """The plan as a question."""
        line = self.check.line
        return Question(self.check.check_id, line.expectation, arguments, self.warn, self.block)


def run_checks(
    request: CheckRequest, judge_for: Callable[[sqlalchemy.Connection], Judge], now: datetime
) -> list[CheckResult]:
    """Results of all checks of the suites asked for, in the order of declaration.

    Raises OSError when the file cannot be opened, RorError when a suite is wrong.
    """
    checks = declared_checks(request.suites)
    with Warehouse(request) as warehouse:
        checking = _Checking(request, warehouse, judge_for(warehouse.connection), now)
        given = checking.results(checks)
    return [
        verdicts.accepted(given[check.check_id], check, request.accept.get(check.check_id))
        for check in checks
    ]


class _Checking:
    def __init__(
        self, request: CheckRequest, warehouse: Warehouse, judge: Judge, now: datetime
    ) -> None:
        self.request, self.warehouse, self.judge, self.now = request, warehouse, judge, now

    def results(self, checks: list[DeclaredCheck]) -> dict[str, CheckResult]:
        given: dict[str, CheckResult] = {}
        plans: list[Plan] = []
        for (schema, table), group in by_table(checks).items():
            if not self.warehouse.has(group[0]):
                why = f"table {schema}.{table} is missing"
                given |= {c.check_id: verdicts.unusable(c, why, self.now) for c in group}
                continue
            came = self.request.suites != "raw" or self.warehouse.arrived(schema, table)
            for check in group:
                if came or check.line.rows is Rows.ALL:
                    plans.append(self._plan(check, came))
                else:
                    given[check.check_id] = verdicts.result(
                        check, Outcome.RECORDED, None, verdicts.NOTHING_ARRIVED, self.now
                    )
        return given | self._measured(plans) | self._looked_at(plans)

    def _plan(self, check: DeclaredCheck, came: bool) -> Plan:
        line, request = check.line, self.request
        history = request.baselines.get(check.check_id, ())
        baseline = baseline_of(history, line.against, request.run_id, request.as_of)
        return Plan(
            check, baseline, permitted(line.warn, baseline), permitted(line.block, baseline), came
        )

    def _measured(self, plans: Sequence[Plan]) -> dict[str, CheckResult]:
        """Checks whose number is our own SQL."""
        own = [plan for plan in plans if plan.check.line.expectation == MEASURE]
        numbers = self.warehouse.measure(plan.check for plan in own)
        given: dict[str, CheckResult] = {}
        stored: dict[str, float | None] = {}
        questions: list[Question] = []
        for plan in own:
            number = numbers[plan.check.check_id]
            if isinstance(number, NotMeasuredError):
                given[plan.check.check_id] = verdicts.unusable(plan.check, str(number), self.now)
                continue
            questions.append(plan.question({"column": f"c{len(stored)}"}))
            stored[plan.check.check_id] = number
        if not questions:
            return given
        self.warehouse.store(stored)
        answers = self.judge.answers(f"select * from {MEASURED}", questions)
        return given | self._verdicts(own, answers)

    def _looked_at(self, plans: Sequence[Plan]) -> dict[str, CheckResult]:
        """Checks that Great Expectations measures itself, on the rows as they lie in the file."""
        groups: dict[str, list[Plan]] = {}
        for plan in plans:
            if plan.check.line.expectation != MEASURE:
                groups.setdefault(rows_of(plan.check, self.request), []).append(plan)
        given: dict[str, CheckResult] = {}
        for rows, group in groups.items():
            questions = [
                plan.question(
                    plan.check.line.arguments
                    | ({"column": plan.check.line.column} if plan.check.line.column else {})
                )
                for plan in group
            ]
            answers = self.judge.answers(f"select * from {rows}", questions)
            given |= self._verdicts(group, answers)
        return given

    def _verdicts(
        self, plans: Sequence[Plan], answers: dict[str, Answer]
    ) -> dict[str, CheckResult]:
        return {
            plan.check.check_id: self._verdict(plan, answers[plan.check.check_id])
            for plan in plans
            if plan.check.check_id in answers
        }

    def _verdict(self, plan: Plan, answer: Answer) -> CheckResult:
        check, line = plan.check, plan.check.line
        if answer.is_broken:
            return verdicts.unusable(check, "could not be measured", self.now)
        limit = verdicts.limit_text(plan.warn, plan.block, plan.baseline, line.unit)
        if why := self._not_judged(plan, answer):
            outcome, limit = Outcome.RECORDED, "; ".join(filter(None, (why, limit)))
        else:
            outcome = verdicts.outcome_of(
                warns=answer.warns, blocks=answer.blocks, has_arrived=plan.has_arrived
            )
        return verdicts.result(check, outcome, answer.observed, limit, self.now)

    def _not_judged(self, plan: Plan, answer: Answer) -> str:
        """Why the number is only recorded; empty when it is judged."""
        line = plan.check.line
        if answer.observed is None and line.expectation not in ROW_BY_ROW:
            return "nothing to measure"
        if plan.warn is None and plan.block is None:
            return "too few earlier runs to compare with"
        if line.judged_from_rows:
            rows = self.warehouse.count(plan.check)
            if line.expectation == ROW_COUNT and plan.baseline:
                rows = max(rows, plan.baseline.median)
            if rows < line.judged_from_rows:
                return f"fewer than {line.judged_from_rows} rows"
        return ""
