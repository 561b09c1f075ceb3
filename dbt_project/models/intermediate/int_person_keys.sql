-- One row per identifier: its person, and whether that person speaks for the brand or is a bot. The only lookup from
-- a contact, e-mail or profile key to a person.
with
    clusters as (select * from {{ ref("int_identity_clusters") }}),

    profiles as (select * from {{ every("profiles") }} where not is_deleted),

    messages as (select * from {{ every("messages") }} where not is_deleted),

    posts as (select * from {{ every("posts") }} where not is_deleted),

    flags as (
        select profile_key, is_brand_actor, is_bot_hint as is_bot
        from profiles
        union
        select author_profile_key, true, false
        from messages
        where direction = 'outbound'
        union
        select author_profile_key, true, false
        from posts
        where account_id is not null
    ),

    flagged_persons as (
        select
            clusters.person_id,
            bool_or(coalesce(flags.is_brand_actor, false)) as is_brand_actor,
            bool_or(coalesce(flags.is_bot, false)) as is_bot
        from clusters
        inner join flags on flags.profile_key = clusters.identifier_key
        where clusters.identifier_kind = 'profile'
        group by clusters.person_id
    )

select
    clusters.identifier_kind,
    clusters.identifier_key,
    clusters.person_id,
    clusters.first_seen_at,
    coalesce(flagged_persons.is_brand_actor, false) as is_brand_actor,
    coalesce(flagged_persons.is_bot, false) as is_bot
from clusters
left join flagged_persons using (person_id)
