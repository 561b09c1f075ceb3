-- One row per account of the brand on Mastodon.
with picked as ({{ newest_rows("mastodon", "accounts") }})

select
    'mastodon' as source,
    _native_id as native_id,
    id as account_id,
    'mastodon' as network,
    handle,
    display_name as name,
    null::varchar as brand_id,
    'UTC' as native_time_zone,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
