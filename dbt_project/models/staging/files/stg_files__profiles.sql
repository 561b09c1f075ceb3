-- One row per person's profile on a network: the newest version of each.
with picked as ({{ staged("profiles") }})

select
    _source as source,
    _native_id as native_id,
    profile_id_key as profile_key,
    network,
    handle_key,
    display_name_key,
    display_name_masked,
    email_key,
    email_masked,
    language,
    location,
    bio,
    follower_count,
    following_count,
    is_verified,
    is_bot_hint,
    is_brand_actor,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
