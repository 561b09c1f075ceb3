"""Suites as people write them, and the checks they declare, without Great Expectations.

One file per raw system or mart. A check measures one number of one table and says when that number
warns or blocks. The words of a line: `CheckLine`; of a level: `limits.Level`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from expectations.limits import Against, Level, Strict
from pipelines.errors import ExitCode, RorError

FOLDER = Path(__file__).resolve().parent

# Aggregates: Great Expectations reports the number it compared.
AGGREGATES = frozenset(
    {
        "expect_table_row_count_to_be_between",
        "expect_column_proportion_of_non_null_values_to_be_between",
        "expect_column_unique_value_count_to_be_between",
        "expect_column_min_to_be_between",
        "expect_column_max_to_be_between",
        "expect_column_mean_to_be_between",
        "expect_column_sum_to_be_between",
    }
)
# Row by row: only whether the share of unexpected rows is within the limit, never a value.
ROW_BY_ROW = frozenset(
    {
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_not_match_regex",
        "expect_column_pair_values_a_to_be_greater_than_b",
    }
)
MEASURE = (
    "expect_measure_to_be_between"  # ours: a core expectation over one number of aggregate SQL
)
ROW_COUNT = "expect_table_row_count_to_be_between"
COUNTS = frozenset({ROW_COUNT, "expect_column_unique_value_count_to_be_between"})
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast


class Rows(StrEnum):
    """Which rows of the table are looked at."""

    ALL = "all"
    OF_RUN = "of_run"  # those that this run landed


class CheckLine(Strict):
    """One line of a suite; it declares one check per table.

    measure: aggregate SQL over the rows. query: a scalar query of its own. In both, `$rows`,
    `$table`, `$run_id`, `$as_of` (an instant), `$as_of_date` (of the reporting zone) stand for SQL.
    personal_data: count of texts that look like an e-mail address, telephone or card number.
    judged_from_rows: with fewer rows the number is recorded, not judged.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{2,62}$")
    tables: tuple[str, ...] = Field(min_length=1)
    because: str = Field(min_length=20)
    expectation: str
    column: str | None = None
    arguments: dict[str, Any] = Field(default_factory=dict)
    measure: str | None = None
    query: str | None = None
    personal_data: bool = False
    rows: Rows = Rows.ALL
    unit: str = ""
    against: Against | None = None
    judged_from_rows: int = Field(default=0, ge=0)
    warn: Level | None = None
    block: Level | None = None
    can_be_accepted: bool = True

    @model_validator(mode="after")
    def _fits_together(self) -> CheckLine:
        levels = [level for level in (self.warn, self.block) if level]
        if not levels:
            raise ValueError("needs warn or block")
        known = AGGREGATES | ROW_BY_ROW | {MEASURE}
        if self.expectation not in known:
            raise ValueError(f"unknown expectation; known: {', '.join(sorted(known))}")
        forms = [self.measure is not None, self.query is not None, self.personal_data]
        if sum(forms) != (1 if self.expectation == MEASURE else 0):
            raise ValueError(
                f"exactly one of measure, query, personal_data goes with {MEASURE} and only with it"
            )
        if any(level.needs_baseline for level in levels) and self.against is None:
            raise ValueError("a level compares with earlier runs: against is missing")
        if self.expectation in ROW_BY_ROW and any(
            level.model_fields_set != {"above"} for level in levels
        ):
            raise ValueError("a row-by-row expectation knows one limit: above, a share of rows")
        return self


class Suite(Strict):
    """One file of checks; `table_schema` holds all their tables."""

    suite: str
    table_schema: str = Field(pattern=r"^[a-z_][a-z0-9_]*$")
    checks: tuple[CheckLine, ...] = Field(min_length=1)


@dataclass(frozen=True)
class DeclaredCheck:
    """One check on one table. History hangs on its `check_id`: schema.table.name."""

    check_id: str
    suite: str
    table_schema: str
    table_name: str
    line: CheckLine

    @property
    def severity(self) -> Literal["warn", "block"]:
        """The worst that this check can say."""
        return "block" if self.line.block else "warn"

    @property
    def table(self) -> str:
        """Qualified name, quoted for SQL."""
        return f'"{self.table_schema}"."{self.table_name}"'


def load_suite(path: Path) -> Suite:
    """Read one suite. Exit 78 names the file, the place in it and what is wrong, on one line."""
    try:
        written = yaml.load(path.read_text(encoding="utf-8"), Loader=YAML_LOADER)  # noqa: S506 - it is safe
        suite = Suite.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        raise _wrong(path, ".".join(str(part) for part in first["loc"]), first["msg"]) from error
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise _wrong(path, "", str(error).splitlines()[0]) from error
    for line in suite.checks:
        if path.parent.name == "marts" and line.tables != (path.stem,):
            raise _wrong(path, line.name, f"tables must be [{path.stem}], as the file is called")
    return suite


def declared_checks(kind: str, folder: Path = FOLDER) -> list[DeclaredCheck]:
    """All checks of `raw` or `marts`, by file and line.

    Exit 78 when a suite is wrong or an id occurs twice.
    """
    if kind not in ("raw", "marts"):
        raise RorError("quality suite", kind, "no such suites", "use raw or marts", ExitCode.USAGE)
    declared: dict[str, DeclaredCheck] = {}
    for path in sorted((folder / kind).glob("*.yml")):
        suite = load_suite(path)
        for line in suite.checks:
            for table in line.tables:
                check_id = f"{suite.table_schema}.{table}.{line.name}"
                if check_id in declared:
                    raise _wrong(path, line.name, f"{check_id} is declared twice")
                declared[check_id] = DeclaredCheck(
                    check_id, suite.suite, suite.table_schema, table, line
                )
    return list(declared.values())


def _wrong(path: Path, place: str, why: str) -> RorError:
    where = f"{path.parent.name}/{path.name}" + (f": {place}" if place else "")
    return RorError("quality suite", where, why, f"edit {path}", ExitCode.CONFIGURATION)


def by_table(checks: list[DeclaredCheck]) -> Mapping[tuple[str, str], list[DeclaredCheck]]:
    """Checks grouped by (schema, table), in order of first appearance."""
    groups: dict[tuple[str, str], list[DeclaredCheck]] = {}
    for check in checks:
        groups.setdefault((check.table_schema, check.table_name), []).append(check)
    return groups
