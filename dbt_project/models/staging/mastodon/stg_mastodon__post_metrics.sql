{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per counter of a status of the brand on Mastodon and night. The brand's own server counts whatever reached
-- it, all of it organic; partial counts of other servers' statuses are left out with those statuses.
with
    picked as ({{ newest_rows("mastodon", "metrics") }}),
    posts as (select post_id from {{ ref("stg_mastodon__posts") }})

select
    'mastodon' as source,
    picked._native_id as native_id,
    posts.post_id,
    'mastodon' as network,
    case picked.metric when 'favourites' then 'likes' when 'reblogs' then 'reposts' else picked.metric end as metric,
    'lifetime' as basis,
    left(picked.slot, 10)::date as metric_date,
    picked.value,
    true as is_organic_only,
    picked._observed_at as observed_at,
    picked.is_deleted,
    picked.deleted_at,
    picked.load_id
from picked
inner join posts on posts.post_id = md5('mastodon|post|' || picked.object_id)
where picked.object_kind = 'statuses'
