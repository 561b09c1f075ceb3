{{ config(materialized="view") }}

-- One row per message: who wrote it and to whom, by today's lookups of persons, accounts and agents.
with
    messages as (select * from {{ ref("stg_files__messages") }}),

    threaded as (select * from {{ ref("int_messages_threaded") }}),

    profiles as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'profile'),

    accounts as (select * from {{ ref("int_accounts") }}),

    bots as (select agent_id from {{ ref("stg_files__agents") }} where is_bot and not is_deleted)

select
    messages.message_id,
    messages.post_id,
    messages.message_kind,
    messages.is_public,
    messages.text,
    threaded.conversation_id,
    threaded.parent_message_id,
    threaded.is_orphan,
    threaded.load_id,
    messages.network,
    messages.account_id,
    accounts.brand_id as account_brand_id,
    messages.direction,
    messages.direction = 'outbound' as is_outbound,
    coalesce(messages.is_automated, false) or bots.agent_id is not null as is_automated,
    messages.agent_id,
    messages.sent_at,
    messages.is_deleted,
    authors.person_id as author_person_id,
    recipients.person_id as to_person_id,
    coalesce(authors.is_brand_actor, false) as is_brand_actor,
    coalesce(authors.is_bot, false) as is_bot
from messages
inner join threaded using (message_id)
left join profiles as authors on authors.identifier_key = messages.author_profile_key
left join profiles as recipients on recipients.identifier_key = messages.to_profile_key
left join accounts on accounts.network = messages.network and accounts.account_id = messages.account_id
left join bots on bots.agent_id = messages.agent_id
