{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per figure of a post of a page on LinkedIn and night: organic, of the last 12 months.
with
    picked as ({{ newest_rows("linkedin", "metrics") }}),

    posts as (select post_id from {{ ref("stg_linkedin__posts") }})

select
    'linkedin' as source,
    picked._native_id as native_id,
    posts.post_id,
    'linkedin' as network,
    case
        picked.metric
        when 'impressionCount'
        then 'impressions'
        when 'uniqueImpressionsCount'
        then 'reach'
        when 'clickCount'
        then 'clicks'
        when 'shareCount'
        then 'shares'
        when 'likeCount'
        then 'likes'
        when 'commentCount'
        then 'comments'
        when 'comments'
        then 'comments_shown'
        else picked.metric
    end as metric,
    'lifetime' as basis,
    left(picked.slot, 10)::date as metric_date,
    picked.value,
    true as is_organic_only,
    picked._observed_at as observed_at,
    picked.is_deleted,
    picked.deleted_at,
    picked.load_id
from picked
inner join posts on posts.post_id = md5('linkedin|post|' || picked.object_id)
where picked.object_kind = 'posts' and picked.period = 'lifetime'
