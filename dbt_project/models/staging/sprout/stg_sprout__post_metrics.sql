{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per lifetime figure of a post in Sprout Social and night. Paid reach is in them where its network counts it.
with
    picked as ({{ newest_rows("sprout", "metrics") }}),

    posts as (select native_id, post_id, network from {{ ref("stg_sprout__posts") }})

select
    'sprout' as source,
    'sprout|' || picked._native_id as native_id,
    posts.post_id,
    posts.network,
    case
        picked.metric
        when 'impressions_unique'
        then 'reach'
        when 'comments_count'
        then 'comments'
        when 'shares_count'
        then 'shares'
        when 'post_link_clicks'
        then 'clicks'
        else picked.metric
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
inner join posts on posts.native_id = 'sprout|' || picked.object_id
where picked.object_kind = 'posts' and picked.period = 'lifetime'
