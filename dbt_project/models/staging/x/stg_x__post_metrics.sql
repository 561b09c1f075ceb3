{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per counter of a post of the brand on X and night. The network counts paid views as well.
with picked as ({{ newest_rows("x", "metrics") }}), posts as (select post_id from {{ ref("stg_x__posts") }})

select
    'x' as source,
    picked._native_id as native_id,
    posts.post_id,
    'x' as network,
    picked.metric,
    'lifetime' as basis,
    left(picked.slot, 10)::date as metric_date,
    picked.value,
    false as is_organic_only,
    picked._observed_at as observed_at,
    picked.is_deleted,
    picked.deleted_at,
    picked.load_id
from picked
inner join posts on posts.post_id = md5('x|post|' || picked.object_id)
where picked.object_kind = 'posts'
