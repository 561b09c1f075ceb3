-- One row per brand-owned profile on a network: the newest version of each.
with picked as ({{ staged("accounts") }})

select
    _source as source,
    _native_id as native_id,
    account_id,
    network,
    handle,
    name,
    brand_id,
    native_time_zone,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
