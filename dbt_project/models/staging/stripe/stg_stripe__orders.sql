-- One row per order that was paid through Stripe, in one payment or several: what came in, tax and shipping included.
-- A table, since a payment may add to an order that landed before.
with payments as (select * from {{ ref("stg_stripe__payments") }})

select
    'stripe' as source,
    'stripe|' || order_id as native_id,
    order_id,
    arg_min(contact_id, (paid_at, charge_id)) as contact_id,
    arg_min(email_key, (paid_at, charge_id)) as email_key,
    arg_min(email_masked, (paid_at, charge_id)) as email_masked,
    min(paid_at) as ordered_at,
    'paid' as status,
    cast(sum(amount_minor) as bigint) as gross_minor,
    any_value(currency) as currency,
    max(observed_at) as observed_at,
    bool_and(is_deleted) as is_deleted,
    if(bool_and(is_deleted), max(deleted_at), null) as deleted_at,
    max(load_id) as load_id
from payments
group by order_id
