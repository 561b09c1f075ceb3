-- One row per cost: the newest version of each.
with picked as ({{ staged("costs") }})

select
    _source as source,
    _native_id as native_id,
    cost_id,
    kind,
    channel,
    account_id,
    campaign,
    cost_date,
    minutes,
    amount_minor,
    currency,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
