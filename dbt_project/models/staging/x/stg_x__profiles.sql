-- One row per person's profile on X.
with picked as ({{ newest_rows("x", "profiles") }})

select
    'x' as source,
    _native_id as native_id,
    id_key as profile_key,
    'x' as network,
    username_key as handle_key,
    name_key as display_name_key,
    name_masked as display_name_masked,
    follower_count,
    following_count,
    verified as is_verified,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
