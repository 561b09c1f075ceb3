{{ config(materialized="view") }}

-- One row per invitation: who invited whom, as persons where they are known, in the zone of the brand that orders
-- belong to.
with
    referrals as (select * from {{ every("referrals") }} where not is_deleted),

    contacts as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'contact'),

    emails as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'email'),

    base as (select * from {{ ref("int_base_currency") }}),

    rates as (select * from {{ ref("int_revenue_rates") }})

select
    referrals.referral_id,
    base.brand_id,
    coalesce(referrer_contacts.person_id, referrer_emails.person_id) as referrer_person_id,
    coalesce(referee_contacts.person_id, referee_emails.person_id) as referee_person_id,
    referrals.channel,
    referrals.invited_at,
    {{ local_date("referrals.invited_at", "base.time_zone") }} as invited_date,
    referrals.accepted_at,
    referrals.converted_at,
    {{ convert_minor("referrals.reward_minor", "rates.rate", "upper(referrals.currency)", "base.base_currency") }}
    as reward_minor
from referrals
cross join base
left join contacts as referrer_contacts on referrer_contacts.identifier_key = referrals.referrer_contact_id
left join emails as referrer_emails on referrer_emails.identifier_key = referrals.referrer_email_key
left join contacts as referee_contacts on referee_contacts.identifier_key = referrals.referee_contact_id
left join emails as referee_emails on referee_emails.identifier_key = referrals.referee_email_key
left join
    rates
    on rates.currency = upper(referrals.currency)
    and {{ local_date("referrals.invited_at", "base.time_zone") }} >= rates.valid_from
    and {{ local_date("referrals.invited_at", "base.time_zone") }} < rates.valid_until
