-- One row per click or visit as a touch, with its person where one is known.
with clicks as (select * from {{ every("clicks") }}), person_keys as (select * from {{ ref("int_person_keys") }})

select
    md5(clicks.source || '|click|' || clicks.native_id) as touch_id,
    coalesce(by_contact.person_id, by_email.person_id, by_profile.person_id) as person_id,
    nullif(trim(clicks.channel), '') as channel_id,
    clicks.campaign,
    coalesce(clicks.click_kind, 'web_visit') as touch_type,
    coalesce(clicks.is_direct, false) as is_direct,
    clicks.clicked_at as touched_at,
    'clicks' as source_kind,
    clicks.native_id as source_id,
    case when clicks.is_deleted then 'deleted' end as left_out_reason
from clicks
left join
    person_keys as by_contact
    on by_contact.identifier_kind = 'contact'
    and by_contact.identifier_key = clicks.contact_id
left join person_keys as by_email on by_email.identifier_kind = 'email' and by_email.identifier_key = clicks.email_key
left join
    person_keys as by_profile
    on by_profile.identifier_kind = 'profile'
    and by_profile.identifier_key = clicks.profile_key
