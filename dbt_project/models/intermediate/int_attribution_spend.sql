-- One row per month and channel with costs of advertising, in the base currency; unknown where a rate is.
-- Costs without a channel go to the one that most clicks of their campaign came through.
with
    costs as (select * from {{ every("costs") }} where kind = 'ad' and not is_deleted),

    clicks as (
        select campaign, channel_id, count(*) as click_count
        from {{ ref("int_attribution_clicks") }}
        where left_out_reason is null and campaign is not null and channel_id is not null
        group by campaign, channel_id
    ),

    campaigns as (
        select
            campaign,
            channel_id,
            row_number() over (partition by campaign order by click_count desc, channel_id) as channel_rank
        from clicks
    ),

    base as (select * from {{ ref("int_base_currency") }}),

    rates as (select * from {{ ref("int_revenue_rates") }}),

    converted as (
        select
            {{ start_of("month", "costs.cost_date") }} as period_start_date,
            coalesce(nullif(trim(costs.channel), ''), campaigns.channel_id, '(unknown)') as channel_id,
            {{ convert_minor("costs.amount_minor", "rates.rate", "upper(costs.currency)", "base.base_currency") }}
            as spend_minor
        from costs
        cross join base
        left join campaigns on campaigns.campaign = costs.campaign and campaigns.channel_rank = 1
        left join
            rates
            on rates.currency = upper(costs.currency)
            and costs.cost_date >= rates.valid_from
            and costs.cost_date < rates.valid_until
        where costs.amount_minor < {{ largest_amount() }}
    )

select
    period_start_date,
    channel_id,
    case when count(*) = count(spend_minor) then cast(sum(spend_minor) as bigint) end as spend_minor
from converted
group by period_start_date, channel_id
