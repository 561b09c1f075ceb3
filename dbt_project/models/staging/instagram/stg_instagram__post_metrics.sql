{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per figure of a medium or story of an account on Instagram and slot. Likes and comments are the counters of
-- the medium, which are never late. Meta calls impressions views by now; the raw table has its own names.
with
    picked as ({{ newest_rows("instagram", "metrics") }}),

    posts as (select post_id from {{ ref("stg_instagram__posts") }})

select
    'instagram' as source,
    picked._native_id as native_id,
    posts.post_id,
    'instagram' as network,
    case
        picked.metric
        when 'views'
        then 'impressions'
        when 'like_count'
        then 'likes'
        when 'comments_count'
        then 'comments'
        when 'saved'
        then 'saves'
        else concat_ws('_', picked.metric, picked.breakdown)
    end as metric,
    'lifetime' as basis,
    left(picked.slot, 10)::date as metric_date,
    picked.value,
    false as is_organic_only,
    picked._observed_at as observed_at,
    picked.is_deleted,
    picked.deleted_at,
    picked.load_id
from picked
inner join posts on posts.post_id = md5('instagram|post|' || picked.object_id)
where picked.object_kind in ('media', 'stories') and picked.metric not in ('likes', 'comments')
