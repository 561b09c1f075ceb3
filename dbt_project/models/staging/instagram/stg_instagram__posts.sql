{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per post, reel and story of an account on Instagram, and per medium of others that tags it. Of the authors
-- of those only the handle is told.
with
    media as ({{ newest_rows("instagram", "media") }}),

    stories as ({{ newest_rows("instagram", "stories") }}),

    tags as ({{ newest_rows("instagram", "tags") }}),

    published as (
        select *, 'media' as raw_kind
        from media
        union all by name
        select *, 'story' as raw_kind
        from stories
        union all by name
        select *, 'tag' as raw_kind
        from tags
    )

select
    'instagram' as source,
    raw_kind || '|' || _native_id as native_id,
    md5('instagram|post|' || id) as post_id,
    'instagram' as network,
    if(raw_kind = 'tag', null, _account_id) as account_id,
    username_key as author_profile_key,
    case
        when raw_kind = 'story'
        then 'story'
        when media_product_type = 'REELS'
        then 'reel'
        when media_type = 'VIDEO'
        then 'video'
        else 'post'
    end as post_kind,
    created_at as published_at,
    if(is_deleted, null, caption) as text,
    permalink as url,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from published
