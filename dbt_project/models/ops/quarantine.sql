with
    committed as ({{ committed_loads() }}),

    refused as (
        select quarantine.*
        from {{ source("files", "quarantine") }} as quarantine
        semi join committed on committed.load_id = quarantine._dlt_load_id
    )

select
    source,
    feed,
    entity,
    reason,
    field,
    action,
    count(distinct quarantine_id) as row_count,
    min(seen_at) as first_seen_at,
    max(seen_at) as last_seen_at
from refused
group by source, feed, entity, reason, field, action
