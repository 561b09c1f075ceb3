-- One row per page of the brand on Facebook, whose days end at midnight Pacific time.
with picked as ({{ newest_rows("facebook", "accounts") }})

select
    'facebook' as source,
    _native_id as native_id,
    id as account_id,
    'facebook' as network,
    username as handle,
    name,
    null::varchar as brand_id,
    'America/Los_Angeles' as native_time_zone,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
