{{ config(materialized="view") }}

-- One row per movement that counts: orders, refunds, deals won, wins taken back; amounts with their sign; and changes
-- of subscriptions, whose money is mostly an order of its own.
with
    orders as (select * from {{ ref("int_orders_valued") }} where refusal_reason is null),

    refunds as (select * from {{ ref("int_revenue_refunds") }} where refusal_reason is null),

    deals as (select * from {{ ref("int_revenue_deals") }} where refusal_reason is null),

    subscriptions as (select * from {{ ref("int_revenue_subscriptions") }} where refusal_reason is null)

select
    md5(source || '|order|' || native_id) as revenue_event_id,
    'order' as kind,
    source,
    'orders' as buyer_entity,
    native_id as buyer_native_id,
    ordered_at as occurred_at,
    event_date,
    original_amount_minor,
    original_currency,
    fx_rate,
    fx_date,
    amount_minor,
    order_id,
    cast(null as varchar) as deal_id,
    cast(null as varchar) as subscription_id,
    cast(null as varchar) as reversal_of,
    cast(null as bigint) as mrr_change_minor
from orders
union all
select
    md5(source || '|refund|' || native_id) as revenue_event_id,
    'refund' as kind,
    source,
    'orders' as buyer_entity,
    order_native_id as buyer_native_id,
    refunded_at as occurred_at,
    event_date,
    - original_amount_minor as original_amount_minor,
    original_currency,
    fx_rate,
    fx_date,
    - amount_minor as amount_minor,
    order_id,
    cast(null as varchar) as deal_id,
    cast(null as varchar) as subscription_id,
    md5(source || '|order|' || order_native_id) as reversal_of,
    cast(null as bigint) as mrr_change_minor
from refunds
union all
select
    md5(source || '|deal_won|' || native_id || '|' || stay_number) as revenue_event_id,
    'deal_won' as kind,
    source,
    'deals' as buyer_entity,
    native_id as buyer_native_id,
    won_at as occurred_at,
    won_date as event_date,
    original_amount_minor,
    original_currency,
    fx_rate,
    fx_date,
    amount_minor,
    cast(null as varchar) as order_id,
    deal_id,
    cast(null as varchar) as subscription_id,
    cast(null as varchar) as reversal_of,
    cast(null as bigint) as mrr_change_minor
from deals
union all
select
    md5(source || '|deal_reversal|' || native_id || '|' || stay_number) as revenue_event_id,
    'deal_reversal' as kind,
    source,
    'deals' as buyer_entity,
    native_id as buyer_native_id,
    left_at as occurred_at,
    left_date as event_date,
    - original_amount_minor as original_amount_minor,
    original_currency,
    fx_rate,
    fx_date,
    - amount_minor as amount_minor,
    cast(null as varchar) as order_id,
    deal_id,
    cast(null as varchar) as subscription_id,
    md5(source || '|deal_won|' || native_id || '|' || stay_number) as reversal_of,
    cast(null as bigint) as mrr_change_minor
from deals
where left_at is not null
union all
select
    revenue_event_id,
    kind,
    source,
    'subscriptions' as buyer_entity,
    subscription_id as buyer_native_id,
    changed_at as occurred_at,
    event_date,
    original_amount_minor,
    original_currency,
    fx_rate,
    fx_date,
    amount_minor,
    cast(null as varchar) as order_id,
    cast(null as varchar) as deal_id,
    subscription_id,
    cast(null as varchar) as reversal_of,
    mrr_change_minor
from subscriptions
