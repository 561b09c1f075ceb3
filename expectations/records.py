"""What travels between the orchestrator and the checking process: one JSON object per line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

RUN_ID = re.compile(
    r"[0-9A-Za-z_.+-]{1,80}"
)  # goes into SQL as a literal, hence the narrow alphabet


class Outcome(StrEnum):
    """What became of one check. `recorded`: measured (or not measurable tonight) but not judged."""

    PASS = "pass"  # noqa: S105 - a verdict, no secret
    WARN = "warn"
    BLOCK = "block"
    RECORDED = "recorded"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class Past:
    """What an earlier good run observed for one check.

    `weekday`: of that run's `as_of`, Monday = 0. `as_of`: its reporting date, if known.
    """

    run_id: str
    weekday: int
    value: float
    as_of: date | None = None


@dataclass(frozen=True)
class CheckRequest:
    """One order to check. `database` is opened read-only; `as_of` keeps its zone's offset."""

    suites: str
    database: str
    run_id: str
    as_of: datetime
    baselines: Mapping[str, Sequence[Past]] = field(default_factory=dict)
    accept: Mapping[str, str] = field(default_factory=dict)
    memory_limit_mb: int = 1024
    threads: int = 2

    @property
    def as_of_utc(self) -> str:
        """`as_of` in UTC, ISO 8601, as a SQL literal takes it."""
        return self.as_of.astimezone(UTC).isoformat()

    def as_json(self) -> dict[str, Any]:
        """The request as JSON types."""
        baselines = {
            check_id: [
                {
                    "run_id": past.run_id,
                    "weekday": past.weekday,
                    "value": past.value,
                    "as_of": past.as_of and past.as_of.isoformat(),
                }
                for past in history
            ]
            for check_id, history in self.baselines.items()
        }
        return vars(self) | {
            "as_of": self.as_of.isoformat(),
            "baselines": baselines,
            "accept": dict(self.accept),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> CheckRequest:
        """Read a request; ValueError names the wrong field. History without value is left out."""
        unknown = set(raw) - set(cls.__dataclass_fields__)
        missing = {"suites", "database", "run_id", "as_of"} - set(raw)
        if unknown or missing:
            raise ValueError(f"fields unknown {sorted(unknown)}, missing {sorted(missing)}")
        if raw["suites"] not in ("raw", "marts"):
            raise ValueError("suites must be raw or marts")
        if not RUN_ID.fullmatch(str(raw["run_id"])):
            raise ValueError("run_id has other characters than letters, digits and _.+-")
        as_of = datetime.fromisoformat(raw["as_of"])
        if as_of.tzinfo is None:
            raise ValueError("as_of needs an offset")
        baselines = {
            check_id: [_past(entry) for entry in history if entry.get("value") is not None]
            for check_id, history in (raw.get("baselines") or {}).items()
        }
        return cls(
            suites=raw["suites"],
            database=str(raw["database"]),
            run_id=str(raw["run_id"]),
            as_of=as_of,
            baselines=baselines,
            accept=dict(raw.get("accept") or {}),
            memory_limit_mb=int(raw.get("memory_limit_mb", 1024)),
            threads=int(raw.get("threads", 2)),
        )


def _past(entry: Mapping[str, Any]) -> Past:
    as_of = entry.get("as_of")
    return Past(
        run_id=str(entry["run_id"]),
        weekday=int(entry["weekday"]),
        value=float(entry["value"]),
        as_of=datetime.fromisoformat(as_of).date() if as_of else None,
    )


@dataclass(frozen=True)
class CheckResult:
    """One row of `ops.quality_results`. Holds aggregates and our own words, never a value of a row.

    `observed` is None where nothing could be measured: such a result is no baseline for later runs.
    `evaluated_at` is UTC.
    """

    check_id: str
    suite: str
    table_schema: str
    table_name: str
    column: str | None
    expectation: str
    severity: str
    outcome: Outcome
    observed: float | None
    limit: str
    because: str
    evaluated_at: datetime

    def as_json(self) -> dict[str, Any]:
        """The result as JSON types."""
        return vars(self) | {"evaluated_at": self.evaluated_at.isoformat()}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> CheckResult:
        """Read a result; KeyError or ValueError when it is none."""
        return cls(
            **dict(raw)
            | {
                "outcome": Outcome(raw["outcome"]),
                "evaluated_at": datetime.fromisoformat(raw["evaluated_at"]),
            }
        )
