"""Run some shipped checks against a file, judged by Great Expectations in this process."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from expectations.checking import run_checks
from expectations.records import CheckRequest, CheckResult
from expectations.suites import DeclaredCheck, declared_checks

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)  # a Wednesday


def judged(
    path: Path, suites: str, only: tuple[str, ...] = (), **words: Any
) -> dict[str, CheckResult]:
    """Results by check id of the checks named `only` (default: all) for run-2; see CheckRequest."""
    from expectations.datasource import Judge

    def declared(kind: str) -> list[DeclaredCheck]:
        found = [c for c in declared_checks(kind) if not only or c.check_id in only]
        assert len(found) >= len(only)
        return found

    request = CheckRequest(suites, str(path), "run-2", AS_OF, **words)
    with patch("expectations.checking.declared_checks", declared):
        return {r.check_id: r for r in run_checks(request, Judge, datetime.now(UTC))}
