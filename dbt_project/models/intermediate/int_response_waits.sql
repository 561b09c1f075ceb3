{{ config(materialized="view") }}

-- One row per turn that needs a reply and clock (calendar, business): how long the person waited for a human, or has
-- waited so far where nobody answered yet.
with
    turns as (select * from {{ ref("int_turns_timed") }}),

    brands as (select * from {{ ref("int_brands") }}),

    horizons as (select * from {{ ref("int_reply_horizons") }}),

    waits as (
        select
            turns.brand_id,
            turns.network,
            {{ start_of("week", local_date("turns.opened_at", "brands.time_zone")) }} as week_start_date,
            turns.first_human_at is not null as is_answered,
            epoch_us(coalesce(turns.first_human_at, horizons.observed_until))
            - epoch_us(turns.opened_at) as calendar_wait,
            coalesce(turns.answered_clock, horizons.observed_clock) - turns.opened_clock as business_wait
        from turns
        inner join brands using (brand_id)
        inner join horizons using (brand_id)
        where turns.opened_at < horizons.observed_until
    )

select
    brand_id,
    network,
    week_start_date,
    'calendar' as clock,
    is_answered,
    {{ in_seconds("calendar_wait") }} as waited_seconds
from waits
union all
select brand_id, network, week_start_date, 'business', is_answered, {{ in_seconds("business_wait") }}
from waits
