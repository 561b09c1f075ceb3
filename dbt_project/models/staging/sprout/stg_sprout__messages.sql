{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per message to or by the brand in Sprout Social. The brand's own posts are none. Messages of one case are one
-- thread; of all others Sprout does not say what they answer.
with picked as ({{ newest_rows("sprout", "messages") }})

select
    'sprout' as source,
    'sprout|' || _native_id as native_id,
    md5(network || '|message|' || coalesce(native_id, guid)) as message_id,
    network,
    case
        when post_category = 'DM' or post_type like '%PRIVATE_MESSAGE%' or post_type like '%DIRECT_MESSAGE%'
        then 'dm'
        when post_category = 'REVIEW' or post_type like '%REVIEW%'
        then 'review'
        when post_category = 'REPLY' or post_type like '%REPLY%'
        then 'reply'
        when post_category = 'COMMENT' or post_type like '%COMMENT%'
        then 'comment'
        when is_sent
        then 'reply'
        else 'mention'
    end as message_kind,
    md5(network || '|thread|' || coalesce('case ' || case_id, native_id, guid)) as thread_id,
    author_key as author_profile_key,
    _account_id as account_id,
    if(is_sent, 'outbound', 'inbound') as direction,
    not (post_category = 'DM' or post_type like '%PRIVATE_MESSAGE%' or post_type like '%DIRECT_MESSAGE%') as is_public,
    agent_id,
    created_at as sent_at,
    text,
    lower(left(nullif(language_code, 'und'), 2)) as language_hint,
    case_id,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
where not is_sent or post_category is distinct from 'POST'
