-- One row per person and date with a purchase: orders and won deals that are worth something
-- after what was paid back.
-- Revenue is booked on the date of the purchase, less all that was paid back until now.
with
    revenue_events as (select * from {{ ref("revenue_events") }}),

    windows as (select * from {{ ref("int_observation_windows") }} where domain = 'revenue'),

    base as (select * from {{ ref("int_base_currency") }}),

    observed as (
        select {{ local_date("windows.observed_until", "base.time_zone") }} as observed_date
        from windows
        inner join base using (brand_id)
    ),

    -- Summed by what is reversed, so that several refunds of one order never multiply it.
    netted as (
        select
            coalesce(reversal_of, revenue_event_id) as revenue_event_id,
            cast(sum(amount_minor) as bigint) as revenue_minor,
            cast(sum(margin_minor) as bigint) as margin_minor
        from revenue_events
        group by coalesce(reversal_of, revenue_event_id)
    )

select
    revenue_events.person_id,
    revenue_events.event_date as purchase_date,
    min(revenue_events.occurred_at) as purchased_at,
    count(*) as order_count,
    cast(sum(netted.revenue_minor) as bigint) as revenue_minor,
    cast(sum(netted.margin_minor) as bigint) as margin_minor
from revenue_events
inner join netted using (revenue_event_id)
cross join observed
where
    revenue_events.kind in ('order', 'deal_won')
    and revenue_events.person_id is not null
    and netted.revenue_minor > 0
    and revenue_events.event_date < observed.observed_date
group by revenue_events.person_id, revenue_events.event_date
