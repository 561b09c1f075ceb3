-- One row per page of an organisation of the brand on LinkedIn.
with picked as ({{ newest_rows("linkedin", "accounts") }})

select
    'linkedin' as source,
    _native_id as native_id,
    urn as account_id,
    'linkedin' as network,
    vanity_name as handle,
    name,
    null::varchar as brand_id,
    'UTC' as native_time_zone,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
