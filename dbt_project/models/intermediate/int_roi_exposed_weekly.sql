-- One row per week of the window: person-weeks that the estimate of `first_reply` speaks of (weeks 0 to 12 since the
-- first reply), and what relationship work with the same people cost in them. A week belongs to the month of its
-- Monday.
with
    window_weeks as (select * from {{ ref("int_roi_window") }}),

    cohorts as (
        select *
        from {{ ref("roi_cohorts") }}
        where exposure_id = 'first_reply' and is_eligible and onset_week_index is not null
    ),

    costs as (select * from {{ ref("relationship_costs") }} where is_relationship),

    weeks as (
        select {{ week_start("week_index") }} as week_start_date
        from (select first_week_index + unnest(range(week_count)) as week_index from window_weeks)
    ),

    exposed as (
        select person_id, onset_week_start_date + cast(7 * unnest(range(13)) as integer) as week_start_date from cohorts
    ),

    spent as (
        select
            person_id,
            {{ start_of("week", "cost_date") }} as week_start_date,
            sum(amount_minor) as cost_minor,
            sum(amount_minor) filter (basis = 'default') as default_minor
        from costs
        where person_id is not null
        group by person_id, {{ start_of("week", "cost_date") }}
    ),

    months as (
        select
            {{ start_of("month", "cost_date") }} as month_start_date,
            sum(amount_minor) as cost_minor,
            sum(amount_minor) filter (person_id is not null) as allocated_minor
        from costs
        group by {{ start_of("month", "cost_date") }}
    ),

    weekly as (
        select
            weeks.week_start_date,
            {{ start_of("month", "weeks.week_start_date") }} as month_start_date,
            count(exposed.person_id) as person_weeks,
            cast(coalesce(sum(spent.cost_minor), 0) as bigint) as cost_minor,
            cast(coalesce(sum(spent.default_minor), 0) as bigint) as default_minor
        from weeks
        left join exposed using (week_start_date)
        left join spent on spent.person_id = exposed.person_id and spent.week_start_date = exposed.week_start_date
        group by weeks.week_start_date
    )

select
    weekly.*,
    cast(months.cost_minor as bigint) as month_cost_minor,
    cast(coalesce(months.allocated_minor, 0) as bigint) as month_allocated_minor
from weekly
left join months using (month_start_date)
