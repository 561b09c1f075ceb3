-- One row per turn of the last 90 days that had its 24 hours, with what was known of the person when it opened.
with
    responses as (select * from {{ ref("responses") }} where is_mature),

    windows as (select * from {{ ref("int_observation_windows") }} where domain = 'messages'),

    people as (select person_id, language from {{ ref("people") }}),

    keys as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'profile'),

    profiles as (select * from {{ every("profiles") }} where not is_deleted),

    followers as (
        select keys.person_id, profiles.network, max(profiles.follower_count) as follower_count
        from profiles
        inner join keys on keys.identifier_key = profiles.profile_key
        where profiles.follower_count is not null
        group by all
    ),

    bought as (select * from {{ ref("revenue_events") }} where person_id is not null),

    recent as (
        select responses.*
        from responses
        inner join windows using (brand_id)
        where responses.opened_at > windows.observed_until - interval 90 days
    ),

    spent as (
        select recent.response_id, sum(bought.amount_minor) as spent_minor
        from recent
        inner join bought on bought.person_id = recent.person_id and bought.occurred_at < recent.opened_at
        group by recent.response_id
    )

select
    recent.response_id,
    recent.brand_id,
    recent.person_id,
    recent.is_answered_24h,
    people.language,
    coalesce(spent.spent_minor > 0, false) as is_customer,
    followers.follower_count,
    spent.spent_minor
from recent
left join people using (person_id)
left join followers on followers.person_id = recent.person_id and followers.network = recent.network
left join spent using (response_id)
