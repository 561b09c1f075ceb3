-- One row per firm in HubSpot.
with picked as ({{ newest_rows("hubspot", "companies") }})

select
    'hubspot' as source,
    'hubspot|' || _native_id as native_id,
    id as company_id,
    name,
    domain,
    numberofemployees as size_band,
    industry,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
