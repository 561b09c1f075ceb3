{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key=["identifier_kind", "identifier_key"],
    )
}}

-- One row per identifier that any record ever named: its person, and whether that person speaks for the brand or is a
-- bot. An incremental build writes only what changed, so that the models after it notice by `load_id`; an identifier
-- that no record names any more keeps a row without a person.
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
    ),

    found as (
        select
            clusters.identifier_kind,
            clusters.identifier_key,
            clusters.person_id,
            clusters.first_seen_at,
            coalesce(flagged_persons.is_brand_actor, false) as is_brand_actor,
            coalesce(flagged_persons.is_bot, false) as is_bot
        from clusters
        left join flagged_persons using (person_id)
    )

{% if is_incremental() %}
    select
        identifier_kind,
        identifier_key,
        found.person_id,
        found.first_seen_at,
        coalesce(found.is_brand_actor, false) as is_brand_actor,
        coalesce(found.is_bot, false) as is_bot,
        {{ newest_load() }} as load_id
    from found
    full join {{ this }} as known using (identifier_kind, identifier_key)
    where
        found.person_id is distinct from known.person_id
        or found.first_seen_at is distinct from known.first_seen_at
        or coalesce(found.is_brand_actor, false) is distinct from known.is_brand_actor
        or coalesce(found.is_bot, false) is distinct from known.is_bot
{% else %} select *, {{ newest_load() }} as load_id from found
{% endif %}
