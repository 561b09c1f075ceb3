{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="interaction_id") }}

with
    messages as (select * from {{ ref("int_messages_enriched") }}),

    posts as (select * from {{ ref("stg_files__posts") }}),

    reactions as (select * from {{ ref("stg_files__reactions") }}),

    profiles as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'profile'),

    accounts as (select * from {{ ref("int_accounts") }}),

    brands as (select * from {{ ref("int_brands") }}),

    default_brand as (select min(brand_id) as brand_id from {{ ref("brands") }} where is_default),

    {% if is_incremental() -%}
    new_loads as ({{ unabsorbed_loads() }}),

    changed_posts as (select post_id from posts semi join new_loads using (load_id)),
    {%- endif %}

    message_acts as (
        select
            messages.message_id as interaction_id,
            'message' as act_group,
            messages.message_kind as act,
            messages.network,
            messages.brand_id,
            messages.account_id,
            coalesce(messages.person_id, messages.target_person_id) as person_id,
            messages.conversation_id,
            messages.post_id,
            messages.direction,
            messages.sent_at as occurred_at,
            messages.is_public,
            messages.is_meaningful,
            coalesce(posts.is_paid, false) as is_paid,
            messages.is_automated or messages.is_bot as is_automated,
            messages.is_brand_actor or messages.direction = 'outbound' as is_by_brand,
            messages.is_deleted
        from messages
        left join posts using (post_id)
        {%- if is_incremental() %}
        where
            messages.load_id in (select load_id from new_loads)
            or messages.post_id in (select post_id from changed_posts)
        {%- endif %}
    ),

    post_acts as (
        select
            posts.post_id as interaction_id,
            'post' as act_group,
            coalesce(posts.post_kind, 'post') as act,
            posts.network,
            coalesce(accounts.brand_id, default_brand.brand_id) as brand_id,
            posts.account_id,
            profiles.person_id,
            null::varchar as conversation_id,
            posts.post_id,
            if(posts.account_id is null, 'inbound', 'outbound') as direction,
            posts.published_at as occurred_at,
            true as is_public,
            {{ is_meaningful("posts.text") }} as is_meaningful,
            coalesce(posts.is_paid, false) as is_paid,
            coalesce(profiles.is_bot, false) as is_automated,
            posts.account_id is not null or coalesce(profiles.is_brand_actor, false) as is_by_brand,
            posts.is_deleted
        from posts
        cross join default_brand
        left join accounts on accounts.network = posts.network and accounts.account_id = posts.account_id
        left join
            profiles on profiles.identifier_key = posts.author_profile_key and posts.account_id is null
    ),

    reaction_acts as (
        select
            reactions.reaction_id as interaction_id,
            'reaction' as act_group,
            reactions.act,
            reactions.network,
            coalesce(accounts.brand_id, post_accounts.brand_id, default_brand.brand_id) as brand_id,
            coalesce(reactions.account_id, posts.account_id) as account_id,
            profiles.person_id,
            null::varchar as conversation_id,
            posts.post_id,
            'inbound' as direction,
            reactions.reacted_at as occurred_at,
            true as is_public,
            false as is_meaningful,
            coalesce(posts.is_paid, false) as is_paid,
            coalesce(profiles.is_bot, false) as is_automated,
            coalesce(profiles.is_brand_actor, false) as is_by_brand,
            reactions.is_deleted
        from reactions
        cross join default_brand
        left join posts on posts.post_id = reactions.target_id
        left join profiles on profiles.identifier_key = reactions.profile_key
        left join accounts on accounts.network = reactions.network and accounts.account_id = reactions.account_id
        left join
            accounts as post_accounts
            on post_accounts.network = posts.network
            and post_accounts.account_id = posts.account_id
    ),

    other_acts as (
        select * from post_acts
        union all
        select * from reaction_acts
    ),

    acts as (
        select * from message_acts
        union all
        select * from other_acts
    ),

    dated as (
        select
            acts.*, {{ local_date("acts.occurred_at", "brands.time_zone") }} as occurred_date
        from acts
        inner join brands using (brand_id)
    )

select
    interaction_id,
    act_group,
    act,
    network,
    brand_id,
    account_id,
    person_id,
    conversation_id,
    post_id,
    direction,
    occurred_at,
    occurred_date,
    is_public,
    is_meaningful,
    is_paid,
    is_automated,
    is_by_brand,
    is_deleted
from dated
{%- if is_incremental() %}
-- Posts and reactions depend on lookups of others: all are computed, those that differ are written.
except
select *
from {{ this }}
where act_group <> 'message'
{%- endif %}
