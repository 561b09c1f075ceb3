-- Every order, refund, won deal and change of a subscription is in the ledger or refused with a reason, and the
-- original amounts are the sources'.
with
    expected_totals as (
        select kind, count(*) as row_count, sum(amount_minor) as amount_minor
        from {{ ref("int_revenue_expected") }}
        group by kind
    ),

    -- Of a deal, what remains after wins that were taken back.
    deals_left as (
        select 'deal' as kind, sum(original_amount_minor) as amount_minor
        from {{ ref("revenue_events") }}
        where deal_id is not null
        group by deal_id
        having count(*) % 2 = 1
    ),

    ledger_totals as (
        select kind, count(*) as row_count, sum(original_amount_minor) as amount_minor
        from {{ ref("revenue_events") }}
        where kind in ('order', 'refund')
        group by kind
        union all
        select 'subscription' as kind, count(*) as row_count, sum(original_amount_minor) as amount_minor
        from {{ ref("revenue_events") }}
        where mrr_change_minor is not null
        having count(*) > 0
        union all
        select kind, count(*) as row_count, sum(amount_minor) as amount_minor
        from deals_left
        group by kind
    )

select *
from expected_totals
full join ledger_totals using (kind)
where
    expected_totals.row_count is distinct from ledger_totals.row_count
    or expected_totals.amount_minor is distinct from ledger_totals.amount_minor
