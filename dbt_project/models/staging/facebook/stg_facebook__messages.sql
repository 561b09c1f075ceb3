{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per comment, review and direct message on Facebook. Comments have one level: what answers a comment, and
-- what stands below a review, is a reply in its thread.
with
    comments as ({{ newest_rows("facebook", "comments") }}),

    reviews as ({{ newest_rows("facebook", "reviews") }}),

    direct_messages as ({{ newest_rows("facebook", "direct_messages") }}),

    said as (
        select
            'comment' as raw_kind,
            id,
            if(parent_id is null and place <> 'review', 'comment', 'reply') as message_kind,
            coalesce(parent_id, if(place = 'review', post_id, id)) as thread,
            coalesce(parent_id, if(place = 'review', post_id, null)) as parent,
            if(place = 'review', null, post_id) as post,
            author_id_key,
            null::varchar as to_id_key,
            -- What people tell each other below somebody's own post is not said to the page.
            case when is_own then 'outbound' when place = 'tagged' then 'peer' else 'inbound' end as direction,
            not (coalesce(is_hidden, false) or coalesce(is_private, false)) as is_public,
            created_at,
            message as text,
            null::double as rating,
            _account_id,
            _native_id,
            _observed_at,
            is_deleted,
            deleted_at,
            load_id
        from comments
        union all
        select
            'review',
            id,
            'review',
            id,
            null,
            null,
            author_id_key,
            null,
            'inbound',
            true,
            created_at,
            text,
            rating,
            _account_id,
            _native_id,
            _observed_at,
            is_deleted,
            deleted_at,
            load_id
        from reviews
        union all
        select
            'dm',
            id,
            'dm',
            conversation_id,
            null,
            null,
            author_id_key,
            if(is_own, to_id_key, null),
            if(is_own, 'outbound', 'inbound'),
            false,
            created_at,
            message,
            null,
            _account_id,
            _native_id,
            _observed_at,
            is_deleted,
            deleted_at,
            load_id
        from direct_messages
    )

select
    'facebook' as source,
    raw_kind || '|' || _native_id as native_id,
    md5('facebook|message|' || id) as message_id,
    'facebook' as network,
    message_kind,
    md5('facebook|thread|' || thread) as thread_id,
    md5('facebook|message|' || parent) as parent_message_id,
    md5('facebook|post|' || post) as post_id,
    author_id_key as author_profile_key,
    to_id_key as to_profile_key,
    _account_id as account_id,
    direction,
    is_public,
    created_at as sent_at,
    if(is_deleted, null, text) as text,
    rating,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from said
