-- One row per person met at an exhibition: the newest version of each.
with picked as ({{ staged("exhibition_contacts") }})

select
    _source as source,
    _native_id as native_id,
    scan_id,
    exhibition_id,
    contact_id,
    email_key,
    email_masked,
    staff_id,
    grade,
    scanned_at,
    followed_up_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
