{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per reaction of a member to a post of a page on LinkedIn.
with picked as ({{ newest_rows("linkedin", "reactions") }})

select
    'linkedin' as source,
    _native_id as native_id,
    md5('linkedin|reaction|' || _native_id) as reaction_id,
    'linkedin' as network,
    case reaction_type when 'EMPATHY' then 'love' when 'ENTERTAINMENT' then 'haha' else 'like' end as act,
    actor_key as profile_key,
    _account_id as account_id,
    'post' as target_kind,
    md5('linkedin|post|' || post_id) as target_id,
    reacted_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
