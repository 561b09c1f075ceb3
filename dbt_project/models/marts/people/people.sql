with
    person_keys as (select * from {{ ref("int_person_keys") }}),

    contacts as (select * from {{ every("contacts") }} where not is_deleted),

    profiles as (select * from {{ every("profiles") }} where not is_deleted),

    interactions as (select * from {{ ref("interactions") }} where not is_deleted and not is_by_brand),

    revenue as (select * from {{ ref("revenue_events") }} where kind in ('order', 'deal_won')),

    persons as (
        select
            person_id,
            bool_or(is_brand_actor) as is_brand_actor,
            bool_or(is_bot) as is_bot,
            count(*) filter (identifier_kind = 'contact') as contact_count,
            count(*) filter (identifier_kind = 'profile') as profile_count,
            count(*) filter (identifier_kind = 'email') as email_count,
            min(first_seen_at) as first_seen_at
        from person_keys
        group by person_id
    ),

    -- Of several records of one person the one changed last speaks; equal ones by their id, so the order is total.
    versions as (
        select
            person_keys.person_id,
            contacts.*,
            concat_ws(' ', contacts.given_name_masked, contacts.family_name_masked) as masked_name,
            {'at':coalesce(contacts.updated_at, contacts.created_at, '-infinity'), 'id':contacts.contact_id} as version
        from contacts
        inner join
            person_keys on person_keys.identifier_kind = 'contact' and person_keys.identifier_key = contacts.contact_id
    ),

    contact_facts as (
        select
            person_id,
            arg_max(nullif(masked_name, ''), version) as masked_name,
            arg_max(country, version) as country,
            arg_max(language, version) as language,
            arg_max(company_id, version) as company_id,
            arg_max(lifecycle_stage, version) as lifecycle_stage,
            arg_max(consent_marketing, version) as has_marketing_consent
        from versions
        group by person_id
    ),

    profile_facts as (
        select
            person_keys.person_id,
            arg_max(
                profiles.display_name_masked,
                {'at':coalesce(profiles.updated_at, '-infinity'), 'id':profiles.profile_key}
            ) as masked_name,
            arg_max(
                profiles.language, {'at':coalesce(profiles.updated_at, '-infinity'), 'id':profiles.profile_key}
            ) as language
        from profiles
        inner join
            person_keys on person_keys.identifier_kind = 'profile' and person_keys.identifier_key = profiles.profile_key
        group by person_keys.person_id
    ),

    acts as (
        select person_id, min(occurred_at) as first_act_at, max(occurred_at) as last_act_at, count(*) as act_count
        from interactions
        group by person_id
    ),

    purchases as (
        select person_id, min(occurred_at) as first_purchase_at, max(occurred_at) as last_purchase_at
        from revenue
        group by person_id
    )

select
    persons.person_id,
    case when persons.is_bot then 'bot' when persons.is_brand_actor then 'brand' else 'person' end as kind,
    coalesce(contact_facts.masked_name, profile_facts.masked_name) as masked_name,
    contact_facts.country,
    coalesce(contact_facts.language, profile_facts.language) as language,
    contact_facts.company_id,
    contact_facts.lifecycle_stage,
    contact_facts.has_marketing_consent,
    persons.contact_count,
    persons.profile_count,
    persons.email_count,
    persons.first_seen_at,
    acts.first_act_at,
    acts.last_act_at,
    coalesce(acts.act_count, 0) as act_count,
    purchases.first_purchase_at,
    purchases.last_purchase_at,
    purchases.person_id is not null as is_customer
from persons
left join contact_facts using (person_id)
left join profile_facts using (person_id)
left join acts using (person_id)
left join purchases using (person_id)
