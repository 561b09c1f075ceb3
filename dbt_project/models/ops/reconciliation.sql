-- Rows in = rows out + rows left out for a reason, per layer and table. Out and reasons are counted apart from each
-- other: a row that a model lost or doubled shows as a difference.
with
    committed as ({{ committed_loads("files") }}),

    files as (
        select
            'files' as layer,
            feed as table_name,
            sum(rows_read) as rows_in,
            sum(rows_loaded) as rows_out,
            sum(rows_rejected) as quarantined
        from {{ source("files", "file_ledger") }} as file_ledger
        semi join committed on committed.load_id = file_ledger._dlt_load_id
        group by feed
    ),

    staging as (select * from {{ ref("int_rows_staged") }}),

    -- What the models after staging get, from all systems.
    contract_rows as (
        {% for entity in ["messages", "posts", "reactions", "orders", "subscription_events"] -%}
            select '{{ entity }}' as table_name, count(*) as rows_in
            from {{ every(entity) }} {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    interactions as (
        select act_group || 's' as table_name, count(*) as rows_out from {{ ref("interactions") }} group by act_group
    ),

    ledger as (
        select if(kind = 'order', 'orders', 'subscription_events') as table_name, count(*) as rows_out
        from {{ ref("revenue_events") }}
        where kind = 'order' or mrr_change_minor is not null
        group by if(kind = 'order', 'orders', 'subscription_events')
    ),

    refused as (select entity as table_name, count(*) as refused from {{ ref("int_revenue_refused") }} group by entity),

    counted as (
        select
            layer,
            table_name,
            rows_in,
            rows_out,
            quarantined,
            0 as not_committed,
            0 as loaded_twice,
            0 as superseded,
            0 as deleted_upstream,
            0 as refused
        from files
        union all
        select 'staging', table_name, rows_in, rows_out, 0, not_committed, loaded_twice, superseded, deleted_upstream, 0
        from staging
        union all
        select
            'interactions',
            contract_rows.table_name,
            contract_rows.rows_in,
            coalesce(interactions.rows_out, 0),
            0,
            0,
            0,
            0,
            0,
            0
        from contract_rows
        left join interactions using (table_name)
        where contract_rows.table_name not in ('orders', 'subscription_events')
        union all
        select
            'revenue_events',
            contract_rows.table_name,
            contract_rows.rows_in,
            coalesce(ledger.rows_out, 0),
            0,
            0,
            0,
            0,
            0,
            coalesce(refused.refused, 0)
        from contract_rows
        left join ledger using (table_name)
        left join refused using (table_name)
        where contract_rows.table_name in ('orders', 'subscription_events')
    )

select
    layer,
    table_name,
    cast(rows_in as bigint) as rows_in,
    cast(rows_out as bigint) as rows_out,
    cast(quarantined as bigint) as quarantined_count,
    cast(not_committed as bigint) as not_committed_count,
    cast(loaded_twice as bigint) as loaded_twice_count,
    cast(superseded as bigint) as superseded_count,
    cast(deleted_upstream as bigint) as deleted_upstream_count,
    cast(refused as bigint) as refused_count,
    cast(
        rows_in
        - rows_out
        - quarantined
        - not_committed
        - loaded_twice
        - superseded
        - deleted_upstream
        - refused as bigint
    ) as difference
from counted
