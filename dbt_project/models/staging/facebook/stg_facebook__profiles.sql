-- One row per person who did something on a page of the brand on Facebook.
with picked as ({{ newest_rows("facebook", "profiles") }})

select
    'facebook' as source,
    _native_id as native_id,
    id_key as profile_key,
    'facebook' as network,
    null::varchar as handle_key,
    name_key as display_name_key,
    name_masked as display_name_masked,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
