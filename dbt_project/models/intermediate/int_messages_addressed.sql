{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="message_id") }}
{#- All messages are too many to keep between the three readings of them; those of one night are not. -#}
{% set kept = "materialized" if is_incremental() else "not materialized" %}

-- One row per message: which brand it concerns, who wrote it or to whom the brand speaks, and
-- what kind of text it is.
-- Every column is a function of the message's own conversation and of the lookups of persons,
-- accounts and agents.
with
    phrases as (select distinct {{ plain_words("phrase") }} as phrase from {{ ref("acknowledgements") }}),

    default_brand as (select min(brand_id) as brand_id from {{ ref("brands") }} where is_default),

    profiles as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'profile'),

    accounts as (select network, account_id as own_account_id, brand_id from {{ ref("int_accounts") }}),

    bots as (select agent_id from {{ ref("stg_files__agents") }} where is_bot and not is_deleted),

    {% if is_incremental() -%}
        changed as (
            select message_id, conversation_id
            from {{ ref("int_messages_threaded") }}
            where load_id in ({{ unabsorbed_loads() }})
        ),

        touched as (
            select conversation_id
            from changed
            union
            select conversation_id
            from {{ this }}
            semi join changed using (message_id)
            union
            -- Lookups that say something else today about a message that itself did not change.
            select known.conversation_id
            from {{ this }} as known
            left join profiles as authors on authors.identifier_key = known.author_profile_key
            left join profiles as recipients on recipients.identifier_key = known.to_profile_key
            left join accounts using (network, own_account_id)
            left join bots using (agent_id)
            where
                authors.person_id is distinct from known.author_person_id
                or recipients.person_id is distinct from known.to_person_id
                or coalesce(authors.is_brand_actor, false) <> known.is_brand_actor
                or coalesce(authors.is_bot, false) <> known.is_bot
                or accounts.brand_id is distinct from known.account_brand_id
                or (bots.agent_id is not null) <> known.is_bot_agent
        ),
    {%- endif %}

    threaded as {{ kept }} (
        select * exclude (load_id)
        from {{ ref("int_messages_threaded") }}
        {% if is_incremental() -%} semi join touched using (conversation_id) {%- endif %}
    ),

    messages as {{ kept }} (
        select * exclude (parent_message_id, account_id), account_id as own_account_id
        from {{ ref("stg_files__messages") }}
        {% if is_incremental() -%} semi join threaded using (message_id) {%- endif %}
    ),

    actors as {{ kept }} (
        select
            messages.*,
            threaded.* exclude (message_id),
            accounts.brand_id as account_brand_id,
            authors.person_id as author_person_id,
            recipients.person_id as to_person_id,
            authors.is_brand_actor is not distinct from true as is_brand_actor,
            authors.is_bot is not distinct from true as is_bot,
            bots.agent_id is not null as is_bot_agent,
            messages.direction = 'outbound' as is_outbound,
            not (
                messages.is_deleted or is_outbound or coalesce(authors.is_brand_actor or authors.is_bot, false)
            ) as is_audience,
            -- Whom one meets: the person, or the message itself where the source names no author.
            if(is_audience, coalesce(author_person_id, messages.message_id), null) as author_party
        from messages
        inner join threaded using (message_id)
        left join profiles as authors on authors.identifier_key = messages.author_profile_key
        left join profiles as recipients on recipients.identifier_key = messages.to_profile_key
        left join accounts using (network, own_account_id)
        left join bots on bots.agent_id = messages.agent_id
    ),

    conversations as (
        select
            conversation_id,
            if(min(author_party) = max(author_party), min(author_party), null) as only_party,
            arg_min(
                {'account_id':own_account_id, 'brand_id':account_brand_id}, {'sent_at':sent_at, 'id':message_id}
            ) filter (own_account_id is not null) as first_account
        from actors
        group by conversation_id
    ),

    parents as (
        select
            message_id,
            conversation_id,
            own_account_id,
            account_brand_id,
            if(direction = 'inbound', author_party, null) as party
        from actors
        where own_account_id is not null or author_party is not null
    ),

    -- To whom an outbound message speaks: whom it answers, whom it names, the only person there.
    addressed as (
        select
            actors.*,
            coalesce(
                actors.own_account_id, parents.own_account_id, conversations.first_account.account_id
            ) as account_id,
            coalesce(
                actors.account_brand_id,
                parents.account_brand_id,
                conversations.first_account.brand_id,
                (select brand_id from default_brand)
            ) as brand_id,
            case
                when not actors.is_outbound
                then actors.author_party
                when not actors.is_deleted
                then coalesce(parents.party, actors.to_person_id, conversations.only_party)
            end as party
        from actors
        inner join conversations using (conversation_id)
        left join
            parents
            on parents.message_id = actors.parent_message_id
            and parents.conversation_id = actors.conversation_id
    )

select
    message_id,
    conversation_id,
    parent_message_id,
    is_orphan,
    network,
    brand_id,
    account_id,
    own_account_id,
    account_brand_id,
    message_kind,
    post_id,
    direction,
    is_public,
    coalesce(is_automated, false) or is_bot_agent as is_automated,
    is_brand_actor,
    is_bot,
    is_bot_agent,
    is_audience,
    agent_id,
    sent_at,
    is_deleted,
    author_profile_key,
    to_profile_key,
    author_person_id,
    to_person_id,
    party,
    {{ is_meaningful("text") }} as is_meaningful,
    -- Thanks and the like have at most ten words, mentions included; counting blanks first saves
    -- time.
    coalesce(
        case
            when length(text) < 100 and length(text) - length(replace(text, ' ', '')) < 10
            then {{ plain_words("text") }}
        end
        in (select phrase from phrases),
        false
    ) as is_acknowledgement,
    {{ newest_load() }} as load_id
from addressed
