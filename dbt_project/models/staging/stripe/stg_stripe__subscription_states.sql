-- One row per state of a subscription that a night saw: what it costs per month, and what of that counts then. A price
-- by use or by steps has no recurring amount. Rows from before all items were read know the first one only.
with
    committed as ({{ committed_loads("stripe") }}),

    landed as (
        select *
        from {{ source("stripe", "subscriptions") }}
        where _dlt_load_id in (select load_id from committed)
        -- A row that was landed twice is the same row.
        qualify row_number() over (partition by _dlt_id order by _ingest_seq) = 1
    ),

    items as (
        select
            _dlt_id,
            unnest(
                coalesce(
                    cast(json_extract(item_prices, '$[*]') as json[]),
                    [
                        json_object(
                            'unit_amount',
                            unit_amount,
                            'period_unit',
                            period_unit,
                            'period_units',
                            period_units,
                            'quantity',
                            quantity
                        )
                    ]
                )
            ) as item
        from landed
    ),

    prices as (
        select
            _dlt_id,
            cast({{ json_text("item", "unit_amount") }} as decimal(20, 6))
            * coalesce(cast({{ json_text("item", "quantity") }} as bigint), 1) as price,
            case
                {{ json_text("item", "period_unit") }}
                when 'day'
                then 365
                when 'week'
                then 52
                when 'month'
                then 12
                when 'year'
                then 1
            end as periods_per_year,
            coalesce(cast({{ json_text("item", "period_units") }} as bigint), 1) as period_units
        from items
        where {{ json_text("item", "usage_type") }} is distinct from 'metered'
    ),

    -- Each item is rounded to Stripe's minor unit, half away from zero, so that the sum has no order.
    priced as (
        select
            _dlt_id,
            sum(cast(round(cast(price as double) * periods_per_year / (12 * period_units), 0) as bigint)) as price_minor
        from prices
        group by _dlt_id
    )

select
    landed.id as subscription_id,
    landed.customer,
    landed.status,
    landed.current_period_start,
    -- A trial is no subscription yet.
    greatest(coalesce(landed.start_date, landed.created_at), landed.trial_end) as paid_from,
    landed.ended_at,
    upper(landed.currency) as currency,
    coalesce({{ minor_of_stripe("priced.price_minor", "upper(landed.currency)") }}, 0) as price_minor,
    case
        when not landed._is_deleted and landed.status in ('active', 'past_due')
        then coalesce({{ minor_of_stripe("priced.price_minor", "upper(landed.currency)") }}, 0)
        else 0
    end as mrr_minor,
    landed._version_at as seen_at,
    landed._observed_at as observed_at,
    row_number() over (
        partition by landed.id order by landed._version_at, landed._ingest_seq, landed._row_hash
    ) as state_number,
    landed._dlt_load_id as load_id
from landed
left join priced using (_dlt_id)
