"""Great Expectations results as asset checks: raw before the build, marts before publication."""

from collections.abc import Collection, Iterator
from datetime import date, datetime

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    multi_asset_check,
)

from expectations.records import CheckResult, Past
from expectations.suites import DeclaredCheck, declared_checks
from pipelines import failpoints
from pipelines.errors import ExitCode, RorError
from pipelines.ledger import Ledger
from pipelines.orchestration.keys import POOL
from pipelines.orchestration.resources import Night

STOPS = "block"


def quality_checks(
    kind: str, phase: str, last: Collection[AssetKey] | None = None
) -> AssetChecksDefinition:
    """All checks of one edge as one step; one that blocks keeps everything downstream waiting.

    `last`: the tables built last, where not all are built in one step. Only what comes after them
    waits, else the checks and the later half of the build would wait for each other.
    """
    declared = {check.check_id: check for check in declared_checks(kind)}
    names = {check_id: check_id.replace(".", "__") for check_id in declared}

    @multi_asset_check(
        name=f"{kind}_quality",
        specs=[_spec(names[check_id], check, last) for check_id, check in declared.items()],
        can_subset=True,
        pool=POOL,
    )
    def check_quality(
        context: AssetCheckExecutionContext, night: Night
    ) -> Iterator[AssetCheckResult]:
        run = night.run
        with run.ledger.phase(run.run_id, phase) as record:
            failpoints.hit("raw_checks.before" if kind == "raw" else "audit.before")
            results = night.checker.check(
                kind,
                run.settings.build_file,
                run.run_id,
                run.as_of,
                _baselines(run.ledger),
                night.accept,
            )
            run.ledger.record_quality(run.run_id, [_ledger_row(result) for result in results])
            record.rows_in = len(results)
            record.rows_out = sum(result.outcome in ("warn", STOPS) for result in results)
            if warned := [result for result in results if result.outcome == "warn"]:
                record.result, record.note = "degraded", _line(phase, warned).line()
            if blocked := [result for result in results if result.outcome == STOPS]:
                record.result, record.note = "blocked", _line(phase, blocked).line()
                record.exit_code = int(ExitCode.BLOCKED)
        selected = {key.name for key in context.selected_asset_check_keys}
        for result in results:
            if names[result.check_id] in selected:
                yield _as_asset_check(names[result.check_id], result)

    return check_quality


def _spec(name: str, check: DeclaredCheck, last: Collection[AssetKey] | None) -> AssetCheckSpec:
    key = AssetKey([check.table_schema, check.table_name])
    return AssetCheckSpec(
        name,
        asset=key,
        description=check.line.because,
        blocking=check.severity == STOPS and (last is None or key in last),
    )


def _as_asset_check(name: str, result: CheckResult) -> AssetCheckResult:
    severity = AssetCheckSeverity.ERROR if result.outcome == STOPS else AssetCheckSeverity.WARN
    return AssetCheckResult(
        asset_key=AssetKey([result.table_schema, result.table_name]),
        check_name=name,
        passed=result.outcome not in ("warn", STOPS),
        severity=severity,
        metadata={
            "observed": result.observed,
            "limit": result.limit,
            "outcome": str(result.outcome),
        },
    )


def _baselines(ledger: Ledger) -> dict[str, list[Past]]:
    return {
        check_id: [
            Past(past["run_id"], past["weekday"], past["value"], _date(past["as_of"]))
            for past in history
        ]
        for check_id, history in ledger.baselines().items()
    }


def _date(instant: str) -> date:
    return datetime.fromisoformat(instant).date()


def _ledger_row(result: CheckResult) -> dict[str, object]:
    row = result.as_json()
    return row | {"column_name": result.column, "limit_text": result.limit}


def _line(phase: str, results: list[CheckResult]) -> RorError:
    first = results[0]
    more = f" (and {len(results) - 1} more)" if len(results) > 1 else ""
    why = f"observed {first.observed}, allowed {first.limit}{more}"
    return RorError(phase, first.check_id, why, "ror status --checks", ExitCode.BLOCKED)
