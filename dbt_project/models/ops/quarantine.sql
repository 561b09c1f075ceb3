with
    committed as ({{ committed_loads("files") }}),

    files as (
        select file_ledger.*
        from {{ source("files", "file_ledger") }} as file_ledger
        semi join committed on committed.load_id = file_ledger._dlt_load_id
    ),

    -- What is still wrong with a file that was read again or replaced came again with it.
    refused_files as (
        select quarantine.*
        from {{ source("files", "quarantine") }} as quarantine
        semi join committed on committed.load_id = quarantine._dlt_load_id
        anti join
            files
            on files.feed = quarantine.feed
            and files.file_name = quarantine.file_name
            and files._dlt_load_id > quarantine._dlt_load_id
            and (files.mode = 'snapshot' or files.file_hash = quarantine.file_hash)
    ),

    refused as (
        select source, feed, entity, reason, field, action, quarantine_id, seen_at
        from refused_files
        {% for api in var("apis") -%}
            union all
            select source, feed, entity, reason, field, action, quarantine_id, seen_at
            from {{ source(api, "quarantine") }}
            where _dlt_load_id in ({{ committed_loads(api) }})
        {% endfor %}
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
