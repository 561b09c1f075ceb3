-- One row per cohort basis, first date, grain, kind and period in which somebody did something.
with
    days as (select * from {{ ref("int_retention_days") }}),

    members as (select * from {{ ref("int_retention_members") }}),

    brackets as (select * from {{ ref("int_retention_brackets") }}),

    periods as (select * from {{ ref("int_retention_periods") }}),

    -- Dates first, people never again: everything but brackets needs the counts per date only.
    by_day as (
        select
            cohort_basis,
            first_date,
            day_number,
            sum(is_active) as active_count,
            sum(revenue_minor) as revenue_minor,
            sum(margin_minor) as margin_minor
        from days
        group by cohort_basis, first_date, day_number
    ),

    exact_periods as (
        select by_day.*, periods.cohort_grain, periods.retention_kind, periods.period_index
        from by_day
        inner join periods on periods.retention_kind = 'exact' and periods.period_index = by_day.day_number
    ),

    last_days as (
        select cohort_basis, first_date, last_day, count(*) as person_count
        from members
        group by cohort_basis, first_date, last_day
    ),

    -- A person counts up to the last active date; money counts from date n on.
    rolling_rows as (
        select
            cohort_basis,
            first_date,
            last_day as day_number,
            person_count as active_count,
            0 as revenue_minor,
            0 as margin_minor
        from last_days
        union all
        select cohort_basis, first_date, day_number, 0, revenue_minor, margin_minor
        from by_day
    ),

    rolling_periods as (
        select rolling_rows.*, periods.cohort_grain, periods.retention_kind, periods.period_index
        from rolling_rows
        inner join periods on periods.retention_kind = 'rolling' and periods.period_index <= rolling_rows.day_number
    ),

    facts as (
        select
            cohort_basis,
            first_date,
            cohort_grain,
            retention_kind,
            period_index,
            active_count,
            revenue_minor,
            margin_minor
        from exact_periods
        union all
        select
            cohort_basis,
            first_date,
            cohort_grain,
            retention_kind,
            period_index,
            active_count,
            revenue_minor,
            margin_minor
        from rolling_periods
        union all
        select
            cohort_basis,
            first_date,
            cohort_grain,
            'bracket' as retention_kind,
            period_index,
            active_count,
            revenue_minor,
            margin_minor
        from brackets
    )

select
    cohort_basis,
    first_date,
    cohort_grain,
    retention_kind,
    period_index,
    cast(sum(active_count) as bigint) as active_count,
    cast(sum(revenue_minor) as bigint) as revenue_minor,
    cast(sum(margin_minor) as bigint) as margin_minor
from facts
group by cohort_basis, first_date, cohort_grain, retention_kind, period_index
