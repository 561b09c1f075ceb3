{{ config(materialized="view") }}

-- One row per turn: messages of one person to the brand that nobody answered in between and no five minutes separate.
-- The earliest answers after any message of a turn are those after its opening: no answer lies inside a turn.
select
    turn_id,
    any_value(conversation_id) as conversation_id,
    any_value(person_id) as person_id,
    any_value(network) as network,
    arg_min(brand_id, {'sent_at': sent_at, 'id': message_id}) as brand_id,
    arg_min(account_id, {'sent_at': sent_at, 'id': message_id}) as account_id,
    min(sent_at) as opened_at,
    count(*) as message_count,
    count(*) filter (is_orphan) as missing_parent_count,
    bool_or(needs_reply) as needs_reply,
    min(first_bot_at) as first_bot_at,
    min(first_human_at) as first_human_at,
    arg_min(first_human_agent_id, first_human_at) as agent_id
from {{ ref("int_messages_enriched") }}
where turn_id is not null
group by turn_id
