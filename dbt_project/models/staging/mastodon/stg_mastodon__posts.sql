{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per open status of the brand on Mastodon that begins a thread.
with picked as ({{ newest_rows("mastodon", "statuses") }})

select
    'mastodon' as source,
    _native_id as native_id,
    md5('mastodon|post|' || id) as post_id,
    'mastodon' as network,
    _account_id as account_id,
    author_id_key as author_profile_key,
    'post' as post_kind,
    created_at as published_at,
    if(is_deleted, null, text) as text,
    lower(left(language, 2)) as language_hint,
    url,
    edited_at as updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
where is_own and in_reply_to_id is null
