{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per post of the brand on Bluesky that begins a thread.
with picked as ({{ newest_rows("bluesky", "posts") }})

select
    'bluesky' as source,
    _native_id as native_id,
    md5('bluesky|post|' || uri) as post_id,
    'bluesky' as network,
    _account_id as account_id,
    author_did_key as author_profile_key,
    if(quoted_uri is null, 'post', 'share') as post_kind,
    indexed_at as published_at,
    if(is_deleted, null, text) as text,
    lower(left(json_extract_string(languages, '$[0]'), 2)) as language_hint,
    'https://bsky.app/profile/' || _account_id || '/post/' || split_part(uri, '/', -1) as url,
    md5('bluesky|post|' || quoted_uri) as parent_post_id,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
where is_own and root_uri is null
