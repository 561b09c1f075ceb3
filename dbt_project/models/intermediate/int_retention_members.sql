-- One row per cohort basis and person: first active date and instant, cohorts, and the first date not yet
-- observed.
with
    purchases as (select * from {{ ref("int_purchases") }}),

    activity as (select * from {{ ref("int_retention_activity_dates") }}),

    windows as (select * from {{ ref("int_observation_windows") }}),

    brands as (select * from {{ ref("int_brands") }}),

    -- People belong to no brand: they are observed as long as any brand's data of the kind reach.
    observed as (
        select
            case when windows.domain = 'revenue' then 'purchase' else 'activity' end as cohort_basis,
            max({{ local_date("windows.observed_until", "brands.time_zone") }}) as observed_date
        from windows
        inner join brands using (brand_id)
        where windows.domain = 'messages' or (windows.domain = 'revenue' and brands.is_default)
        group by case when windows.domain = 'revenue' then 'purchase' else 'activity' end
    ),

    active_dates as (
        select 'purchase' as cohort_basis, person_id, purchase_date as active_date, purchased_at as active_at
        from purchases
        union all
        select 'activity' as cohort_basis, person_id, active_date, active_at
        from activity
    ),

    spans as (
        select
            active_dates.cohort_basis,
            active_dates.person_id,
            observed.observed_date,
            min(active_dates.active_date) as first_date,
            min(active_dates.active_at) as first_at,
            max(active_dates.active_date) as last_date
        from active_dates
        inner join observed using (cohort_basis)
        where active_dates.active_date < observed.observed_date
        group by active_dates.cohort_basis, active_dates.person_id, observed.observed_date
    )

select
    cohort_basis,
    person_id,
    first_date,
    first_at,
    last_date,
    {{ days_between("first_date", "last_date") }} as last_day,
    {{ start_of("week", "first_date") }} as cohort_week_start_date,
    {{ start_of("month", "first_date") }} as cohort_month_start_date,
    observed_date
from spans
