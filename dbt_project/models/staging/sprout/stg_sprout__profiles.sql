-- One row per person who wrote to the brand, as the newest message in Sprout Social shows the profile.
with picked as ({{ newest_rows("sprout", "messages") }})

select
    'sprout' as source,
    'sprout|' || author_key as native_id,
    author_key as profile_key,
    network,
    author_key as handle_key,
    author_name_key as display_name_key,
    author_name_masked as display_name_masked,
    _observed_at as observed_at,
    false as is_deleted,
    null::timestamptz as deleted_at,
    load_id
from picked
where not is_sent and author_key <> ''
qualify row_number() over (partition by author_key order by created_at desc, guid desc) = 1
