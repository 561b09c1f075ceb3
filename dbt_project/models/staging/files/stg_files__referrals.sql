-- One row per invitation: the newest version of each.
with picked as ({{ staged("referrals") }})

select
    _source as source,
    _native_id as native_id,
    referral_id,
    referrer_contact_id,
    referrer_email_key,
    referrer_email_masked,
    referee_contact_id,
    referee_email_key,
    referee_email_masked,
    channel,
    invited_at,
    accepted_at,
    converted_at,
    reward_minor,
    currency,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
