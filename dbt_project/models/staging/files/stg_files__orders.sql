{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per order: the newest version of each.
with picked as ({{ staged("orders") }})

select
    _source as source,
    _native_id as native_id,
    order_id,
    contact_id,
    email_key,
    email_masked,
    ordered_at,
    status,
    gross_minor,
    tax_minor,
    shipping_minor,
    discount_minor,
    currency,
    coupon_code,
    item_count,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
