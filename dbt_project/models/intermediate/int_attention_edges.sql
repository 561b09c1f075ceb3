-- One row per pair of people, in one direction: how often the first answered, named or shared the second, and since
-- when. Of the staff, of bots and of oneself nothing counts.
with
    peers as (
        select message_id, parent_message_id, author_person_id, to_person_id, sent_at
        from {{ ref("int_messages_identified") }}
        where direction = 'peer' and is_audience and author_person_id is not null
    ),

    profiles as (
        select *
        from {{ ref("int_person_keys") }}
        where identifier_kind = 'profile' and not coalesce(is_bot or is_brand_actor, false)
    ),

    shares as (
        select reactions.target_id, profiles.person_id, reactions.reacted_at
        from {{ every("reactions") }} as reactions
        inner join profiles on profiles.identifier_key = reactions.profile_key
        where reactions.act in ('share', 'repost', 'quote') and not reactions.is_deleted
    ),

    -- What somebody of the audience wrote, where it was answered or shared.
    written as (
        select message_id as text_id, author_person_id as person_id
        from {{ ref("int_messages_identified") }}
        where
            is_audience
            and (message_id in (select parent_message_id from peers) or message_id in (select target_id from shares))
        union all
        select posts.post_id, profiles.person_id
        from {{ every("posts") }} as posts
        inner join profiles on profiles.identifier_key = posts.author_profile_key
        where posts.account_id is null and not posts.is_deleted and posts.post_id in (select target_id from shares)
    ),

    acts as (
        select
            peers.author_person_id as from_person_id,
            coalesce(written.person_id, peers.to_person_id) as to_person_id,
            peers.sent_at as occurred_at
        from peers
        left join written on written.text_id = peers.parent_message_id
        union all
        select shares.person_id, written.person_id, shares.reacted_at
        from shares
        inner join written on written.text_id = shares.target_id
    )

select from_person_id, to_person_id, count(*) as act_count, min(occurred_at) as first_at
from acts
where from_person_id <> to_person_id
group by from_person_id, to_person_id
