-- One row per merge of two CRM contacts: the newest version of each.
with picked as ({{ staged("contact_merges") }})

select
    _source as source,
    _native_id as native_id,
    loser_id,
    winner_id,
    merged_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
