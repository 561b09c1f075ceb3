-- One row per refund: its amount at the rate of its order, or the reason why it does not count.
with
    refunds as (select * from {{ every("refunds") }}),

    orders as (select * from {{ ref("int_orders_valued") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    matched as (
        select
            refunds.source,
            refunds.native_id,
            refunds.order_id,
            orders.native_id as order_native_id,
            refunds.refunded_at,
            {{ local_date("refunds.refunded_at", "base.time_zone") }} as event_date,
            refunds.amount_minor as original_amount_minor,
            upper(refunds.currency) as original_currency,
            orders.fx_rate,
            orders.fx_date,
            base.base_currency,
            case
                when refunds.is_deleted
                then 'deleted'
                when orders.native_id is null or orders.refusal_reason = 'deleted'
                then 'order_missing'
                when orders.refusal_reason is not null
                then 'order_not_counted'
                when upper(refunds.currency) <> orders.original_currency
                then 'currency_differs_from_order'
                when refunds.amount_minor >= {{ largest_amount() }}
                then 'amount_too_large'
            end as refusal_reason
        from refunds
        cross join base
        left join orders on orders.source = refunds.source and orders.order_id = refunds.order_id
    ),

    -- Converted as running totals of an order: partial refunds that add up to the order bring it
    -- to exactly zero.
    totalled as (
        select
            *,
            case
                when refusal_reason is null
                then
                    sum(original_amount_minor) over (
                        partition by source, order_native_id, refusal_reason
                        order by refunded_at, native_id
                        rows between unbounded preceding and current row
                    )
            end as total_minor
        from matched
    )

select
    *,
    {{ convert_minor("total_minor", "fx_rate", "original_currency", "base_currency") }}
    - {{
        convert_minor(
            "(total_minor - original_amount_minor)",
            "fx_rate",
            "original_currency",
            "base_currency",
        )
    }} as amount_minor
from totalled
