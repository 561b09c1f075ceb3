-- One row per profile of the brand on Bluesky.
with picked as ({{ newest_rows("bluesky", "accounts") }})

select
    'bluesky' as source,
    _native_id as native_id,
    did as account_id,
    'bluesky' as network,
    handle,
    display_name as name,
    null::varchar as brand_id,
    'UTC' as native_time_zone,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
