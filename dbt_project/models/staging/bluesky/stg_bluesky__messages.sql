{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per message on Bluesky: answers in the brand's threads and in threads that it answered, and quotes of its
-- posts.
with
    picked as ({{ newest_rows("bluesky", "posts") }}),

    placed as (
        select
            *,
            'at://' || _account_id || '/' as own_prefix,
            starts_with(root_uri, own_prefix) as is_in_own_thread,
            starts_with(parent_uri, own_prefix) or starts_with(quoted_uri, own_prefix) as is_at_brand
        from picked
        where not is_own or root_uri is not null
    )

select
    'bluesky' as source,
    _native_id as native_id,
    md5('bluesky|message|' || uri) as message_id,
    'bluesky' as network,
    case
        when root_uri is null then 'mention' when parent_uri = root_uri and is_in_own_thread then 'comment' else 'reply'
    end as message_kind,
    md5('bluesky|thread|' || coalesce(root_uri, uri)) as thread_id,
    -- The brand's own post that begins a thread is no message.
    md5('bluesky|message|' || if(parent_uri = root_uri and is_in_own_thread, null, parent_uri)) as parent_message_id,
    md5('bluesky|post|' || coalesce(if(is_in_own_thread, root_uri, null), quoted_uri)) as post_id,
    author_did_key as author_profile_key,
    _account_id as account_id,
    case
        when is_own then 'outbound' when coalesce(is_in_own_thread, is_at_brand, false) then 'inbound' else 'peer'
    end as direction,
    true as is_public,
    indexed_at as sent_at,
    if(is_deleted, null, text) as text,
    lower(left(json_extract_string(languages, '$[0]'), 2)) as language_hint,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from placed
