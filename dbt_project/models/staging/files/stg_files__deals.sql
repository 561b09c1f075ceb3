-- One row per state of a deal: the newest version of each.
with picked as ({{ staged("deals") }})

select
    _source as source,
    _native_id as native_id,
    deal_id,
    pipeline,
    stage,
    stage_category,
    amount_minor,
    currency,
    created_at,
    close_date,
    owner_id,
    company_id,
    product,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
