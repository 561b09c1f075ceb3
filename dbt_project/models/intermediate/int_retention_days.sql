-- One row per cohort basis, person and date from the person's first active date: active or not,
-- and what was bought.
with
    purchases as (select * from {{ ref("int_purchases") }}),

    activity as (select * from {{ ref("int_retention_activity_dates") }}),

    members as (select * from {{ ref("int_retention_members") }}),

    days as (
        select
            'purchase' as cohort_basis,
            person_id,
            purchase_date as day_date,
            1 as is_active,
            revenue_minor,
            margin_minor
        from purchases
        union all
        select
            'activity' as cohort_basis,
            person_id,
            active_date as day_date,
            1 as is_active,
            0 as revenue_minor,
            0 as margin_minor
        from activity
        union all
        select
            'activity' as cohort_basis,
            person_id,
            purchase_date as day_date,
            0 as is_active,
            revenue_minor,
            margin_minor
        from purchases
    )

select
    days.cohort_basis,
    days.person_id,
    members.first_date,
    {{ days_between("members.first_date", "days.day_date") }} as day_number,
    {{ months_between("members.first_date", "days.day_date") }} as month_number,
    max(days.is_active) as is_active,
    cast(sum(days.revenue_minor) as bigint) as revenue_minor,
    cast(sum(days.margin_minor) as bigint) as margin_minor
from days
inner join members using (cohort_basis, person_id)
where days.day_date >= members.first_date and days.day_date < members.observed_date
group by all
