"""Fills the solved tables of cause: does relationship work raise margin here, or can nobody tell?

marts.roi_cohorts, intermediate.int_people_weekly ─▶ Question ─▶ solved.roi_{effects,event_study,
    doses,curves,checks,verdicts}; one finding per exposure and segment, each behind its gates
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.analytics.causal import rows
from pipelines.analytics.causal.analysis import UNDETERMINED, Finding
from pipelines.analytics.causal.segments import EVERYBODY, analyse_segments
from pipelines.analytics.causal.tables import question_from_tables
from pipelines.analytics.causal.verdict import NOT_IDENTIFIED, Support, Verdict
from pipelines.analytics.holdouts import holdout_rows
from pipelines.analytics.tables import SCHEMA, replace_rows
from pipelines.tables import rows_of

METRIC = "margin"
# Exposure, and the column of the panel that says how much of it there was.
DOSES = {"first_reply": "dose", "first_prompt_reply": "prompt_dose"}
TABLES = (
    "roi_effects", "roi_event_study", "roi_doses", "roi_curves", "roi_checks", "roi_verdicts",
)  # fmt: skip
# The finding about an exposure for which nobody counts.
NOBODY = Finding(
    Verdict(NOT_IDENTIFIED, "too_few_treated", "1", "insufficient"),
    Support(treated=0, controls=0, has_cohort=False, pre_weeks=0, post_weeks=0),
    (), None, None, None, UNDETERMINED, UNDETERMINED, (),
)  # fmt: skip
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Window:
    """Weeks in which effects are looked for, as week numbers of the panel; see int_roi_window."""

    first: int
    weeks: int
    known_from: int

    @property
    def has_before(self) -> bool:
        """As many weeks are known before the window: the placebo needs them."""
        return self.known_from <= self.first - self.weeks


def solve_returns(connection: duckdb.DuckDBPyConnection) -> int:
    """Analyse every exposure whose panel changed; returns how many were analysed."""
    windows = rows_of(connection, "from intermediate.int_roi_window")
    kept: dict[str, Rows] = {table: [] for table in TABLES}
    solved_count = 0
    for exposure in DOSES if windows else ():
        found = windows[0]
        window = Window(found["first_week_index"], found["week_count"], found["known_from_index"])
        input_hash = _input_hash(connection, exposure, window)
        before = _unchanged(connection, exposure, input_hash)
        if before is None:
            solved_count += 1
            before = _solved(connection, exposure, window, input_hash)
        for table in TABLES:
            kept[table] += before[table]
    if windows:
        effects, verdicts = holdout_rows(connection, windows[0]["last_week_index"])
        kept["roi_effects"] += effects
        kept["roi_verdicts"] += verdicts
    for table, listed in kept.items():
        replace_rows(connection, table, _same_columns(listed))
    return solved_count


def _same_columns(listed: Rows) -> Rows:
    """Every row with the columns of all: tables are filled by name, and methods differ."""
    names = dict.fromkeys(name for row in listed for name in row)
    return [{name: row.get(name) for name in names} for row in listed]


def findings(
    connection: duckdb.DuckDBPyConnection, exposure: str, window: Window
) -> dict[str, Finding]:
    """Findings of all eligible people and of each segment; an exposure of nobody has none."""
    people = connection.execute(
        "select person_id, onset_week_index, segment from marts.roi_cohorts"
        " where exposure_id = ? and is_eligible order by person_id",
        [exposure],
    ).to_arrow_table()
    if not people.num_rows:
        return {}
    first, weeks = window.first, window.weeks
    weekly = _weekly(connection, exposure, first, weeks)
    before = _weekly(connection, exposure, first - weeks, weeks) if window.has_before else None
    screened = connection.execute(
        "select count(*) > 0 from marts.roi_cohorts where exclusion_reason = 'bot'"
    ).fetchone()
    question = question_from_tables(
        people, weekly, weeks, before, is_screened=bool(screened and screened[0])
    )
    return analyse_segments(question, people["segment"].to_pylist())


def _weekly(
    connection: duckdb.DuckDBPyConnection, exposure: str, first: int, weeks: int
) -> pa.Table:
    """Panel rows of eligible people in some weeks, the first of them week 0."""
    return connection.execute(
        "select person_id, (weekly.week_index - $first)::bigint as week_index,"
        f" margin_minor, order_count, {DOSES[exposure]} as dose"
        " from intermediate.int_people_weekly as weekly"
        " semi join (from marts.roi_cohorts where exposure_id = $exposure and is_eligible)"
        " as cohorts using (person_id)"
        " where weekly.week_index >= $first and weekly.week_index < $first + $weeks",
        {"exposure": exposure, "first": first, "weeks": weeks},
    ).to_arrow_table()


def _input_hash(connection: duckdb.DuckDBPyConnection, exposure: str, window: Window) -> str:
    """Over all that an analysis reads, whatever the order of its rows."""
    first = window.first - window.weeks if window.has_before else window.first
    found = connection.execute(
        "select md5(concat_ws('|', $first, $weeks,"
        " (select sum(hash({'p': person_id, 'o': onset_week_index, 's': segment}))"
        "  from marts.roi_cohorts where exposure_id = $exposure and is_eligible),"
        " (select sum(hash({'p': person_id, 'w': week_index, 'm': margin_minor,"
        f"  'n': order_count, 'd': {DOSES[exposure]}}}))"
        "  from intermediate.int_people_weekly as weekly"
        "  semi join (from marts.roi_cohorts where exposure_id = $exposure and is_eligible)"
        "  as cohorts using (person_id)"
        "  where week_index >= $from_week and week_index < $first + $weeks)))",
        {"exposure": exposure, "first": window.first, "weeks": window.weeks, "from_week": first},
    ).fetchone()
    return str(found[0]) if found else ""


def _unchanged(
    connection: duckdb.DuckDBPyConnection, exposure: str, input_hash: str
) -> dict[str, Rows] | None:
    """What is known of an exposure, where it rests on the same inputs."""
    known = {
        table: rows_of(connection, f"from {SCHEMA}.{table} where exposure_id = ?", [exposure])
        for table in TABLES
    }
    verdicts = known["roi_verdicts"]
    return known if verdicts and verdicts[0]["input_hash"] == input_hash else None


def _solved(
    connection: duckdb.DuckDBPyConnection, exposure: str, window: Window, input_hash: str
) -> dict[str, Rows]:
    solved: dict[str, Rows] = {table: [] for table in TABLES}
    found = findings(connection, exposure, window) or {EVERYBODY: NOBODY}
    for segment, finding in found.items():
        key = {"exposure_id": exposure, "metric": METRIC, "segment": segment}
        verdict = rows.verdict_row(finding) | {
            "treated_count": finding.support.treated,
            "control_count": finding.support.controls,
            "input_hash": input_hash,
        }
        curves = [
            row | {"parameters": json.dumps(row["parameters"])} for row in rows.curve_rows(finding)
        ]
        listed = (
            rows.effect_rows(finding), rows.event_study_rows(finding), rows.dose_rows(finding),
            curves, rows.check_rows(finding), [verdict],
        )  # fmt: skip
        for table, some in zip(TABLES, listed, strict=True):
            solved[table] += [key | row for row in some]
    return solved
