{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="message_id") }}

-- One row per message: which brand it concerns, the party, the person with whom the brand talks by it, and whether it
-- asks for an answer.
-- Every column is a function of the message's own conversation.
with
    default_brand as (select min(brand_id) as brand_id from {{ ref("brands") }} where is_default),

    {% if is_incremental() -%} touched as ({{ touched_conversations(ref("int_messages_identified")) }}), {%- endif %}

    messages as {{ "materialized" if is_incremental() else "not materialized" }} (
        select
            * exclude (load_id),
            -- Whom one meets: the person, or the message itself where the source names no author.
            if(is_audience, coalesce(author_person_id, message_id), null) as author_party
        from {{ ref("int_messages_identified") }}
        {% if is_incremental() -%} semi join touched using (conversation_id) {%- endif %}
    ),

    conversations as (
        select
            conversation_id,
            if(min(author_party) = max(author_party), min(author_party), null) as only_party,
            arg_min(
                {'account_id':own_account_id, 'brand_id':account_brand_id}, {'sent_at':sent_at, 'id':message_id}
            ) filter (own_account_id is not null) as first_account
        from messages
        group by conversation_id
    ),

    parents as (
        select
            message_id,
            conversation_id,
            own_account_id,
            account_brand_id,
            if(direction = 'inbound', author_party, null) as party
        from messages
        where own_account_id is not null or author_party is not null
    )

select
    messages.message_id,
    messages.conversation_id,
    messages.direction,
    messages.sent_at,
    messages.is_deleted,
    messages.is_audience,
    messages.agent_id,
    coalesce(messages.is_automated, false) or messages.is_bot_agent as is_automated,
    coalesce(messages.own_account_id, parents.own_account_id, conversations.first_account.account_id) as account_id,
    coalesce(
        messages.account_brand_id,
        parents.account_brand_id,
        conversations.first_account.brand_id,
        (select brand_id from default_brand)
    ) as brand_id,
    -- To whom an outbound message speaks: whom it answers, whom it names, the only person there.
    case
        when messages.direction <> 'outbound'
        then messages.author_party
        when not messages.is_deleted
        then coalesce(parents.party, messages.to_person_id, conversations.only_party)
    end as party,
    messages.direction = 'inbound'
    and messages.is_audience
    and messages.is_meaningful
    and not messages.is_acknowledgement as needs_reply,
    {{ newest_load() }} as load_id
from messages
inner join conversations using (conversation_id)
left join
    parents on parents.message_id = messages.parent_message_id and parents.conversation_id = messages.conversation_id
