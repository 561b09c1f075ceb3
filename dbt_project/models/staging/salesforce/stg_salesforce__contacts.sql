-- One row per person in Salesforce: contacts, and leads, which may have become a contact.
with
    contacts as ({{ newest_rows("salesforce", "contacts") }}),

    leads as ({{ newest_rows("salesforce", "leads") }}),

    people as (
        select *, null::varchar as status
        from contacts
        union all by name
        select *, null::varchar as account_id, null::varchar as social_profiles_key
        from leads
    )

select
    'salesforce' as source,
    'salesforce|' || _native_id as native_id,
    id as contact_id,
    email_key as email_keys,
    email_masked as emails_masked,
    nullif(concat_ws(' ', phone_key, mobile_phone_key), '') as phone_keys,
    nullif(concat_ws(' ', phone_masked, mobile_phone_masked), '') as phones_masked,
    given_name_key,
    given_name_masked,
    family_name_key,
    family_name_masked,
    account_id as company_id,
    status as lifecycle_stage,
    owner_id,
    social_profiles_key as social_profile_keys,
    not has_opted_out as consent_marketing,
    coalesce(country_code, country) as country,
    null::varchar as language,
    created_at,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from people
