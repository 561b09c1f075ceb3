{{ config(materialized="view") }}

-- One row per post and per reaction, in the columns of `interactions` up to the date. They depend on lookups of
-- others, so all are computed each time.
with
    posts as (select * from {{ every("posts") }}),

    reactions as (select * from {{ every("reactions") }}),

    profiles as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'profile'),

    accounts as (select * from {{ ref("int_accounts") }}),

    default_brand as (select min(brand_id) as brand_id from {{ ref("brands") }} where is_default),

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
        -- The brand's own posts have no other author. As a condition of its own it would compare all pairs.
        left join profiles on profiles.identifier_key = if(posts.account_id is null, posts.author_profile_key, null)
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
    )

select *
from post_acts
union all
select *
from reaction_acts
