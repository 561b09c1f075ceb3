-- Scores as they were 13 weeks ago against what people did since; nothing of these weeks is in the scores.
with
    span as (
        select least(score_week_index, panel_week_index) - 13 as week_index from {{ ref("int_relationship_span") }}
    ),

    scored as (select * from {{ ref("int_ror_scores") }} where week_index = (select week_index from span)),

    -- Fifty thousand people tell enough; who they are depends on their ids only.
    scores as (
        select *
        from scored
        where hash(person_id) % greatest(1, (select cast(ceil(count(*) / 50000) as ubigint) from scored)) = 0
    ),

    cases as (select * from {{ ref("int_ror_outcomes") }}),

    foretold as (
        select person_id, 'score' as predictor, score_micro as value
        from scores
        union all
        select
            person_id,
            unnest({{ ror_components() }}) as component,
            unnest([{{ ror_components() | join("_shrunk, ") }}_shrunk]) as shrunk
        from scores
    ),

    paired as (
        select outcome, predictor, person_id, is_event, direction * value as value
        from cases
        inner join foretold using (person_id)
        union all
        select outcome, 'recency_only', person_id, is_event, direction * last_week
        from cases
        semi join scores using (person_id)
    ),

    ranked as (
        select
            *,
            -- People with one value share the middle of their ranks.
            rank() over (partition by outcome, predictor order by value)
            + (count(*) over (partition by outcome, predictor, value) - 1) / 2.0 as mid_rank,
            ntile(10) over (partition by outcome, predictor order by value, person_id) as decile
        from paired
    ),

    deciles as (
        select
            outcome,
            predictor,
            decile,
            count(*) as people_count,
            count(*) filter (is_event) as event_count,
            sum(mid_rank) filter (is_event) as event_rank_sum
        from ranked
        group by outcome, predictor, decile
    ),

    judged as (
        select
            outcome,
            predictor,
            sum(people_count) as people_count,
            sum(event_count) as event_count,
            (sum(event_rank_sum) - sum(event_count) * (sum(event_count) + 1) / 2)
            / nullif(sum(event_count) * (sum(people_count) - sum(event_count)), 0) as auc,
            -- Everybody is foretold the share of events among the others of the decile.
            round(
                fsum(
                    event_count * power(1 - (event_count - 1) / nullif(people_count - 1, 0), 2)
                    + (people_count - event_count) * power(event_count / nullif(people_count - 1, 0), 2)
                )
                / sum(people_count),
                12
            ) as brier,
            sum(event_count) filter (decile = 10)
            / nullif(sum(people_count) filter (decile = 10), 0)
            / nullif(sum(event_count) / sum(people_count), 0) as top_decile_lift
        from deciles
        group by outcome, predictor
    )

select
    judged.predictor,
    judged.outcome,
    91 as horizon_days,
    judged.auc,
    baseline.auc as baseline_auc,
    judged.brier,
    judged.top_decile_lift,
    cast(judged.people_count as bigint) as people_count,
    cast(judged.event_count as bigint) as event_count,
    {{ week_start("span.week_index") }} + 7 as window_from_date,
    {{ week_start("span.week_index") }} + 7 * 14 - 1 as window_to_date
from judged
cross join span
left join
    (select outcome, auc from judged where predictor = 'recency_only') as baseline on baseline.outcome = judged.outcome
