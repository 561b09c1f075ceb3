-- One row per person's account on Mastodon.
with picked as ({{ newest_rows("mastodon", "profiles") }})

select
    'mastodon' as source,
    _native_id as native_id,
    id_key as profile_key,
    'mastodon' as network,
    handle_key,
    display_name_key,
    display_name_masked,
    is_bot as is_bot_hint,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
