-- One row per cohort basis, first date, grain, segment and bracket (n-th 7 days or calendar month) in which somebody
-- did
-- something. Weeks are not divided into segments.
with
    days as (select * from {{ ref("int_retention_days") }}),

    brackets as (
        select
            * replace ('(all)' as relationship_tier, '(all)' as first_channel_id),
            'week' as cohort_grain,
            cast(floor(day_number / 7.0) as integer) as period_index
        from days
        union all
        select *, 'month' as cohort_grain, month_number as period_index
        from days
    ),

    -- A person counts once in a bracket, however often active in it.
    people as (
        select
            cohort_basis,
            first_date,
            cohort_grain,
            relationship_tier,
            first_channel_id,
            period_index,
            person_id,
            max(is_active) as is_active,
            sum(revenue_minor) as revenue_minor,
            sum(margin_minor) as margin_minor
        from brackets
        group by cohort_basis, first_date, cohort_grain, relationship_tier, first_channel_id, period_index, person_id
    )

select
    cohort_basis,
    first_date,
    cohort_grain,
    relationship_tier,
    first_channel_id,
    period_index,
    sum(is_active) as active_count,
    sum(revenue_minor) as revenue_minor,
    sum(margin_minor) as margin_minor
from people
group by cohort_basis, first_date, cohort_grain, relationship_tier, first_channel_id, period_index
