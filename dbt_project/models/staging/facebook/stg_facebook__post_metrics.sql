{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per figure of a post of a page on Facebook and night. Names that Meta replaced go on as one series; the raw
-- table has the name that was asked for. Paid reach is in all of them.
with
    picked as ({{ newest_rows("facebook", "metrics") }}),

    posts as (select post_id from {{ ref("stg_facebook__posts") }}),

    videos as (select distinct id, post_id from {{ source("facebook", "videos") }}),

    placed as (
        select picked.*, coalesce(videos.post_id, picked.object_id) as post
        from picked
        left join videos on picked.object_kind = 'videos' and videos.id = picked.object_id
        where picked.object_kind in ('posts', 'videos') and picked.period = 'lifetime'
    )

select
    'facebook' as source,
    placed._native_id as native_id,
    posts.post_id,
    'facebook' as network,
    case
        when placed.metric in ('post_media_view', 'post_impressions')
        then 'impressions'
        when placed.metric in ('post_total_media_view_unique', 'post_impressions_unique')
        then 'reach'
        when placed.metric = 'post_clicks'
        then 'clicks'
        when placed.metric = 'post_reactions_like_total'
        then 'likes'
        when placed.metric = 'post_reactions_by_type_total'
        then concat_ws('_', 'reactions', placed.breakdown)
        else concat_ws('_', placed.metric, placed.breakdown)
    end as metric,
    'lifetime' as basis,
    left(placed.slot, 10)::date as metric_date,
    placed.value,
    false as is_organic_only,
    placed._observed_at as observed_at,
    placed.is_deleted,
    placed.deleted_at,
    placed.load_id
from placed
inner join posts on posts.post_id = md5('facebook|post|' || placed.post)
