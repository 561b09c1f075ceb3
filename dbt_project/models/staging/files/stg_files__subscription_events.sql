-- One row per change of a subscription: the newest version of each.
with picked as ({{ staged("subscription_events") }})

select
    _source as source,
    _native_id as native_id,
    subscription_event_id,
    subscription_id,
    contact_id,
    email_key,
    email_masked,
    kind,
    changed_at,
    if(kind = 'cancel', 0, mrr_minor) as mrr_minor,
    paid_minor,
    currency,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
