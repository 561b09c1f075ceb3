-- One row per brand and time it is open, from the first message until a month after the run: when it opens, how long
-- it stays open, and the business time there was before. Exact across changes of the clocks.
with
    hours as (select * from {{ ref("int_business_hours_checked") }}),

    holidays as (select * from {{ ref("holidays") }}),

    run as (select as_of from {{ source("ops", "current_run") }}),

    spans as (
        select
            hours.brand_id, min(messages.sent_at)::date - 1 as first_date, any_value(run.as_of)::date + 31 as last_date
        from (select distinct brand_id from hours) as hours
        inner join {{ ref("int_messages_addressed") }} as messages using (brand_id)
        cross join run
        group by hours.brand_id
    ),

    dates as (
        select brand_id, unnest(generate_series(first_date, last_date, interval 1 day))::date as open_date from spans
    ),

    openings as (
        select
            dates.brand_id,
            {{ local_instant("dates.open_date", "hours.opens_at", "hours.time_zone") }} as opens_at,
            {{ local_instant("dates.open_date", "hours.closes_at", "hours.time_zone") }} as closes_at
        from dates
        inner join hours on hours.brand_id = dates.brand_id and hours.iso_weekday = isodow(dates.open_date)
        anti join holidays on holidays.brand_id = dates.brand_id and holidays.holiday_date = dates.open_date
    ),

    -- A clock that jumps ahead may leave nothing of a short opening.
    opened as (
        select brand_id, opens_at, epoch_us(closes_at) - epoch_us(opens_at) as interval_microseconds
        from openings
        where closes_at > opens_at
    )

select
    brand_id,
    opens_at,
    interval_microseconds,
    cast(
        coalesce(
            sum(interval_microseconds) over (
                partition by brand_id order by opens_at rows between unbounded preceding and 1 preceding
            ),
            0
        ) as bigint
    ) as clock_before
from opened
