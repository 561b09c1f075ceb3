{{ config(materialized="view") }}

-- One row per message as a touch: the brand's reply touches the person it is written to, a person's act its author.
with messages as (select * from {{ ref("int_messages_enriched") }})

select
    messages.message_id as touch_id,
    case when messages.direction = 'outbound' then messages.target_person_id else messages.person_id end as person_id,
    messages.network as channel_id,
    cast(null as varchar) as campaign,
    case
        when messages.direction = 'outbound'
        then 'personal_reply'
        when messages.message_kind in ('mention', 'review')
        then messages.message_kind
        when messages.message_kind in ('dm', 'chat', 'email', 'ticket_comment')
        then 'dm'
        else 'comment'
    end as touch_type,
    false as is_direct,
    messages.sent_at as touched_at,
    'messages' as source_kind,
    messages.message_id as source_id,
    case
        when messages.is_deleted
        then 'deleted'
        when messages.is_automated
        then 'automated'
        when messages.direction = 'peer'
        then 'between_people'
    end as left_out_reason
from messages
