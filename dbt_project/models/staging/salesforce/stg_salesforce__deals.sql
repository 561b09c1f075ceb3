-- One row per opportunity in Salesforce.
with picked as ({{ newest_rows("salesforce", "opportunities") }})

select
    'salesforce' as source,
    'salesforce|' || _native_id as native_id,
    id as deal_id,
    null::varchar as pipeline,
    stage,
    case when is_won then 'won' when is_closed then 'lost' else 'open' end as stage_category,
    {{ minor_of_text("amount", "currency") }} as amount_minor,
    currency,
    created_at,
    close_date,
    owner_id,
    account_id as company_id,
    name as product,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
