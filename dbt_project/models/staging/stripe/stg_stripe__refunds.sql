-- One row per refund in Stripe: money of its own, never a correction of its charge. One that failed or was canceled
-- paid nothing back.
with
    picked as ({{ newest_rows("stripe", "refunds") }}),

    payments as (select * from {{ ref("stg_stripe__payments") }}),

    -- A refund may name the attempt to pay only, which at most one charge took money for.
    by_intent as (select payment_intent, arg_min(order_id, charge_id) as order_id from payments group by payment_intent)

select
    'stripe' as source,
    'stripe|' || picked._native_id as native_id,
    picked.id as refund_id,
    coalesce(payments.order_id, by_intent.order_id, picked.charge, picked.payment_intent) as order_id,
    picked.created_at as refunded_at,
    {{ minor_of_stripe("picked.amount", "upper(picked.currency)") }} as amount_minor,
    upper(picked.currency) as currency,
    picked._observed_at as observed_at,
    picked.is_deleted,
    picked.deleted_at,
    picked.load_id
from picked
left join payments on payments.charge_id = picked.charge
left join by_intent on by_intent.payment_intent = picked.payment_intent
where coalesce(picked.status, 'succeeded') not in ('failed', 'canceled', 'requires_action')
