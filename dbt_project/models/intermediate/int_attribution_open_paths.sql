-- One row per window and month: people whose last touches are neither success nor failure yet.
-- Older runs of touches are complete; so at most the last run of a person is open, and only
-- without a conversion since.
with
    touchpoints as (select * from {{ ref("touchpoints") }}),

    conversions as (select * from {{ ref("int_conversions_netted") }}),

    models as (select distinct lookback_days from {{ ref("attribution_models") }}),

    current_run as (select * from {{ source("ops", "current_run") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    last_touches as (select person_id, max(touched_at) as touched_at from touchpoints group by person_id),

    last_conversions as (
        select person_id, max(converted_at) as converted_at
        from conversions
        where person_id is not null and not is_reversed
        group by person_id
    )

select
    models.lookback_days,
    {{ start_of("month", local_date("last_touches.touched_at", "base.time_zone")) }} as period_start_date,
    count(*) as open_path_count
from last_touches
cross join base
cross join current_run
inner join models on last_touches.touched_at > current_run.as_of - models.lookback_days * interval '1 day'
left join last_conversions on last_conversions.person_id = last_touches.person_id
where last_conversions.converted_at is null or last_conversions.converted_at < last_touches.touched_at
group by models.lookback_days, {{ start_of("month", local_date("last_touches.touched_at", "base.time_zone")) }}
