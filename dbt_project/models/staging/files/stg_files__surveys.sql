-- One row per survey: the newest version of each.
with picked as ({{ staged("surveys") }})

select
    _source as source,
    _native_id as native_id,
    survey_id,
    name,
    language,
    created_at,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
