-- One row per person who did something on an account of the brand on Instagram.
with picked as ({{ newest_rows("instagram", "profiles") }})

select
    'instagram' as source,
    _native_id as native_id,
    id_key as profile_key,
    'instagram' as network,
    username_key as handle_key,
    null::varchar as display_name_key,
    null::varchar as display_name_masked,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
