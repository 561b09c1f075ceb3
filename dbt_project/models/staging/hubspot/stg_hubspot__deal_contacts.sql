-- One row per contact's part in a deal in HubSpot.
with picked as ({{ newest_rows("hubspot", "deal_contacts") }})

select
    'hubspot' as source,
    'hubspot|' || _native_id as native_id,
    deal_id,
    to_id as contact_id,
    null::varchar as role,
    null::double as weight,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
