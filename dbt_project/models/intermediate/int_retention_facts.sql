-- One row per cohort basis, first date, grain, segment, kind and period in which somebody did something.
with
    days as (select * from {{ ref("int_retention_days") }}),

    members as (select * from {{ ref("int_retention_segments") }}),

    brackets as (select * from {{ ref("int_retention_brackets") }}),

    periods as (select * from {{ ref("int_retention_periods") }}),

    -- Dates first, people never again: everything but brackets needs the counts per date only.
    by_day as (
        select
            cohort_basis,
            first_date,
            relationship_tier,
            first_channel_id,
            day_number,
            sum(is_active) as active_count,
            sum(revenue_minor) as revenue_minor,
            sum(margin_minor) as margin_minor
        from days
        group by cohort_basis, first_date, relationship_tier, first_channel_id, day_number
    ),

    last_days as (
        select cohort_basis, first_date, relationship_tier, first_channel_id, last_day, count(*) as person_count
        from members
        group by cohort_basis, first_date, relationship_tier, first_channel_id, last_day
    ),

    -- A person counts up to the last active date; money counts from date n on.
    rolling_rows as (
        select * exclude (last_day, person_count), last_day as day_number, person_count as active_count
        from last_days
        union all by name
        select * replace (0 as active_count)
        from by_day
    ),

    -- Exact and rolling periods are the same dates in both grains.
    dated as (
        select by_day.*, periods.retention_kind, periods.period_index
        from by_day
        inner join
            periods
            on periods.cohort_grain = 'month'
            and periods.retention_kind = 'exact'
            and periods.period_index = by_day.day_number
        union all by name
        select rolling_rows.*, periods.retention_kind, periods.period_index
        from rolling_rows
        inner join
            periods
            on periods.cohort_grain = 'month'
            and periods.retention_kind = 'rolling'
            and periods.period_index <= rolling_rows.day_number
    ),

    facts as (
        select * exclude (day_number), 'month' as cohort_grain
        from dated
        union all by name
        -- Weeks are not divided into segments.
        select
            * exclude (day_number) replace ('(all)' as relationship_tier, '(all)' as first_channel_id),
            'week' as cohort_grain
        from dated
        union all by name
        select *, 'bracket' as retention_kind
        from brackets
    )

select
    cohort_basis,
    first_date,
    cohort_grain,
    relationship_tier,
    first_channel_id,
    retention_kind,
    period_index,
    cast(sum(active_count) as bigint) as active_count,
    cast(coalesce(sum(revenue_minor), 0) as bigint) as revenue_minor,
    cast(sum(margin_minor) as bigint) as margin_minor
from facts
group by cohort_basis, first_date, cohort_grain, relationship_tier, first_channel_id, retention_kind, period_index
