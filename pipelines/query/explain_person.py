"""Why a person has this ROR score: every component with its points, and the acts behind it."""

from __future__ import annotations

from typing import Any

from pipelines.errors import ExitCode, RorError
from pipelines.query.sandbox import Limits, sandbox
from pipelines.settings import Settings
from pipelines.tables import rows_of

MOST_ACTS = 20  # newest first; the rest is counted
WORDS = {
    "two_way_contact": "turns with a personal answer, halved every 60 days; weeks known",
    "depth": "ln(1 + turns) of conversations, halved every 90 days; weeks known",
    "responsiveness": "2^(-minutes/360) of answers, 0 without one; turns that need a reply",
    "recognition": "human, by name, with the bio in mind: mean over replies of 52 weeks",
    "sentiment": "mean score of messages, -1 to 1, halved every 60 days; effective number",
    "loyalty": "recency, frequency and value of purchases; months a customer",
    "advocacy": "weighed shares, reviews, referrals and so on, halved every 90 days; weeks known",
    "feedback": "latest answer to a survey; answers of 52 weeks",
}
SCORE = """
    select * from marts.ror_scores_weekly where person_id = ?
    order by week_start_date desc limit 1"""
COMPONENTS = """
    select * from marts.ror_score_components_weekly where person_id = ? and week_start_date = ?
    order by points_micro desc, component"""
# What happened by the end of the scored week.
ACTS = """
    with acts as (
        select response_id as id, opened_date as act_date, 'asked on ' || network || case
            when is_answered then ', answered after ' || round(response_minutes)::bigint || ' min'
            else ', not answered' end as what
        from marts.responses where person_id = $person
        union all
        select interaction_id, occurred_date, 'personal reply on ' || network
        from marts.interactions
        where person_id = $person and act_group = 'message' and direction = 'outbound'
            and not is_automated and not is_deleted
        union all
        select interaction_id, occurred_date, act || ' on ' || network
        from marts.interactions
        where person_id = $person and not is_deleted
            and (act_group = 'reaction' or act_group = 'message' and direction = 'peer')
        union all
        select coalesce(order_id, deal_id), event_date,
            kind || ' of ' || amount_minor || ' minor units of ' || currency
        from marts.revenue_events where person_id = $person
    )
    select act_date, id, what, count(*) over () as act_count
    from acts where act_date < $until
    order by act_date desc, id limit $most"""


def explain_person(settings: Settings, person_id: str) -> list[str]:
    """Lines on the newest score of a person: components, points, and the newest acts.

    Exit 64 when the person has no score, 69 before the first publication.
    """
    with sandbox(settings, Limits()) as con:
        scores = rows_of(con, SCORE, [person_id])
        if not scores:
            raise RorError(
                "explain", "person", "no score has this person_id",
                'ror sql "select person_id, score from marts.ror_scores_weekly"', ExitCode.USAGE,
            )  # fmt: skip
        score = scores[0]
        parts = rows_of(con, COMPONENTS, [person_id, score["week_start_date"]])
        until = con.execute("select ?::date + 7", [score["week_start_date"]]).fetchone()
        acts = rows_of(
            con, ACTS, {"person": person_id, "until": (until or (None,))[0], "most": MOST_ACTS}
        )
    lines = [
        f"{person_id}: score {score['score']:.6f}, {score['level']}",
        f"week of {score['week_start_date']}, reliability {score['reliability']:.2f}",
        f"weights {score['weights_version']}, calibration {score['calibration_version']}",
        "",
    ]
    lines += [_component(part) for part in parts]
    lines += [f"  {sum(part['points_micro'] for part in parts) / 1e6:>10.6f}  sum", ""]
    lines += [f"  {act['act_date']}  {act['id']}  {act['what']}" for act in acts]
    if acts and acts[0]["act_count"] > MOST_ACTS:
        lines.append(f"  and {acts[0]['act_count'] - MOST_ACTS} before")
    return lines


def _component(part: dict[str, Any]) -> str:
    raw = "no evidence" if part["raw_value"] is None else f"{part['raw_value']:.4f}"
    return (
        f"  {part['points_micro'] / 1e6:>10.6f}  of {part['weight']:>2}  {part['component']:<16}"
        f" {raw:>12} on {part['evidence_count']:.4g} ({WORDS.get(part['component'], '')})"
    )
