-- One row per refund of an order: the newest version of each.
with picked as ({{ staged("refunds") }})

select
    _source as source,
    _native_id as native_id,
    refund_id,
    order_id,
    refunded_at,
    amount_minor,
    currency,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
