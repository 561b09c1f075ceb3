-- One row per form of Typeform.
with picked as ({{ newest_rows("typeform", "forms") }})

select
    'typeform' as source,
    'typeform|' || _native_id as native_id,
    id as survey_id,
    title as name,
    lower(left(language, 2)) as language,
    created_at,
    last_updated_at as updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
