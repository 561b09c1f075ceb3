{{ config(materialized="view") }}

-- One row per order, refund or won deal that a source tells of and that is not refused: what the ledger must hold, in
-- the source's own money.
with
    told as (
        select
            'order' as kind,
            source,
            native_id,
            upper(currency) as currency,
            gross_minor - coalesce(discount_minor, 0) as amount_minor
        from {{ every("orders") }}
        union all
        select 'refund' as kind, source, native_id, upper(currency) as currency, - amount_minor as amount_minor
        from {{ every("refunds") }}
        union all
        select 'deal' as kind, source, native_id, upper(currency) as currency, amount_minor
        from {{ every("deals") }}
        where stage_category = 'won'
    ),

    refused as (select * from {{ ref("int_revenue_refused") }})

select told.*
from told
anti join
    refused on refused.entity = told.kind || 's' and refused.source = told.source and refused.native_id = told.native_id
