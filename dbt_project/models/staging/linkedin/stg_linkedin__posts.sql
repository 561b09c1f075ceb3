{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per post of a page on LinkedIn.
with picked as ({{ newest_rows("linkedin", "posts") }})

select
    'linkedin' as source,
    _native_id as native_id,
    md5('linkedin|post|' || id) as post_id,
    'linkedin' as network,
    _account_id as account_id,
    case
        when parent_urn is not null
        then 'share'
        when is_article
        then 'article'
        when starts_with(media_urn, 'urn:li:video:')
        then 'video'
        else 'post'
    end as post_kind,
    published_at,
    if(is_deleted, null, text) as text,
    'https://www.linkedin.com/feed/update/' || id as url,
    md5('linkedin|post|' || parent_urn) as parent_post_id,
    modified_at as updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
