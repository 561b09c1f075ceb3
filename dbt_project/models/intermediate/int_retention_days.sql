-- One row per cohort basis, person and date from the person's first active date: active or not,
-- and what was bought.
with
    purchases as (
        select
            person_id,
            purchase_date as day_date,
            cast(sum(revenue_minor) as bigint) as revenue_minor,
            cast(sum(margin_minor) as bigint) as margin_minor
        from {{ ref("int_purchases") }}
        group by person_id, purchase_date
    ),

    activity as (
        select person_id, active_date as day_date, 1 as is_active from {{ ref("int_retention_activity_dates") }}
    ),

    members as (select * from {{ ref("int_retention_segments") }}),

    -- A date of a person occurs once in each: no grouping over all messages.
    days as (
        select 'purchase' as cohort_basis, person_id, day_date, 1 as is_active, revenue_minor, margin_minor
        from purchases
        union all
        select
            'activity' as cohort_basis,
            person_id,
            day_date,
            coalesce(activity.is_active, 0) as is_active,
            coalesce(purchases.revenue_minor, 0) as revenue_minor,
            coalesce(purchases.margin_minor, 0) as margin_minor
        from activity
        full join purchases using (person_id, day_date)
    )

select
    days.cohort_basis,
    days.person_id,
    members.first_date,
    members.relationship_tier,
    members.first_channel_id,
    {{ days_between("members.first_date", "days.day_date") }} as day_number,
    {{ months_between("members.first_date", "days.day_date") }} as month_number,
    days.is_active,
    days.revenue_minor,
    days.margin_minor
from days
inner join members using (cohort_basis, person_id)
where days.day_date >= members.first_date and days.day_date < members.observed_date
