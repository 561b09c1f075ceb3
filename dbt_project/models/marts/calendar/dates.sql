-- It ends with the run: what is counted to date has no rows in the future.
with
    run as (select as_of from {{ source("ops", "current_run") }}),

    firsts as (
        select min(week_start_date) as first_date
        from {{ ref("presence_weekly") }}
        union all
        select min(engagement_date)
        from {{ ref("engagement_daily") }}
        union all
        select min(audience_date)
        from {{ ref("audience_daily") }}
        union all
        select min(month_start_date)
        from {{ ref("customer_months") }}
    ),

    spans as (
        select min(firsts.first_date) as first_date, max(cast(run.as_of as date)) as last_date
        from firsts
        cross join run
        where firsts.first_date is not null
    ),

    days as (
        select
            unnest(generate_series({{ start_of("year", "first_date") }}, last_date, interval 1 day))::date
            as calendar_date
        from spans
        where first_date is not null
    )

select
    calendar_date,
    {{ start_of("week", "calendar_date") }} as week_start_date,
    {{ start_of("month", "calendar_date") }} as month_start_date,
    {{ start_of("quarter", "calendar_date") }} as quarter_start_date,
    cast(extract('year' from calendar_date) as integer) as year_number,
    cast(extract('isodow' from calendar_date) as integer) as weekday_number
from days
