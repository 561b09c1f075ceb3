-- One row per ad click that shares in its campaign's costs of the date, whole minor units that
-- add up to them.
-- Clicks of unknown people bear their share too. An unknown rate leaves the cost of the date
-- unknown.
with
    costs as (select * from {{ every("costs") }} where kind = 'ad' and not is_deleted),

    clicks as (
        select *
        from {{ ref("int_attribution_clicks") }}
        where touch_type = 'ad_click' and left_out_reason is null and campaign is not null
    ),

    base as (select * from {{ ref("int_base_currency") }}),

    rates as (select * from {{ ref("int_revenue_rates") }}),

    campaign_dates as (
        select
            costs.campaign,
            costs.cost_date,
            case
                when count(*) = count(rates.rate)
                then
                    sum(
                        {{
                            convert_minor(
                                "costs.amount_minor",
                                "rates.rate",
                                "upper(costs.currency)",
                                "base.base_currency",
                            )
                        }}
                    )
            end as cost_minor
        from costs
        cross join base
        left join
            rates
            on rates.currency = upper(costs.currency)
            and costs.cost_date >= rates.valid_from
            and costs.cost_date < rates.valid_until
        where costs.amount_minor < {{ largest_amount() }}
        group by costs.campaign, costs.cost_date
    ),

    numbered as (
        select
            clicks.touch_id,
            campaign_dates.cost_minor,
            count(*) over (partition by campaign_dates.campaign, campaign_dates.cost_date) as touch_count,
            row_number() over (
                partition by campaign_dates.campaign, campaign_dates.cost_date
                order by clicks.touched_at, clicks.touch_id
            ) as touch_number
        from clicks
        cross join base
        inner join
            campaign_dates
            on campaign_dates.campaign = clicks.campaign
            and campaign_dates.cost_date = {{ local_date("clicks.touched_at", "base.time_zone") }}
    )

-- The units left over by the division go to the first touches, one each.
select
    touch_id,
    cast(
        (cost_minor - cost_minor % touch_count) / touch_count
        + case when touch_number <= cost_minor % touch_count then 1 else 0 end as bigint
    ) as cost_minor
from numbered
