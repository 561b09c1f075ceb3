-- One row per person in HubSpot.
with picked as ({{ newest_rows("hubspot", "contacts") }})

select
    'hubspot' as source,
    'hubspot|' || _native_id as native_id,
    id as contact_id,
    email_key as email_keys,
    email_masked as emails_masked,
    phone_key as phone_keys,
    phone_masked as phones_masked,
    firstname_key as given_name_key,
    firstname_masked as given_name_masked,
    lastname_key as family_name_key,
    lastname_masked as family_name_masked,
    associatedcompanyid as company_id,
    lifecyclestage as lifecycle_stage,
    hubspot_owner_id as owner_id,
    social_profiles_key as social_profile_keys,
    not hs_email_optout as consent_marketing,
    country,
    hs_language as language,
    created_at,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
