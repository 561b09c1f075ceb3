{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per comment on a medium of an account on Instagram. Some authors are told by handle only.
with picked as ({{ newest_rows("instagram", "comments") }})

select
    'instagram' as source,
    _native_id as native_id,
    md5('instagram|message|' || id) as message_id,
    'instagram' as network,
    if(parent_id is null, 'comment', 'reply') as message_kind,
    md5('instagram|thread|' || coalesce(parent_id, id)) as thread_id,
    md5('instagram|message|' || parent_id) as parent_message_id,
    md5('instagram|post|' || media_id) as post_id,
    coalesce(author_id_key, username_key) as author_profile_key,
    _account_id as account_id,
    if(is_own, 'outbound', 'inbound') as direction,
    not coalesce(hidden, false) as is_public,
    created_at as sent_at,
    if(is_deleted, null, text) as text,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
