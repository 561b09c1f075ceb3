{{ config(materialized="view") }}

-- One row per thing that the brand said: a post of its own to all, or a message to somebody.
with
    messages as (select * from {{ ref("int_messages_enriched") }} where direction = 'outbound' and not is_deleted),

    posts as (select * from {{ every("posts") }} where account_id is not null and not is_deleted),

    accounts as (select * from {{ ref("int_accounts") }}),

    brands as (select * from {{ ref("int_brands") }}),

    outputs as (
        select
            accounts.brand_id,
            posts.network,
            posts.published_at as said_at,
            -- A share or a further part of a thread adds to what somebody said; an advertisement is no conversation.
            posts.parent_post_id is null as is_broadcast,
            coalesce(posts.is_paid, false) as is_paid,
            false as is_automated,
            null::varchar as target_person_id
        from posts
        inner join accounts using (network, account_id)
        where posts.published_at is not null
        union all
        select brand_id, network, sent_at, false, false, is_automated, target_person_id
        from messages
    )

select
    outputs.*,
    {{ local_date("outputs.said_at", "brands.time_zone") }} as said_date,
    {{ start_of("week", local_date("outputs.said_at", "brands.time_zone")) }} as week_start_date
from outputs
inner join brands using (brand_id)
