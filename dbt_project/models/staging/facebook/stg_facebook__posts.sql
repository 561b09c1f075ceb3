{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per post of a page on Facebook, or by others on it or tagging it.
with picked as ({{ newest_rows("facebook", "posts") }})

select
    'facebook' as source,
    _native_id as native_id,
    md5('facebook|post|' || id) as post_id,
    'facebook' as network,
    if(place = 'published', _account_id, null) as account_id,
    author_id_key as author_profile_key,
    case status_type when 'added_video' then 'video' when 'shared_story' then 'share' else 'post' end as post_kind,
    created_at as published_at,
    if(is_deleted, null, coalesce(message, story)) as text,
    permalink_url as url,
    promotion_status = 'active' as is_boosted,
    md5('facebook|post|' || parent_id) as parent_post_id,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
