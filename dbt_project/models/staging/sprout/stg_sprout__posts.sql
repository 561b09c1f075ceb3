{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per post of the brand that Sprout Social knows, by the id that its network gave it. Sprout does not say
-- that a
-- post was deleted.
with
    picked as ({{ newest_rows("sprout", "posts") }}),

    committed as ({{ committed_loads("sprout") }}),

    -- All of them, in an incremental build too.
    campaigns as (
        select tag_id, arg_max(text, _ingest_seq) as campaign
        from {{ source("sprout", "tags") }} as tags
        semi join committed on committed.load_id = tags._dlt_load_id
        where type = 'CAMPAIGN'
        group by tag_id
    )

select
    'sprout' as source,
    'sprout|' || picked._native_id as native_id,
    md5(picked.network || '|post|' || coalesce(picked.native_id, picked.guid)) as post_id,
    picked.network,
    picked._account_id as account_id,
    case
        when picked.post_type like '%STORY%'
        then 'story'
        when picked.post_type like '%REEL%'
        then 'reel'
        when picked.post_type like '%VIDEO%'
        then 'video'
        else 'post'
    end as post_kind,
    picked.created_at as published_at,
    picked.text,
    picked.perma_link as url,
    campaigns.campaign,
    picked._observed_at as observed_at,
    picked.is_deleted,
    picked.deleted_at,
    picked.load_id
from picked
left join campaigns on campaigns.tag_id = split_part(picked.tag_ids, ' ', 1)
