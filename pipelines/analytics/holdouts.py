"""The randomised hold-out of the work list, by intention to treat: better than any estimate.

marts.holdout_assignments (person_id, arm, assigned_at), intermediate.int_people_weekly ─▶ margin of
the weeks after and before each assignment ─▶ rows of solved.roi_{effects,verdicts}
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np

from pipelines.analytics.causal.holdout import DEFAULT_SHARE, HORIZON_WEEKS, HoldoutVerdict, judge
from pipelines.analytics.causal.verdict import NOT_IDENTIFIED, mde
from pipelines.tables import rows_of

EXPOSURE = "worklist_suggestion"
METHOD = "holdout"
ASSIGNMENTS = ("marts", "holdout_assignments")
EXPERIMENTS = ("reference", "holdout_experiments")
PRESET_HORIZON = f"1-{max(HORIZON_WEEKS)}"
KEY = {"exposure_id": EXPOSURE, "metric": "margin", "segment": "all"}
Rows = list[dict[str, Any]]
# What the verdict of an experiment is called in roi_verdicts, and how far it carries.
VERDICTS = {
    "supported": ("supported_shape_unclear", "credible"),
    "contradicted": ("contradicted", "credible"),
    "no_effect_detected": ("no_effect_detected", "insufficient"),
    "running": (NOT_IDENTIFIED, "insufficient"),
    "too_few": (NOT_IDENTIFIED, "insufficient"),
    "not_credible": (NOT_IDENTIFIED, "not_credible"),
}
ASSIGNED = """
    with assigned as (
        select person_id, arm,
            ((date_trunc('week', assigned_at at time zone 'UTC')::date - date '1970-01-05') // 7)
            as week_index
        from marts.holdout_assignments
        where arm in ('treat', 'holdout') and not coalesce(is_excluded, false)
    )"""
# Of people whose whole horizon is seen; the week of the assignment counts for neither side.
MARGINS = f"""{ASSIGNED}
    select assigned.arm = 'treat' as is_treated,
        coalesce(sum(margin_minor) filter (since between 1 and $weeks), 0)::double as outcome,
        coalesce(sum(margin_minor) filter (since between -$weeks and -1), 0)::double as before,
        coalesce(sum(purchase_count) filter (since between -$weeks and -1), 0)::double as frequency,
        coalesce(max(since) filter (purchase_count > 0 and since < 0), -104)::double as recency
    from assigned
    left join (
        select weekly.*, weekly.week_index - assigned.week_index as since
        from intermediate.int_people_weekly as weekly
        inner join assigned using (person_id)
    ) as weekly using (person_id)
    where assigned.week_index + $weeks <= $last_week
    group by assigned.person_id, assigned.arm order by assigned.person_id"""
# Weeks of the window as in int_roi_exposed_weekly: person-weeks of the treated in the horizon, and
# what work with the same people cost in them.
EXPOSED_WEEKS = f"""{ASSIGNED},
    exposed as (
        select distinct person_id,
            (date '1970-01-05' + (7 * (week_index + unnest(range(1, $weeks + 1))))::integer)::date
            as week_start_date
        from assigned where arm = 'treat'
    ),
    spent as (
        select person_id, date_trunc('week', cost_date)::date as week_start_date,
            sum(amount_minor) as cost_minor,
            sum(amount_minor) filter (basis = 'default') as default_minor
        from marts.relationship_costs where is_relationship and person_id is not null group by all
    )
    select weekly.week_start_date, weekly.month_start_date,
        count(exposed.person_id) as person_weeks,
        coalesce(sum(spent.cost_minor), 0)::bigint as cost_minor,
        coalesce(sum(spent.default_minor), 0)::bigint as default_minor,
        weekly.month_cost_minor, weekly.month_allocated_minor
    from intermediate.int_roi_exposed_weekly as weekly
    left join exposed using (week_start_date)
    left join spent on spent.person_id = exposed.person_id
        and spent.week_start_date = exposed.week_start_date
    group by all order by weekly.week_start_date"""


def holdout_rows(connection: duckdb.DuckDBPyConnection, last_week: int) -> tuple[Rows, Rows]:
    """Rows of effects and verdicts of the hold-out; none where nobody was dealt into arms.

    `last_week`: number of the last whole week of the panel. Effects are minor units per person and
    week, over 4, 8 and 13 weeks; only the last is judged, the others show where it goes.
    """
    if not _exists(connection, *ASSIGNMENTS):
        return [], []
    found = {
        weeks: verdict
        for weeks in HORIZON_WEEKS
        if (verdict := _judged(connection, weeks, last_week)) is not None
    }
    if not found:
        return [], []
    counts = rows_of(
        connection,
        "select count(*) filter (arm = 'treat') as treated_count,"
        " count(*) filter (arm = 'holdout') as control_count from marts.holdout_assignments"
        " where not coalesce(is_excluded, false)",
    )[0]
    effects = [KEY | _effect(weeks, verdict) | counts for weeks, verdict in found.items()]
    preset = found.get(max(HORIZON_WEEKS))
    status, reason = (preset.status, preset.reason) if preset else ("running", "running")
    reason = reason or ("running" if status == "running" else "")
    said, credibility = VERDICTS[status]
    verdicts = [
        KEY
        | counts
        | {
            "verdict": said, "verdict_reason": reason or None, "credibility": credibility,
            "decided_by_gate": "holdout", "warnings": [], "input_hash": "",
        }
    ]  # fmt: skip
    return effects, verdicts


def holdout_weeks(connection: duckdb.DuckDBPyConnection) -> Rows:
    """Weeks of the window that the estimate over the preset horizon speaks of."""
    return rows_of(connection, EXPOSED_WEEKS, {"weeks": max(HORIZON_WEEKS)})


def _judged(
    connection: duckdb.DuckDBPyConnection, weeks: int, last_week: int
) -> HoldoutVerdict | None:
    table = connection.execute(MARGINS, {"weeks": weeks, "last_week": last_week}).fetchnumpy()
    if not len(table["outcome"]):
        return None
    measures = np.stack([table["before"], table["frequency"], table["recency"]], axis=1)
    return judge(
        np.asarray(table["is_treated"], dtype=np.bool_), np.asarray(table["outcome"]),
        np.asarray(table["before"]), measures, weeks, max(HORIZON_WEEKS), _share(connection),
    )  # fmt: skip


def _effect(weeks: int, verdict: HoldoutVerdict) -> dict[str, Any]:
    estimate = verdict.estimate
    if not np.isfinite(estimate.standard_error):
        numbers: dict[str, float | None] = dict.fromkeys(
            ("estimate_minor", "standard_error", "ci_low", "ci_high", "mde_minor")
        )
    else:
        numbers = {
            "estimate_minor": estimate.value / weeks,
            "standard_error": estimate.standard_error / weeks,
            "ci_low": estimate.low / weeks,
            "ci_high": estimate.high / weeks,
            "mde_minor": mde(estimate) / weeks,
        }
    return {"method": METHOD, "scale": "level", "horizon": f"1-{weeks}"} | numbers


def _share(connection: duckdb.DuckDBPyConnection) -> float:
    """The share that was planned to be held out."""
    if not _exists(connection, *EXPERIMENTS):
        return DEFAULT_SHARE
    found = rows_of(
        connection,
        "select max(holdout_share) as share from reference.holdout_experiments"
        " semi join marts.holdout_assignments using (experiment_id)",
    )[0]["share"]
    return float(found) if found else DEFAULT_SHARE


def _exists(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select count(*) from information_schema.tables where table_schema = ? and table_name = ?",
        [schema, table],
    ).fetchone()
    return bool(found and found[0])
