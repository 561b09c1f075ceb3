-- One row per person met at an exhibition and scan: who it was, whether somebody wrote within 48 hours, and whether the
-- person and the brand both spoke within 90 days.
with
    scans as (select * from {{ every("exhibition_contacts") }} where not is_deleted),

    contacts as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'contact'),

    emails as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'email'),

    named as (
        select
            scans.scan_id,
            scans.exhibition_id,
            scans.staff_id,
            scans.grade,
            scans.scanned_at,
            scans.followed_up_at,
            coalesce(contacts.person_id, emails.person_id) as person_id,
            coalesce(contacts.person_id, emails.person_id, scans.email_key, scans.scan_id) as party
        from scans
        left join contacts on contacts.identifier_key = scans.contact_id
        left join emails on emails.identifier_key = scans.email_key
    ),

    acts as (
        select person_id, occurred_at, direction = 'outbound' as is_outbound
        from {{ ref("interactions") }}
        where
            act_group = 'message'
            and not is_deleted
            and not coalesce(is_automated, false)
            and person_id in (select person_id from named)
    ),

    spoken as (
        select
            named.scan_id,
            bool_or(acts.is_outbound) as has_brand_spoken,
            bool_or(not acts.is_outbound) as has_person_spoken,
            min(acts.occurred_at) filter (acts.is_outbound) as first_spoken_at
        from named
        inner join acts on acts.person_id = named.person_id
        where acts.occurred_at >= named.scanned_at and acts.occurred_at < named.scanned_at + interval 90 days
        group by named.scan_id
    )

select
    named.*,
    coalesce(
        least(named.followed_up_at, spoken.first_spoken_at) <= named.scanned_at + interval 48 hours, false
    ) as is_followed_up_48h,
    coalesce(spoken.has_brand_spoken and spoken.has_person_spoken, false) as is_related
from named
left join spoken using (scan_id)
