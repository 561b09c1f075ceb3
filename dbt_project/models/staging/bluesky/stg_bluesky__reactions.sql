{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per like, repost and follow on Bluesky. The network does not say when somebody reposted or followed: the
-- first sight stands in. Of those who followed before the first complete read nothing is known.
with
    likes as ({{ newest_rows("bluesky", "likes") }}),

    reposts as ({{ newest_rows("bluesky", "reposts") }}),

    followers as ({{ newest_rows("bluesky", "followers") }}),

    first_reads as ({{ first_follower_reads("bluesky") }}),

    posts as (select post_id from {{ ref("stg_bluesky__posts") }}),

    acts as (
        select
            'like' as act,
            post_uri,
            actor_did_key,
            _account_id as account_id,
            liked_at as reacted_at,
            _native_id,
            _observed_at,
            is_deleted,
            deleted_at,
            load_id
        from likes
        union all
        select
            'repost',
            post_uri,
            actor_did_key,
            _account_id,
            first_observed_at,
            _native_id,
            _observed_at,
            is_deleted,
            deleted_at,
            load_id
        from reposts
        union all
        select
            'follow',
            null,
            followers.actor_did_key,
            followers.account_did,
            followers.first_observed_at,
            followers._native_id,
            followers._observed_at,
            followers.is_deleted,
            followers.deleted_at,
            followers.load_id
        from followers
        inner join first_reads on first_reads.account_id = followers.account_did
        where followers.first_observed_at > first_reads.first_read_at
    )

select
    'bluesky' as source,
    acts.act || '|' || acts._native_id as native_id,
    md5('bluesky|reaction|' || acts.act || '|' || acts._native_id) as reaction_id,
    'bluesky' as network,
    acts.act,
    acts.actor_did_key as profile_key,
    acts.account_id,
    case
        when acts.act = 'follow' then 'account' when posts.post_id is not null then 'post' else 'message'
    end as target_kind,
    case
        when acts.act = 'follow'
        then acts.account_id
        else coalesce(posts.post_id, md5('bluesky|message|' || acts.post_uri))
    end as target_id,
    acts.reacted_at,
    acts._observed_at as observed_at,
    acts.is_deleted,
    acts.deleted_at,
    acts.load_id
from acts
left join posts on posts.post_id = md5('bluesky|post|' || acts.post_uri)
