-- One row per person in the CRM: the newest version of each.
with picked as ({{ staged("contacts") }})

select
    _source as source,
    _native_id as native_id,
    contact_id,
    emails_key as email_keys,
    emails_masked,
    phones_key as phone_keys,
    phones_masked,
    given_name_key,
    given_name_masked,
    family_name_key,
    family_name_masked,
    company_id,
    lifecycle_stage,
    owner_id,
    social_profiles_key as social_profile_keys,
    consent_marketing,
    country,
    language,
    created_at,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
