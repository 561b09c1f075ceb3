with
    costs as (select * from {{ ref("relationship_costs") }}),

    spending as (select * from {{ every("costs") }} where not is_deleted),

    weekly as (select * from {{ ref("int_people_weekly") }}),

    ledger as (select * from {{ ref("revenue_events") }} where mrr_change_minor is null or amount_minor <> 0),

    base as (select * from {{ ref("int_base_currency") }}),

    spent as (
        select
            {{ start_of("week", "costs.cost_date") }} as week_start_date,
            if(
                costs.is_relationship, 'relationship', coalesce(nullif(trim(spending.channel), ''), '(unknown)')
            ) as channel,
            cast(sum(costs.amount_minor) as bigint) as spend_minor
        from costs
        left join spending using (cost_id)
        group by all
    ),

    replied as (
        select {{ week_start("week_index") }} as week_start_date, sum(personal_reply_count) as personal_reply_count
        from weekly
        group by week_index
    ),

    earned as (
        select {{ start_of("week", "event_date") }} as week_start_date, sum(amount_minor) as revenue_minor
        from ledger
        group by all
    ),

    weeks as (
        select week_start_date
        from spent
        union
        select week_start_date
        from replied
        union
        select week_start_date
        from earned
    ),

    channels as (
        select distinct channel
        from spent
        union
        select 'relationship'
    )

select
    weeks.week_start_date,
    channels.channel,
    coalesce(spent.spend_minor, 0) as spend_minor,
    cast(coalesce(replied.personal_reply_count, 0) as bigint) as relationship_exposure,
    cast(coalesce(earned.revenue_minor, 0) as bigint) as revenue_minor,
    base.base_currency as currency
from weeks
cross join channels
cross join base
left join spent on spent.week_start_date = weeks.week_start_date and spent.channel = channels.channel
left join replied on replied.week_start_date = weeks.week_start_date
left join earned on earned.week_start_date = weeks.week_start_date
