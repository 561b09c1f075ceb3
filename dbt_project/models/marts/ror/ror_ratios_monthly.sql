-- Money and work of a month side by side. A ratio, not a cause: that is `roi_summary_monthly`.
with
    costs as (select * from {{ ref("relationship_costs") }} where is_relationship),

    weekly as (select * from {{ ref("int_people_weekly") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    -- Since the first personal reply a person's purchases are those of somebody with whom the staff has spoken.
    met as (
        select person_id, min(week_index) as first_week_index
        from weekly
        where personal_reply_count > 0
        group by person_id
    ),

    earned as (
        select
            {{ start_of("month", week_start("weekly.week_index")) }} as month_start_date,
            sum(weekly.margin_minor) as margin_minor,
            sum(weekly.margin_minor) filter (weekly.week_index >= met.first_week_index) as relationship_margin_minor
        from weekly
        left join met using (person_id)
        group by {{ start_of("month", week_start("weekly.week_index")) }}
    ),

    spent as (
        select
            {{ start_of("month", "cost_date") }} as month_start_date,
            sum(minutes) as minutes,
            cast(sum(amount_minor) as bigint) as cost_minor,
            sum(amount_minor) filter (basis <> 'default') / nullif(sum(amount_minor), 0) as measured_share
        from costs
        group by {{ start_of("month", "cost_date") }}
    )

select
    base.brand_id,
    month_start_date,
    cast(coalesce(earned.margin_minor, 0) as bigint) as margin_minor,
    cast(coalesce(earned.relationship_margin_minor, 0) as bigint) as relationship_margin_minor,
    spent.cost_minor as relationship_cost_minor,
    spent.minutes as relationship_minutes,
    spent.measured_share,
    coalesce(earned.relationship_margin_minor, 0) / nullif(spent.cost_minor, 0) as ror_ratio,
    base.base_currency as currency
from earned
full join spent using (month_start_date)
cross join base
