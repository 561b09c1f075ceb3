-- One row per profile of the brand that Sprout Social manages. Its days are UTC.
with picked as ({{ newest_rows("sprout", "accounts") }})

select
    'sprout' as source,
    'sprout|' || _native_id as native_id,
    native_id as account_id,
    network,
    native_name as handle,
    name,
    null::varchar as brand_id,
    'UTC' as native_time_zone,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
