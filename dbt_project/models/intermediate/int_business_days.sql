-- One row per brand with business hours and UTC date, from the first message until a month after the run: the business
-- time before it, and when the brand is open on it. A row per date is found without sorting.
with
    intervals as (
        select brand_id, epoch_us(opens_at) as opens_at, epoch_us(opens_at) + interval_microseconds as closes_at
        from {{ ref("int_business_intervals") }}
    ),

    -- An opening may go on past midnight UTC.
    parts as (
        select
            brand_id,
            unnest(generate_series({{ utc_day("opens_at") }}, {{ utc_day("closes_at - 1") }})) as utc_day,
            opens_at,
            closes_at
        from intervals
    ),

    opened as (
        select
            brand_id,
            utc_day,
            list({'opens_at':part_opens_at, 'length':part_closes_at - part_opens_at}) as open_times,
            sum(part_closes_at - part_opens_at) as open_microseconds
        from
            (
                select
                    brand_id,
                    utc_day,
                    greatest(opens_at, utc_day * {{ one_day_microseconds() }}) as part_opens_at,
                    least(closes_at, (utc_day + 1) * {{ one_day_microseconds() }}) as part_closes_at
                from parts
            ) as cut
        group by brand_id, utc_day
    ),

    days as (
        select brand_id, unnest(generate_series(min(utc_day), max(utc_day))) as utc_day
        from opened
        group by brand_id
        union all
        -- A brand that never opens has a clock that stands still.
        select distinct hours.brand_id, 0
        from {{ ref("int_business_hours_checked") }} as hours
        anti join opened using (brand_id)
    )

select
    days.brand_id,
    days.utc_day,
    coalesce(opened.open_times, []) as open_times,
    cast(
        coalesce(
            sum(opened.open_microseconds) over (
                partition by days.brand_id order by days.utc_day rows between unbounded preceding and 1 preceding
            ),
            0
        ) as bigint
    ) as clock_before,
    min(days.utc_day) over (partition by days.brand_id) as first_utc_day,
    max(days.utc_day) over (partition by days.brand_id) as last_utc_day
from days
left join opened using (brand_id, utc_day)
