-- One row per member of the brand's staff or one of its bots: the newest version of each.
with picked as ({{ staged("agents") }})

select
    _source as source,
    _native_id as native_id,
    agent_id,
    role,
    is_bot,
    active_from,
    active_to,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
