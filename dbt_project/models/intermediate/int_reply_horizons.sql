-- One row per brand: how far the data shows what was answered. A turn that opened at or before `mature_until` had its
-- 24 hours, one at or before `business_mature_until` its 24 hours of business time. `observed_clock`: the business
-- clock
-- there.
with
    windows as (select * from {{ ref("int_observation_windows") }} where domain = 'messages'),

    intervals as (select * from {{ ref("int_business_intervals") }}),

    days as (select * from {{ ref("int_business_days") }}),

    hours as (select distinct brand_id, first_utc_day, last_utc_day from days),

    clocked as (
        select
            windows.brand_id,
            windows.observed_until,
            hours.brand_id is not null as has_hours,
            {{ business_clock("windows.observed_until", "shown") }} as observed_clock
        from windows
        left join hours on hours.brand_id = windows.brand_id
        left join
            days as shown
            on shown.brand_id = hours.brand_id
            and shown.utc_day = {{ business_day("windows.observed_until", "hours") }}
    )

select
    clocked.brand_id,
    clocked.observed_until,
    clocked.observed_clock,
    clocked.observed_until - {{ one_day() }} as mature_until,
    case
        when clocked.has_hours
        then
            last_opened.opens_at
            + to_microseconds(clocked.observed_clock - {{ one_day_microseconds() }} - last_opened.clock_before)
        else clocked.observed_until - {{ one_day() }}
    end as business_mature_until
from clocked
asof left join
    intervals as last_opened
    on last_opened.brand_id = clocked.brand_id
    and last_opened.clock_before <= clocked.observed_clock - {{ one_day_microseconds() }}
