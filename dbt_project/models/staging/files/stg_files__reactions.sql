{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per reaction of a person: the newest version of each.
with picked as ({{ staged("reactions") }})

select
    _source as source,
    _native_id as native_id,
    md5(network || '|reaction|' || reaction_id) as reaction_id,
    network,
    act,
    profile_id_key as profile_key,
    account_id,
    target_kind,
    if(target_kind = 'account', target_id, md5(network || '|' || target_kind || '|' || target_id)) as target_id,
    reacted_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
