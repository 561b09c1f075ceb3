{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="message_id") }}
{#- All messages are too many to keep between the readings of them; those of one night are not. -#}
{% set kept = "materialized" if is_incremental() else "not materialized" %}

-- depends_on: {{ ref("int_identifiers_resolved") }}
-- One row per message: its conversation, the account it names, who wrote it and to whom, and what kind of text it is.
with
    phrases as (select distinct {{ plain_words("phrase") }} as phrase from {{ ref("acknowledgements") }}),

    profiles as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'profile'),

    accounts as (select network, account_id as own_account_id, brand_id from {{ ref("int_accounts") }}),

    bots as (select agent_id from {{ every("agents") }} where is_bot and not is_deleted),

    {% if is_incremental() -%}
        changed_profiles as (
            select identifier_key
            from {{ ref("int_identifiers_resolved") }}
            where identifier_kind = 'profile' and load_id in ({{ unabsorbed_loads() }})
        ),

        changed_accounts as (
            select network, own_account_id
            from (select distinct network, own_account_id, account_brand_id from {{ this }}) as known
            left join accounts using (network, own_account_id)
            where accounts.brand_id is distinct from known.account_brand_id
        ),

        changed_agents as (
            select agent_id
            from (select distinct agent_id, is_bot_agent from {{ this }}) as known
            left join bots using (agent_id)
            where (bots.agent_id is not null) <> known.is_bot_agent
        ),

        touched as (
            select message_id
            from {{ ref("int_messages_threaded") }}
            where load_id in ({{ unabsorbed_loads() }})
            union
            -- Lookups that say something else today about a message that itself did not change.
            select message_id
            from {{ this }}
            where
                author_profile_key in (from changed_profiles)
                or to_profile_key in (from changed_profiles)
                or (network, own_account_id) in (select (network, own_account_id) from changed_accounts)
                or agent_id in (from changed_agents)
        ),
    {%- endif %}

    threaded as {{ kept }} (
        select * exclude (load_id)
        from {{ ref("int_messages_threaded") }}
        {% if is_incremental() -%} semi join touched using (message_id) {%- endif %}
    ),

    messages as {{ kept }} (
        select * exclude (parent_message_id, account_id), account_id as own_account_id
        from {{ every("messages") }}
        {% if is_incremental() -%} semi join touched using (message_id) {%- endif %}
    )

select
    messages.message_id,
    threaded.conversation_id,
    threaded.parent_message_id,
    threaded.is_orphan,
    messages.network,
    own_account_id,
    accounts.brand_id as account_brand_id,
    messages.direction,
    messages.is_automated,
    messages.agent_id,
    messages.sent_at,
    messages.is_deleted,
    messages.author_profile_key,
    messages.to_profile_key,
    authors.person_id as author_person_id,
    recipients.person_id as to_person_id,
    authors.is_brand_actor is not distinct from true as is_brand_actor,
    authors.is_bot is not distinct from true as is_bot,
    bots.agent_id is not null as is_bot_agent,
    messages.direction <> 'outbound'
    and not (messages.is_deleted or coalesce(authors.is_brand_actor or authors.is_bot, false)) as is_audience,
    {{ is_meaningful("messages.text") }} as is_meaningful,
    -- Thanks and the like have at most ten words, mentions included; counting blanks first saves time.
    coalesce(
        case
            when length(messages.text) < 100 and length(messages.text) - length(replace(messages.text, ' ', '')) < 10
            then {{ plain_words("messages.text") }}
        end
        in (select phrase from phrases),
        false
    ) as is_acknowledgement,
    if(
        messages.direction = 'inbound', {{ content_hash("messages.text", "messages.language_hint") }}, null
    ) as content_hash,
    {{ newest_load() }} as load_id
from messages
inner join threaded using (message_id)
left join profiles as authors on authors.identifier_key = messages.author_profile_key
left join profiles as recipients on recipients.identifier_key = messages.to_profile_key
left join accounts using (network, own_account_id)
left join bots on bots.agent_id = messages.agent_id
