-- One row per message on Mastodon: answers in the brand's threads and in threads that it answered, and what mentions
-- it or its hashtags. A table, since the thread of a status may land after the status.
with
    picked as ({{ newest_rows("mastodon", "statuses") }}),

    threads as ({{ newest_rows("mastodon", "threads") }}),

    own_roots as (select id from picked where is_own and in_reply_to_id is null),

    placed as (
        select
            picked.*,
            coalesce(threads.root_id, picked.in_reply_to_id, picked.id) as root_id,
            own_roots.id is not null as is_in_own_thread,
            greatest(picked.load_id, coalesce(threads.load_id, picked.load_id)) as changed_by_load_id
        from picked
        left join threads on threads.status_id = picked.id
        left join own_roots on own_roots.id = coalesce(threads.root_id, picked.in_reply_to_id)
        where not picked.is_own or picked.in_reply_to_id is not null
    )

select
    'mastodon' as source,
    _native_id as native_id,
    md5('mastodon|message|' || id) as message_id,
    'mastodon' as network,
    case
        when in_reply_to_id is null
        then 'mention'
        when in_reply_to_id = root_id and is_in_own_thread
        then 'comment'
        else 'reply'
    end as message_kind,
    md5('mastodon|thread|' || root_id) as thread_id,
    -- The brand's own status that begins a thread is no message.
    md5(
        'mastodon|message|' || if(in_reply_to_id = root_id and is_in_own_thread, null, in_reply_to_id)
    ) as parent_message_id,
    md5('mastodon|post|' || if(is_in_own_thread, root_id, null)) as post_id,
    author_id_key as author_profile_key,
    to_id_key as to_profile_key,
    _account_id as account_id,
    case when is_own then 'outbound' when is_in_own_thread or is_at_brand then 'inbound' else 'peer' end as direction,
    true as is_public,
    created_at as sent_at,
    if(is_deleted, null, text) as text,
    lower(left(language, 2)) as language_hint,
    edited_at as updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    changed_by_load_id as load_id
from placed
