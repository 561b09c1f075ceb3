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

    horizons as (select brand_id, max(occurred_date) as last_date from acts group by brand_id),

    -- People by number: grouping by their ids would take three times as long.
    lives as (
        select brand_id, row_number() over () as person_number, active_weeks, list_min(active_weeks) as first_week
        from
            (
                select brand_id, list(distinct {{ week_of("occurred_date") }}) as active_weeks
                from acts
                group by brand_id, person_id
            ) as weeks
    ),

    weeks as (select brand_id, person_number, first_week, unnest(active_weeks) as active_week from lives),

    -- An active week shows in the four windows that end with it and the three weeks after it, and before each of the
    -- next four.
    windows as (
        select
            brand_id,
            person_number,
            first_week,
            active_week + unnest(range(0, {{ 2 * weeks }}))::integer as week,
            unnest(range(0, {{ 2 * weeks }})) < {{ weeks }} as is_inside
        from weeks
    ),

    people as (
        select
            person_number,
            week,
            any_value(brand_id) as brand_id,
            any_value(first_week) as first_week,
            bool_or(is_inside) as is_active,
            bool_or(not is_inside) as was_active
        from windows
        group by person_number, week
    )

select
    people.brand_id,
    {{ week_start("people.week") }} + 6 as window_end_date,
    count(*) filter (is_active) as active_count,
    count(*) filter (is_active and first_week > people.week - {{ weeks }}) as new_count,
    count(*) filter (is_active and was_active) as returning_count,
    count(*) filter (is_active and not was_active and first_week <= people.week - {{ weeks }}) as resurrected_count,
    count(*) filter (not is_active) as dormant_count
from people
inner join horizons using (brand_id)
where {{ week_start("people.week") }} <= horizons.last_date
group by people.brand_id, people.week
