-- One row per post of the brand under which somebody asked: whether any of those turns was answered.
with
    turns as (select * from {{ ref("int_turns") }} where needs_reply),

    messages as (select message_id, post_id from {{ ref("int_messages_enriched") }} where post_id is not null),

    posts as (select * from {{ every("posts") }} where account_id is not null and not is_deleted),

    accounts as (select * from {{ ref("int_accounts") }}),

    brands as (select * from {{ ref("int_brands") }})

select
    posts.post_id,
    any_value(accounts.brand_id) as brand_id,
    any_value(posts.network) as network,
    any_value({{ start_of("week", local_date("posts.published_at", "brands.time_zone")) }}) as week_start_date,
    bool_or(turns.first_human_at is not null) as is_any_answered
from turns
inner join messages on messages.message_id = turns.turn_id
inner join posts on posts.post_id = messages.post_id
inner join accounts on accounts.network = posts.network and accounts.account_id = posts.account_id
inner join brands on brands.brand_id = accounts.brand_id
where posts.published_at is not null
group by posts.post_id
