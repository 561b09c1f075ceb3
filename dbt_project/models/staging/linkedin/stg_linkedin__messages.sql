{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per comment below a post of a page on LinkedIn. Comments have one level: what answers one is a reply in its
-- thread.
with picked as ({{ newest_rows("linkedin", "comments") }})

select
    'linkedin' as source,
    _native_id as native_id,
    md5('linkedin|message|' || urn) as message_id,
    'linkedin' as network,
    if(parent_urn is null, 'comment', 'reply') as message_kind,
    md5('linkedin|thread|' || coalesce(parent_urn, urn)) as thread_id,
    md5('linkedin|message|' || parent_urn) as parent_message_id,
    md5('linkedin|post|' || post_id) as post_id,
    actor_key as author_profile_key,
    _account_id as account_id,
    if(is_own, 'outbound', 'inbound') as direction,
    true as is_public,
    created_at as sent_at,
    if(is_deleted, null, text) as text,
    modified_at as updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
