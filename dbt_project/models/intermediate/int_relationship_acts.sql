{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('touched_relationships', touched_conversations(ref('int_messages_enriched'), 'source_id')) }}",
            "{{ delete_noted('not is_message or conversation_id in (from touched_relationships)') }}",
        ],
    )
}}

-- Acts that are no messages depend on lookups of others: they are written anew each time.
-- One row per act between a person and the brand: a turn, a personal reply, a reaction, an answer among peers, a good
-- review, an answer to a survey, a date with a purchase. `act_hash` says in 64 bits what the row says.
with
    -- Read anew by each kind of act: keeping all messages of a large night costs more than that.
    messages as not materialized(
        select *
        from {{ ref("int_messages_enriched") }}
        where
            not (is_deleted or is_bot or is_automated)
            {% if is_incremental() -%} and conversation_id in (from touched_relationships) {%- endif %}
    ),

    brands as (select * from {{ ref("int_brands") }}),

    default_brand as (select min(brand_id) as brand_id from {{ ref("brands") }} where is_default),

    message_acts as (
        select
            'turn' as act,
            person_id,
            min(brand_id) as brand_id,
            turn_id as source_id,
            conversation_id,
            min(sent_at) as occurred_at,
            min(first_human_at) as answered_at,
            bool_or(needs_reply) as needs_reply
        from messages
        where turn_id is not null and person_id is not null
        group by person_id, turn_id, conversation_id
        union all
        -- Proactive: the brand speaks before the person ever did in that conversation.
        select
            case when replies.sent_at < coalesce(openings.first_at, 'infinity') then 'proactive_reply' else 'reply' end,
            replies.target_person_id,
            replies.brand_id,
            replies.message_id,
            replies.conversation_id,
            replies.sent_at,
            null,
            null
        from (select * from messages where direction = 'outbound' and target_person_id is not null) as replies
        left join
            (
                select conversation_id, person_id as target_person_id, min(sent_at) as first_at
                from messages
                where direction = 'inbound'
                group by conversation_id, person_id
            ) as openings using (conversation_id, target_person_id)
        union all
        select 'peer_answer', person_id, brand_id, message_id, conversation_id, sent_at, null, null
        from messages
        where direction = 'peer' and person_id is not null and is_meaningful and not is_brand_actor
        union all
        select 'good_review', person_id, brand_id, message_id, conversation_id, messages.sent_at, null, null
        from messages
        inner join
            (select message_id, rating from {{ every("messages") }} where rating >= 4) as rated using (message_id)
        where messages.message_kind = 'review' and direction = 'inbound' and person_id is not null
    ),

    excluded_people as ({{ no_audience() }}),

    dated as (
        select
            message_acts.*,
            true as is_message,
            {{ local_date("message_acts.occurred_at", "brands.time_zone") }} as act_date,
            {{ local_date("message_acts.answered_at", "brands.time_zone") }} as answered_date,
            -- An unanswered turn counts once a day has passed.
            {{ local_date("(message_acts.occurred_at + " ~ one_day() ~ ")", "brands.time_zone") }} as mature_date,
            (epoch_us(message_acts.answered_at) - epoch_us(message_acts.occurred_at)) / 60000000.0 as response_minutes
        from message_acts
        inner join brands using (brand_id)
    ),

    placed as (
        select *
        from dated
        where act <> 'turn'
        union all by name
        -- Which turn of the person it is in the conversation. Both hashes would have to collide.
        select *, row_number() over conversation as turn_number, lag(act_date) over conversation as previous_turn_date
        from dated
        where act = 'turn'
        window conversation as (partition by hash(person_id), hash(conversation_id) order by occurred_at, source_id)
        union all by name
        select
            act,
            person_id,
            coalesce(others.brand_id, default_brand.brand_id) as brand_id,
            source_id,
            false as is_message,
            act_date,
            order_count,
            revenue_minor,
            margin_minor,
            answer_share
        from {{ ref("int_relationship_other_acts") }} as others
        cross join default_brand
    )

select *, {{ row_hash("placed") }} as act_hash
from placed
anti join excluded_people using (person_id)
