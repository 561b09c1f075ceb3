{{ config(materialized="view") }}

-- One row per order, refund, won deal or change of a subscription that a source tells of and that is not refused: what
-- the ledger must hold, in the source's own money.
with
    told as (
        select
            'order' as kind,
            'orders' as entity,
            source,
            native_id,
            upper(currency) as currency,
            gross_minor - coalesce(discount_minor, 0) as amount_minor
        from {{ every("orders") }}
        union all
        select 'refund', 'refunds', source, native_id, upper(currency), - amount_minor
        from {{ every("refunds") }}
        union all
        select 'deal', 'deals', source, native_id, upper(currency), amount_minor
        from {{ every("deals") }}
        where stage_category = 'won'
        union all
        select 'subscription', 'subscription_events', source, native_id, upper(currency), coalesce(paid_minor, 0)
        from {{ every("subscription_events") }}
    )

select told.kind, told.source, told.native_id, told.currency, told.amount_minor
from told
anti join {{ ref("int_revenue_refused") }} as refused using (source, entity, native_id)
