-- One row per contact's part in a deal: the newest version of each.
with picked as ({{ staged("deal_contacts") }})

select
    _source as source,
    _native_id as native_id,
    deal_id,
    contact_id,
    role,
    weight,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
