-- One row per account of the brand on X.
with picked as ({{ newest_rows("x", "accounts") }})

select
    'x' as source,
    _native_id as native_id,
    id as account_id,
    'x' as network,
    username as handle,
    name,
    null::varchar as brand_id,
    'UTC' as native_time_zone,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
