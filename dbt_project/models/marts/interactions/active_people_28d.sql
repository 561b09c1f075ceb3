{% set weeks = 4 %}
with
    acts as (
        select *
        from {{ ref("interactions") }}
        where
            person_id is not null
            and not is_deleted
            and direction <> 'outbound'
            and not coalesce(is_by_brand or is_automated, false)
            and occurred_date is not null
    ),

    horizons as (
        select brand_id, {{ start_of("week", "max(occurred_date)") }} as last_week_start_date
        from acts
        group by brand_id
    ),

    active_weeks as (
        select distinct brand_id, person_id, {{ start_of("week", "occurred_date") }} as week_start_date from acts
    ),

    firsts as (
        select brand_id, person_id, min(week_start_date) as first_week_start_date from active_weeks group by all
    ),

    -- An active week shows in the four windows that end with it and the three weeks after it, and before each of the
    -- next four.
    windows as (
        select
            brand_id,
            person_id,
            week_start_date + 7 * unnest(range(0, {{ 2 * weeks }}))::integer as week_start_date,
            unnest(range(0, {{ 2 * weeks }})) < {{ weeks }} as is_inside
        from active_weeks
    ),

    people as (
        select
            brand_id, person_id, week_start_date, bool_or(is_inside) as is_active, bool_or(not is_inside) as was_active
        from windows
        group by all
    )

select
    people.brand_id,
    people.week_start_date + 6 as window_end_date,
    count(*) filter (is_active) as active_count,
    count(*) filter (is_active and first_week_start_date > people.week_start_date - {{ 7 * weeks }}) as new_count,
    count(*) filter (is_active and was_active) as returning_count,
    count(*) filter (
        is_active and not was_active and first_week_start_date <= people.week_start_date - {{ 7 * weeks }}
    ) as resurrected_count,
    count(*) filter (not is_active) as dormant_count
from people
inner join firsts using (brand_id, person_id)
inner join horizons using (brand_id)
where people.week_start_date <= horizons.last_week_start_date
group by people.brand_id, people.week_start_date
