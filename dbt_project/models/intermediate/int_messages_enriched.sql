{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="message_id") }}

-- One row per message: whose it is, which brand it concerns, whether it asks for an answer and which answer came.
-- Every column is a function of the message's own conversation and of the lookups of persons, accounts and agents.
with
    phrases as (select distinct {{ plain_words("phrase") }} as phrase from {{ ref("acknowledgements") }}),

    default_brand as (select min(brand_id) as brand_id from {{ ref("brands") }} where is_default),

    {% if is_incremental() -%}
    changed as (
        select actors.message_id, actors.conversation_id, known.conversation_id as old_conversation_id
        from {{ ref("int_message_actors") }} as actors
        left join {{ this }} as known using (message_id)
        where
            actors.load_id in ({{ unabsorbed_loads() }})
            or (actors.author_person_id, actors.to_person_id, actors.account_brand_id)
            is distinct from (known.author_person_id, known.to_person_id, known.account_brand_id)
            or (actors.is_brand_actor, actors.is_bot, actors.is_automated)
            is distinct from (known.is_brand_actor, known.is_bot, known.is_automated)
    ),

    touched as (
        select conversation_id
        from changed
        union
        select old_conversation_id
        from changed
    ),
    {%- endif %}

    considered as (
        select *
        from {{ ref("int_message_actors") }}
        {% if is_incremental() -%} semi join touched using (conversation_id) {%- endif %}
    ),

    -- Whom one meets in the conversation: the person, or the message itself where the source names no author.
    actors as (
        select
            * exclude (text),
            {{ is_meaningful("text") }} as is_meaningful,
            -- Thanks and the like have at most ten words, mentions included; counting blanks first saves time.
            coalesce(
                case
                    when length(text) < 100 and length(text) - length(replace(text, ' ', '')) < 10
                    then {{ plain_words("text") }}
                end in (select phrase from phrases),
                false
            ) as is_acknowledgement,
            not (is_deleted or is_outbound or is_brand_actor or is_bot) as is_audience,
            if(is_audience, coalesce(author_person_id, message_id), null) as author_party
        from considered
    ),

    conversations as (
        select
            conversation_id,
            if(min(author_party) = max(author_party), min(author_party), null) as only_party,
            arg_min(
                {'account_id': account_id, 'brand_id': account_brand_id}, {'sent_at': sent_at, 'id': message_id}
            ) filter (account_id is not null) as first_account
        from actors
        group by conversation_id
    ),

    -- To whom an outbound message speaks: whom it answers, whom it names, the only person there.
    addressed as (
        select
            actors.* exclude (account_id),
            coalesce(actors.account_id, parents.account_id, conversations.first_account.account_id) as account_id,
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
                then coalesce(parents.author_party, actors.to_person_id, conversations.only_party)
            end as known_party
        from actors
        inner join conversations using (conversation_id)
        left join
            actors as parents
            on parents.message_id = actors.parent_message_id
            and parents.conversation_id = actors.conversation_id
    ),

    -- Else whoever wrote last before it.
    spoken_before as (
        select outbound.message_id, inbound.author_party
        from (select * from addressed where is_outbound and not is_deleted and known_party is null) as outbound
        asof inner join
            (select * from addressed where direction = 'inbound' and author_party is not null) as inbound
            on inbound.conversation_id = outbound.conversation_id
            and inbound.sent_at <= outbound.sent_at
    ),

    partied as (
        select
            addressed.message_id,
            coalesce(addressed.known_party, spoken_before.author_party) as party,
            addressed.direction = 'inbound' and addressed.is_audience as is_asking,
            addressed.is_outbound,
            addressed.is_automated,
            addressed.agent_id,
            addressed.sent_at,
            -- Two hashes of 64 bits sort much faster than two texts and are as unlikely to collide as the ids themselves.
            hash(addressed.conversation_id) as conversation_hash,
            hash(party) as party_hash
        from addressed
        left join spoken_before using (message_id)
        where party is not null
    ),

    -- A turn of a person ends with an outbound message to them or with five minutes of silence.
    openings as (
        select
            *,
            is_asking
            and coalesce(lag(is_outbound) over turns or sent_at > lag(sent_at) over turns + interval 5 minutes, true)
            as is_opening
        from partied
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
                if(is_outbound and not is_automated, {'sent_at': sent_at, 'agent_id': agent_id}, null) ignore nulls
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
    message_id,
    conversation_id,
    parent_message_id,
    is_orphan,
    network,
    brand_id,
    account_id,
    account_brand_id,
    message_kind,
    post_id,
    direction,
    is_public,
    is_automated,
    is_brand_actor,
    is_bot,
    agent_id,
    sent_at,
    is_deleted,
    author_person_id,
    to_person_id,
    if(is_outbound, null, author_person_id) as person_id,
    if(is_outbound and starts_with(party, 'p_'), party, null) as target_person_id,
    is_meaningful,
    is_acknowledgement,
    direction = 'inbound' and is_audience and is_meaningful and not is_acknowledgement as needs_reply,
    turn_id,
    if(turn_id is null, null, first_bot_at) as first_bot_at,
    if(turn_id is null, null, first_human.sent_at) as first_human_at,
    if(turn_id is null, null, first_human.agent_id) as first_human_agent_id,
    {{ newest_load() }} as load_id
from addressed
left join answered using (message_id)
