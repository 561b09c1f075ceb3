{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per reaction to a post of a page on Facebook. The network does not say when: the first sight stands in.
with picked as ({{ newest_rows("facebook", "reactions") }})

select
    'facebook' as source,
    _native_id as native_id,
    md5('facebook|reaction|' || _native_id) as reaction_id,
    'facebook' as network,
    case
        when lower(reaction_type) in ('love', 'haha', 'wow', 'sad', 'angry')
        then lower(reaction_type)
        when reaction_type = 'CARE'
        then 'love'
        else 'like'
    end as act,
    actor_id_key as profile_key,
    _account_id as account_id,
    'post' as target_kind,
    md5('facebook|post|' || post_id) as target_id,
    first_observed_at as reacted_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
