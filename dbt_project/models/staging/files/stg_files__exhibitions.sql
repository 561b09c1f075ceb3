-- One row per exhibition: the newest version of each.
with picked as ({{ staged("exhibitions") }})

select
    _source as source,
    _native_id as native_id,
    exhibition_id,
    name,
    city,
    starts_on,
    ends_on,
    cost_minor,
    currency,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
