-- One row per brand: how far the data shows what was answered. A turn that opened at or before `mature_until` had its
-- 24 hours, one at or before `business_mature_until` its 24 hours of business time. `observed_clock`: the business
-- clock
-- there.
with
    windows as (select * from {{ ref("int_observation_windows") }} where domain = 'messages'),

    intervals as (select * from {{ ref("int_business_intervals") }}),

    open_brands as (select distinct brand_id from {{ ref("int_business_hours_checked") }}),

    clocked as (
        select
            windows.brand_id,
            windows.observed_until,
            open_brands.brand_id is not null as has_hours,
            {{ business_clock("windows.observed_until", "shown", "(open_brands.brand_id is not null)") }}
            as observed_clock
        from windows
        left join open_brands using (brand_id)
        asof left join
            intervals as shown on shown.brand_id = windows.brand_id and shown.opens_at <= windows.observed_until
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
