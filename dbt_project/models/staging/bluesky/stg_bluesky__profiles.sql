-- One row per person's profile on Bluesky.
with picked as ({{ newest_rows("bluesky", "profiles") }})

select
    'bluesky' as source,
    _native_id as native_id,
    did_key as profile_key,
    'bluesky' as network,
    handle_key,
    display_name_key,
    display_name_masked,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
