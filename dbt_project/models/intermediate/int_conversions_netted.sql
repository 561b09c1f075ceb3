-- One row per conversion: its value after all that is known to have been paid back, and the
-- person's conversion before.
with
    revenue_events as (select * from {{ ref("revenue_events") }}),

    deals as (select * from {{ every("deals") }}),

    -- Summed by what is reversed, so that several refunds of one order never multiply it.
    reversals as (
        select
            reversal_of as revenue_event_id,
            cast(- sum(amount_minor) as bigint) as refund_minor,
            - sum(original_amount_minor) as original_refund_minor
        from revenue_events
        where reversal_of is not null
        group by reversal_of
    ),

    netted as (
        select
            revenue_events.revenue_event_id as conversion_id,
            revenue_events.kind as conversion_type,
            revenue_events.occurred_at as converted_at,
            revenue_events.event_date as converted_date,
            revenue_events.person_id,
            revenue_events.company_id,
            revenue_events.amount_minor as gross_minor,
            coalesce(reversals.refund_minor, 0) as refund_minor,
            revenue_events.amount_minor - coalesce(reversals.refund_minor, 0) as value_minor,
            revenue_events.currency,
            revenue_events.deal_id,
            deals.created_at as deal_created_at,
            reversals.revenue_event_id is not null
            and reversals.original_refund_minor >= revenue_events.original_amount_minor as is_reversed
        from revenue_events
        left join reversals using (revenue_event_id)
        left join deals on deals.deal_id = revenue_events.deal_id
        where revenue_events.kind in ('order', 'deal_won')
    )

-- What was reversed did not happen: it neither ends a path nor makes a customer. Conversions of
-- one instant share
-- their path, so that no order among them has to be invented.
select
    *,
    person_id is not null
    and not is_reversed
    and row_number() over (partition by person_id, is_reversed order by converted_at, conversion_id)
    = 1 as is_first_conversion,
    max(case when not is_reversed then converted_at end) over (
        partition by person_id
        order by converted_at
        range between unbounded preceding and interval '1 microsecond' preceding
    ) as previous_converted_at,
    max(case when not is_reversed then converted_at end) over (
        partition by coalesce(company_id, person_id)
        order by converted_at
        range between unbounded preceding and interval '1 microsecond' preceding
    ) as previous_account_converted_at
from netted
