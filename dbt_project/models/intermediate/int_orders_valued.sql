-- One row per order: its net price at the rate of its date, or the reason why it does not count.
with
    orders as (select * from {{ every("orders") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    rates as (select * from {{ ref("int_revenue_rates") }}),

    dated as (
        select
            orders.source,
            orders.native_id,
            orders.order_id,
            orders.contact_id,
            orders.email_key,
            orders.status,
            orders.is_deleted,
            orders.ordered_at,
            upper(orders.currency) as original_currency,
            orders.gross_minor,
            -- Tax and shipping are columns of their own: the gross price holds neither.
            orders.gross_minor - coalesce(orders.discount_minor, 0) as original_amount_minor,
            base.base_currency,
            {{ local_date("orders.ordered_at", "base.time_zone") }} as event_date
        from orders
        cross join base
    )

select
    dated.source,
    dated.native_id,
    dated.order_id,
    dated.contact_id,
    dated.email_key,
    dated.ordered_at,
    dated.event_date,
    dated.original_amount_minor,
    dated.original_currency,
    rates.rate as fx_rate,
    coalesce(rates.fx_date, dated.event_date) as fx_date,
    case
        when dated.is_deleted
        then 'deleted'
        when dated.status in ('cancelled', 'test')
        then dated.status
        when dated.original_amount_minor < 0
        then 'discount_above_gross'
        when dated.gross_minor >= {{ largest_amount() }}
        then 'amount_too_large'
        when rates.rate is null
        then 'unknown_fx_rate'
    end as refusal_reason,
    case
        when refusal_reason is null
        then
            {{
                convert_minor(
                    "dated.original_amount_minor",
                    "rates.rate",
                    "dated.original_currency",
                    "dated.base_currency",
                )
            }}
    end as amount_minor
from dated
left join
    rates
    on rates.currency = dated.original_currency
    and dated.event_date >= rates.valid_from
    and dated.event_date < rates.valid_until
