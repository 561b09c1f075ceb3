{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="message_id") }}

-- One row per message: its turn and the first answers that came. Each column is a function of its own conversation.
with
    {% if is_incremental() -%} touched as ({{ touched_conversations(ref("int_messages_addressed")) }}), {%- endif %}

    addressed as {{ "materialized" if is_incremental() else "not materialized" }} (
        select *
        from {{ ref("int_messages_addressed") }}
        {% if is_incremental() -%} semi join touched using (conversation_id) {%- endif %}
    ),

    -- To whom the brand speaks where nothing else says it: to whoever wrote last before.
    spoken_before as (
        select outbound.message_id, inbound.party
        from (select * from addressed where direction = 'outbound' and not is_deleted and party is null) as outbound
        asof inner join
            (
                select conversation_id, sent_at, party
                from addressed
                where
                    direction = 'inbound'
                    and is_audience
                    and conversation_id in (
                        select conversation_id
                        from addressed
                        where direction = 'outbound' and not is_deleted and party is null
                    )
            ) as inbound
            on inbound.conversation_id = outbound.conversation_id
            and inbound.sent_at <= outbound.sent_at
    ),

    met as (
        select
            addressed.message_id,
            coalesce(addressed.party, spoken_before.party) as party,
            addressed.direction = 'inbound' and addressed.is_audience as is_asking,
            addressed.direction = 'outbound' as is_outbound,
            addressed.is_automated,
            addressed.agent_id,
            addressed.sent_at,
            -- Two hashes of 64 bits sort much faster than two texts; both would have to collide.
            hash(addressed.conversation_id) as conversation_hash,
            hash(coalesce(addressed.party, spoken_before.party)) as party_hash
        from addressed
        left join spoken_before using (message_id)
    ),

    -- A turn of a person ends with an outbound message to them or with five minutes of silence.
    openings as (
        select
            *,
            is_asking
            and coalesce(
                lag(is_outbound) over turns or {{ is_silence("lag(sent_at) over turns", "sent_at") }}, true
            ) as is_opening
        from met
        where party is not null
        -- What was sent in the same instant as the message it answers comes after it.
        window turns as (partition by conversation_hash, party_hash order by sent_at, is_outbound, message_id)
    ),

    answered as (
        select
            message_id,
            party,
            if(is_asking, last_value(if(is_opening, message_id, null) ignore nulls) over before, null) as turn_id,
            first_value(if(is_outbound and is_automated, sent_at, null) ignore nulls) over after as first_bot_at,
            first_value(
                if(is_outbound and not is_automated, {'sent_at':sent_at, 'agent_id':agent_id}, null) ignore nulls
            ) over after as first_human
        from openings
        window
            before as (
                partition by conversation_hash, party_hash
                order by sent_at, is_outbound, message_id
                rows between unbounded preceding and current row
            ),
            after as (
                partition by conversation_hash, party_hash
                order by sent_at, is_outbound, message_id
                rows between current row and unbounded following
            )
    )

select
    addressed.message_id,
    addressed.conversation_id,
    identified.is_orphan,
    messages.network,
    addressed.brand_id,
    addressed.account_id,
    messages.message_kind,
    messages.post_id,
    addressed.direction,
    messages.is_public,
    addressed.is_automated,
    identified.is_brand_actor,
    identified.is_bot,
    addressed.agent_id,
    addressed.sent_at,
    addressed.is_deleted,
    identified.is_meaningful,
    if(addressed.direction = 'outbound', null, identified.author_person_id) as person_id,
    -- Persons begin so; else it is a message whose author the source does not name.
    if(
        addressed.direction = 'outbound' and starts_with(answered.party, 'p_'), answered.party, null
    ) as target_person_id,
    addressed.needs_reply,
    answered.turn_id,
    if(answered.turn_id is null, null, answered.first_bot_at) as first_bot_at,
    if(answered.turn_id is null, null, answered.first_human.sent_at) as first_human_at,
    if(answered.turn_id is null, null, answered.first_human.agent_id) as first_human_agent_id,
    {{ newest_load() }} as load_id
from addressed
inner join {{ ref("int_messages_identified") }} as identified using (message_id)
inner join {{ every("messages") }} as messages using (message_id)
left join answered using (message_id)
