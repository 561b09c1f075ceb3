{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per message between people and the brand: the newest version of each.
with picked as ({{ staged("messages") }})

select
    _source as source,
    _native_id as native_id,
    md5(network || '|message|' || message_id) as message_id,
    network,
    message_kind,
    md5(network || '|thread|' || thread_id) as thread_id,
    md5(network || '|message|' || parent_message_id) as parent_message_id,
    md5(network || '|post|' || post_id) as post_id,
    author_profile_id_key as author_profile_key,
    to_profile_id_key as to_profile_key,
    account_id,
    direction,
    is_public,
    is_automated,
    agent_id,
    sent_at,
    if(is_deleted, null, text) as text,
    language_hint,
    rating,
    case_id,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
