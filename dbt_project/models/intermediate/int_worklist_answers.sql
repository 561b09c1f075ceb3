{{ config(materialized="view") }}

-- One row per conversation and person who waits for an answer of a human, with all that is still open there.
-- Deleted messages, bots and whoever speaks for the brand open no turn; a flag that came later counts here.
with
    run as (select as_of from {{ source("ops", "current_run") }}),

    limits as (select max_age_hours from {{ ref("worklist_actions") }} where action = 'answer'),

    others as (select person_id from {{ ref("people") }} where kind <> 'person'),

    messages as (select message_id, is_public, post_id from {{ ref("int_messages_enriched") }}),

    ratings as (select message_id, rating from {{ every("messages") }} where rating is not null),

    open_turns as (
        select responses.*
        from {{ ref("responses") }} as responses
        cross join run
        cross join limits
        where
            not responses.is_answered
            and responses.opened_at < run.as_of
            and responses.opened_at >= run.as_of - to_microseconds(cast(limits.max_age_hours * 3600000000 as bigint))
            and coalesce(responses.person_id not in (from others), true)
    ),

    described as (
        select
            open_turns.*,
            messages.is_public,
            messages.post_id,
            ratings.rating,
            coalesce(open_turns.person_id, open_turns.response_id) as party
        from open_turns
        inner join messages on messages.message_id = open_turns.response_id
        left join ratings on ratings.message_id = open_turns.response_id
    )

select
    brand_id,
    conversation_id,
    any_value(person_id) as person_id,
    arg_min(response_id, {'at':opened_at, 'id':response_id}) as response_id,
    arg_min(network, {'at':opened_at, 'id':response_id}) as network,
    arg_min(account_id, {'at':opened_at, 'id':response_id}) as account_id,
    arg_min(post_id, {'at':opened_at, 'id':response_id}) as post_id,
    min(opened_at) as since,
    min(due_at) as due_at,
    coalesce(bool_or(is_overdue), false) as is_overdue,
    cast(sum(message_count) as bigint) as message_count,
    bool_or(first_bot_at is not null) as has_bot_answered,
    coalesce(bool_or(is_public), false) as is_public,
    min(rating) as rating
from described
group by brand_id, conversation_id, party
