-- One row per favourite, boost and follow on Mastodon. The lists do not say when: the newest notification of the act
-- does, else the first sight stands in. Of those who followed before the first complete read and were not told of,
-- nothing is known. A table, since notifications may come later than what they date.
with
    favourites as ({{ newest_rows("mastodon", "favourites") }}),

    reblogs as ({{ newest_rows("mastodon", "reblogs") }}),

    followers as ({{ newest_rows("mastodon", "followers") }}),

    notifications as ({{ newest_rows("mastodon", "notifications") }}),

    told as (
        select
            type,
            coalesce(status_id, _account_id) as target_id,
            actor_id_key,
            max(created_at) as told_at,
            arg_max(load_id, created_at) as told_by_load_id
        from notifications
        group by all
    ),

    first_reads as ({{ first_follower_reads("mastodon") }}),

    acts as (
        select 'favourite' as type, status_id as target_id, *
        from favourites
        union all by name
        select 'reblog' as type, status_id as target_id, *
        from reblogs
        union all by name
        select 'follow' as type, account_id as target_id, *
        from followers
    ),

    dated as (
        select
            acts.*,
            coalesce(told.told_at, acts.first_observed_at) as reacted_at,
            greatest(acts.load_id, coalesce(told.told_by_load_id, acts.load_id)) as changed_by_load_id
        from acts
        left join told using (type, target_id, actor_id_key)
        left join first_reads on first_reads.account_id = acts.account_id
        where acts.type <> 'follow' or told.told_at is not null or acts.first_observed_at > first_reads.first_read_at
    ),

    posts as (select post_id from {{ ref("stg_mastodon__posts") }})

select
    'mastodon' as source,
    dated.type || '|' || dated._native_id as native_id,
    md5('mastodon|reaction|' || dated.type || '|' || dated._native_id) as reaction_id,
    'mastodon' as network,
    case dated.type when 'favourite' then 'like' when 'reblog' then 'repost' else 'follow' end as act,
    dated.actor_id_key as profile_key,
    dated._account_id as account_id,
    case
        when dated.type = 'follow' then 'account' when posts.post_id is not null then 'post' else 'message'
    end as target_kind,
    case
        when dated.type = 'follow'
        then dated.target_id
        else coalesce(posts.post_id, md5('mastodon|message|' || dated.target_id))
    end as target_id,
    dated.reacted_at,
    dated._observed_at as observed_at,
    dated.is_deleted,
    dated.deleted_at,
    dated.changed_by_load_id as load_id
from dated
left join posts on posts.post_id = md5('mastodon|post|' || dated.target_id)
