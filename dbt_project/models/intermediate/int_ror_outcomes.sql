{{ config(materialized="view") }}

-- One row per outcome and person who could have it: what the person did in the 13 weeks after the judged week, and when
-- the person had last bought or acted by then.
with
    span as (
        select least(score_week_index, panel_week_index) - 13 as week_index from {{ ref("int_relationship_span") }}
    ),

    people_weekly as (select * from {{ ref("int_people_weekly") }}),

    people as (
        select
            person_id,
            max(people_weekly.week_index) filter (purchase_count > 0 and since <= 0) as last_purchase_week,
            max(people_weekly.week_index) filter (
                turn_count + reaction_count + advocacy_count > 0 and since <= 0
            ) as last_act_week,
            coalesce(bool_or(purchase_count > 0) filter (since between 1 and 13), false) as has_bought,
            coalesce(bool_or(advocacy_count > 0) filter (since between 1 and 13), false) as has_advocated,
            any_value(span.week_index) as week_index
        from people_weekly
        cross join span
        cross join lateral(select people_weekly.week_index - span.week_index as since) as ages
        group by person_id
    ),

    cases as (
        select
            person_id,
            'repeat_purchase' as outcome,
            has_bought as is_event,
            1 as direction,
            last_purchase_week as last_week
        from people
        where last_purchase_week is not null
        union all
        select person_id, 'churn', not has_bought, -1, last_purchase_week
        from people
        where last_purchase_week > week_index - 26
        union all
        select person_id, 'advocacy', has_advocated, 1, last_act_week
        from people
        where last_act_week is not null
    )

select *
from cases
