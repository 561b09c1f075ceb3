-- One row per customer in Stripe. The name is one text there: no part of it is known to be the given name.
with picked as ({{ newest_rows("stripe", "customers") }})

select
    'stripe' as source,
    'stripe|' || _native_id as native_id,
    id as contact_id,
    email_key as email_keys,
    email_masked as emails_masked,
    phone_key as phone_keys,
    phone_masked as phones_masked,
    country,
    lower(left(json_extract_string(preferred_locales, '$[0]'), 2)) as language,
    created_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
