-- One row per brand and domain: the instant up to which the data shows what happened. That is the end of the day of the
-- newest event, never later than the run's `as_of`: what a source could not yet have shown is not zero.
with
    brands as (select * from {{ ref("int_brands") }}),

    run as (select as_of from {{ source("ops", "current_run") }}),

    messages as (select * from {{ ref("int_messages_enriched") }}),

    orders as (select * from {{ every("orders") }} where not is_deleted),

    deals as (select * from {{ every("deals") }} where not is_deleted and stage_category <> 'open'),

    subscription_events as (select * from {{ every("subscription_events") }} where not is_deleted),

    -- Orders, deals and subscriptions name no brand: they show as much for each. What subscriptions did says nothing
    -- about what was ordered since, nor the other way round.
    newest as (
        select brand_id, 'messages' as domain, max(sent_at) as newest_at
        from messages
        where not is_deleted
        group by brand_id
        union all
        select brands.brand_id, 'revenue', max(events.happened_at)
        from brands
        cross join
            (
                select ordered_at as happened_at
                from orders
                union all
                select coalesce(close_date::timestamptz, updated_at)
                from deals
            ) as events
        group by brands.brand_id
        union all
        select brands.brand_id, 'subscriptions', max(subscription_events.changed_at)
        from brands
        cross join subscription_events
        group by brands.brand_id
    )

select
    newest.brand_id,
    newest.domain,
    newest.newest_at,
    least(
        run.as_of,
        {{ local_midnight("(" ~ local_date("newest.newest_at", "brands.time_zone") ~ " + 1)", "brands.time_zone") }}
    ) as observed_until
from newest
inner join brands using (brand_id)
cross join run
