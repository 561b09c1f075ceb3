{{ config(materialized="view") }}

-- One row per turn that needs a reply and clock (calendar, business): how long the person waited for a human, or has
-- waited so far where nobody answered yet.
with
    brands as (select * from {{ ref("int_brands") }}),

    horizons as (select * from {{ ref("int_reply_horizons") }}),

    answered as (select * from {{ ref("responses") }} where is_answered),

    open_turns as (select * from {{ ref("int_turns_timed") }} where first_human_at is null),

    waits as (
        select
            answered.brand_id,
            answered.network,
            answered.opened_date,
            true as is_answered,
            answered.response_seconds as calendar,
            answered.business_seconds as business
        from answered
        inner join horizons using (brand_id)
        where answered.opened_at < horizons.observed_until
        union all
        select
            open_turns.brand_id,
            open_turns.network,
            {{ local_date("open_turns.opened_at", "brands.time_zone") }},
            false,
            {{ in_seconds("epoch_us(horizons.observed_until) - epoch_us(open_turns.opened_at)") }},
            {{ in_seconds("horizons.observed_clock - open_turns.opened_clock") }}
        from open_turns
        inner join brands using (brand_id)
        inner join horizons using (brand_id)
        where open_turns.opened_at < horizons.observed_until
    ),

    by_clock as (unpivot waits on calendar, business into name clock value waited_seconds)

select brand_id, network, {{ start_of("week", "opened_date") }} as week_start_date, clock, is_answered, waited_seconds
from by_clock
