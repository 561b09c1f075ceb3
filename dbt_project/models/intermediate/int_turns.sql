{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('touched_turns', touched_conversations(ref('int_messages_enriched'), 'turn_id')) }}",
            "{{ delete_noted('conversation_id in (from touched_turns)') }}",
        ],
    )
}}

-- One row per turn: messages of one person to the brand that nobody answered in between and no
-- five minutes separate.
-- A turn is called after its first message; the answers after that one are the turn's: none lies
-- inside a turn.
with
    messages as (
        select *
        from {{ ref("int_messages_enriched") }}
        where turn_id is not null {% if is_incremental() -%} and conversation_id in (from touched_turns) {%- endif %}
    ),

    -- Most turns have one message, so that only the others are counted.
    later as (
        select
            turn_id,
            count(*) as message_count,
            count(*) filter (is_orphan) as missing_parent_count,
            bool_or(needs_reply) as needs_reply
        from messages
        where message_id <> turn_id
        group by turn_id
    )

select
    openings.turn_id,
    openings.conversation_id,
    openings.person_id,
    openings.network,
    openings.brand_id,
    openings.account_id,
    openings.sent_at as opened_at,
    1 + coalesce(later.message_count, 0) as message_count,
    openings.is_orphan::int + coalesce(later.missing_parent_count, 0) as missing_parent_count,
    openings.needs_reply or coalesce(later.needs_reply, false) as needs_reply,
    openings.first_bot_at,
    openings.first_human_at,
    openings.first_human_agent_id as agent_id
from messages as openings
left join later using (turn_id)
where openings.message_id = openings.turn_id
