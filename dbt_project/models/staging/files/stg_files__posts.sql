{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per post: the newest version of each.
with picked as ({{ staged("posts") }})

select
    _source as source,
    _native_id as native_id,
    md5(network || '|post|' || post_id) as post_id,
    network,
    account_id,
    author_profile_id_key as author_profile_key,
    post_kind,
    published_at,
    if(is_deleted, null, text) as text,
    language_hint,
    url,
    campaign,
    is_paid,
    is_boosted,
    md5(network || '|post|' || parent_post_id) as parent_post_id,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
