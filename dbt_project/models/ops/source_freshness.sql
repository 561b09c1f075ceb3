-- What each feed landed, from committed loads only.
with
    committed as ({{ committed_loads("files") }}),

    ledger as (
        select file_ledger.*
        from {{ source("files", "file_ledger") }} as file_ledger
        semi join committed on committed.load_id = file_ledger._dlt_load_id
    ),

    {% set events = {
        "messages": "sent_at",
        "posts": "published_at",
        "reactions": "reacted_at",
        "orders": "ordered_at",
        "refunds": "refunded_at",
        "clicks": "clicked_at",
        "subscription_events": "changed_at",
    } -%}
    events as (
        {% for entity, column in events.items() -%}
            select _feed as feed, max({{ column }}) as newest_event_at
            from {{ source("files", entity) }}
            group by _feed {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    reads as (
        {% for api in var("apis") -%}
            select '{{ api }}' as source, resource as feed, max(read_at) as last_loaded_at
            from {{ source(api, "complete_reads") }}
            where _dlt_load_id in ({{ committed_loads(api) }})
            group by resource {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    newest as (select feed, max(newest_event_at) as newest_event_at from events group by feed)

select
    'files' as source,
    ledger.feed,
    count(distinct ledger.file_hash) as file_count,
    max(ledger.loaded_at) as last_loaded_at,
    any_value(newest.newest_event_at) as newest_event_at
from ledger
left join newest using (feed)
group by ledger.feed
union all
select source, feed, null as file_count, last_loaded_at, null as newest_event_at
from reads
