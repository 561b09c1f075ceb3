-- One row per firm in the CRM: the newest version of each.
with picked as ({{ staged("companies") }})

select
    _source as source,
    _native_id as native_id,
    company_id,
    name,
    domain,
    size_band,
    industry,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
