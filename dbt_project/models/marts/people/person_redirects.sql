with
    -- An id means whoever the identifier belongs to that it was made from.
    ids as (
        select {{ person_id("identifier_kind || '|' || identifier_key") }} as old_person_id, person_id
        from {{ ref("int_person_keys") }}
    )

select old_person_id, person_id
from ids
where old_person_id <> person_id
