{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per repost, like and follow on X. The network does not say when: the first sight stands in. Of those who
-- followed before the first complete read nothing is known.
with
    reposts as ({{ newest_rows("x", "reposts") }}),

    likes as ({{ newest_rows("x", "likes") }}),

    followers as ({{ newest_rows("x", "followers") }}),

    first_reads as ({{ first_follower_reads("x") }}),

    posts as (select post_id from {{ ref("stg_x__posts") }}),

    acts as (
        select 'repost' as act, post_id as target, * exclude (post_id)
        from reposts
        union all by name
        select 'like' as act, post_id as target, * exclude (post_id)
        from likes
        union all by name
        select 'follow' as act, null as target, followers.* exclude (followed_id)
        from followers
        inner join first_reads on first_reads.account_id = followers.followed_id
        where followers.first_observed_at > first_reads.first_read_at
    )

select
    'x' as source,
    acts.act || '|' || acts._native_id as native_id,
    md5('x|reaction|' || acts.act || '|' || acts._native_id) as reaction_id,
    'x' as network,
    acts.act,
    acts.actor_id_key as profile_key,
    acts._account_id as account_id,
    case
        when acts.act = 'follow' then 'account' when posts.post_id is not null then 'post' else 'message'
    end as target_kind,
    case
        when acts.act = 'follow' then acts._account_id else coalesce(posts.post_id, md5('x|message|' || acts.target))
    end as target_id,
    acts.first_observed_at as reacted_at,
    acts._observed_at as observed_at,
    acts.is_deleted,
    acts.deleted_at,
    acts.load_id
from acts
left join posts on posts.post_id = md5('x|post|' || acts.target)
