-- One row per message on X: answers, mentions and quotes by others, and answers by the brand. What is answered or
-- quoted may be named by the id of any of its edits; it is known by its first one.
with
    picked as ({{ newest_rows("x", "posts") }}),

    ids as (
        select
            unnest(from_json(edit_history, '["VARCHAR"]')) as any_id,
            first_id,
            is_own,
            is_own and replied_to_id is null as is_own_post,
            load_id
        from picked
    ),

    said as (select * from picked where reposted_id is null and (not is_own or replied_to_id is not null)),

    placed as (
        select
            said.*,
            coalesce(parents.first_id, said.replied_to_id) as parent_id,
            coalesce(parents.is_own_post, false) as answers_own_post,
            coalesce(roots.first_id, said.conversation_id) as root_id,
            coalesce(roots.is_own, false) as is_in_own_thread,
            case
                when roots.is_own_post then roots.first_id when quotes.is_own_post then quotes.first_id
            end as under_post_id,
            coalesce(parents.is_own or quotes.is_own, false) as is_at_brand,
            -- What is learnt of a parent later changes its answers, too.
            greatest(said.load_id, parents.load_id, roots.load_id, quotes.load_id) as last_load_id
        from said
        left join ids as parents on parents.any_id = said.replied_to_id
        left join ids as roots on roots.any_id = said.conversation_id
        left join ids as quotes on quotes.any_id = said.quoted_id
    )

select
    'x' as source,
    _native_id as native_id,
    md5('x|message|' || first_id) as message_id,
    'x' as network,
    case when parent_id is null then 'mention' when answers_own_post then 'comment' else 'reply' end as message_kind,
    md5('x|thread|' || root_id) as thread_id,
    -- The brand's own post that begins a thread is no message.
    md5('x|message|' || if(answers_own_post, null, parent_id)) as parent_message_id,
    md5('x|post|' || under_post_id) as post_id,
    author_id_key as author_profile_key,
    in_reply_to_user_id_key as to_profile_key,
    _account_id as account_id,
    case
        when is_own
        then 'outbound'
        when is_at_account or is_at_brand
        then 'inbound'
        when in_reply_to_user_id_key <> author_id_key
        then 'peer'
        when is_in_own_thread
        then 'inbound'
        else 'peer'
    end as direction,
    true as is_public,
    if(id = first_id, created_at, {{ snowflake_time("first_id") }}) as sent_at,
    if(is_deleted, null, text) as text,
    lower(left(nullif(lang, 'und'), 2)) as language_hint,
    created_at as updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    last_load_id as load_id
from placed
