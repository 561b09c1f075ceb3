{#- What comes later than this is no longer about the same thing. -#}
{% set patience = "interval 14 days" %}

-- One row per conversation that a person opened with a negative message: the first answer, and how the person spoke
-- afterwards, there and with the brand at all.
with
    -- Read anew by each step: few columns of a few messages are needed at a time.
    messages as not materialized(select * from {{ ref("message_sentiments") }} where not is_deleted),

    windows as (select brand_id, observed_until from {{ ref("int_observation_windows") }} where domain = 'messages'),

    replies as not materialized(
        select conversation_id, sent_at
        from {{ ref("int_messages_enriched") }}
        where direction = 'outbound' and not is_deleted
    ),

    first_messages as (
        select min({'sent_at':sent_at, 'message_id':message_id}) as said
        from messages
        where conversation_id in (select conversation_id from messages where label = 'neg')
        group by conversation_id
    ),

    openings as (
        select messages.*, messages.sent_at + {{ patience }} <= windows.observed_until as is_mature
        from messages
        inner join first_messages on first_messages.said.message_id = messages.message_id
        inner join windows using (brand_id)
        where messages.label = 'neg'
    ),

    -- How often the same person had spoken with the brand before.
    placed as (
        select
            message_id,
            row_number() over (partition by brand_id, person_id order by sent_at, message_id) - 1 as earlier_count
        from messages
        semi join openings using (brand_id, person_id)
    ),

    answered as (
        select openings.message_id, min(replies.sent_at) as first_reply_at
        from openings
        inner join
            replies
            on replies.conversation_id = openings.conversation_id
            and replies.sent_at >= openings.sent_at
            and replies.sent_at <= openings.sent_at + {{ patience }}
        group by openings.message_id
    ),

    -- What the same person said after the answer or, without one, after the opening.
    later as (
        select
            openings.message_id,
            arg_max(
                {'label':messages.label, 'is_thanks':messages.is_speech_act},
                {'sent_at':messages.sent_at, 'id':messages.message_id}
            ) filter (messages.conversation_id = openings.conversation_id) as last_there,
            arg_max(messages.score, {'sent_at':messages.sent_at, 'id':messages.message_id}) filter (
                messages.label <> 'unscored' and messages.score is not null
            ) as last_score
        from openings
        left join answered using (message_id)
        inner join
            messages
            on messages.person_id = openings.person_id
            and messages.brand_id = openings.brand_id
            and messages.sent_at > coalesce(answered.first_reply_at, openings.sent_at)
            and messages.sent_at <= openings.sent_at + {{ patience }}
            and messages.message_id <> openings.message_id
        group by openings.message_id
    )

select
    openings.conversation_id,
    openings.message_id,
    openings.person_id,
    openings.brand_id,
    openings.network,
    openings.lang,
    openings.sent_at as opened_at,
    openings.score as first_score,
    coalesce(placed.earlier_count, 0) as earlier_count,
    openings.is_mature,
    answered.first_reply_at,
    if(answered.first_reply_at is null, null, later.last_there.label) as last_label_after_reply,
    if(answered.first_reply_at is null, null, later.last_there.is_thanks) as is_thanks,
    later.last_score - openings.score as score_delta
from openings
left join answered using (message_id)
left join later using (message_id)
left join placed using (message_id)
