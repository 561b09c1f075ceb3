-- One row per contact's part in an opportunity in Salesforce. A contact may have several roles in one deal, and after a
-- merge the loser's as well: the primary one counts, else the first.
with picked as ({{ newest_rows("salesforce", "opportunity_contacts") }})

select
    'salesforce' as source,
    'salesforce|' || opportunity_id || '|' || contact_id as native_id,
    opportunity_id as deal_id,
    contact_id,
    role,
    case when is_primary then 1.0 end as weight,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
qualify
    row_number() over (
        partition by opportunity_id, contact_id order by is_deleted, is_primary desc nulls last, created_at, id
    )
    = 1
