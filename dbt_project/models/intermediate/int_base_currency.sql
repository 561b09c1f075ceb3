-- One row: the brand that orders, deals and subscriptions belong to, its zone, base currency and margin rate.
-- Without a configured base currency the only currency in the data is it; several currencies end
-- the build.
with
    brands as (select * from {{ ref("brands") }} where is_default order by brand_id limit 1),

    orders as (select * from {{ every("orders") }}),

    deals as (select * from {{ every("deals") }}),

    subscription_events as (select * from {{ every("subscription_events") }}),

    currencies_seen as (
        select upper(currency) as currency
        from orders
        where not is_deleted and coalesce(status, 'placed') not in ('cancelled', 'test')
        union
        select upper(currency) as currency
        from deals
        where not is_deleted and stage_category = 'won' and currency is not null
        union
        select upper(currency) as currency
        from subscription_events
        where not is_deleted
    ),

    currencies_counted as (select count(*) as currency_count, min(currency) as only_currency from currencies_seen)

select
    brands.brand_id,
    brands.time_zone,
    case
        when brands.base_currency is not null
        then upper(cast(brands.base_currency as varchar))
        when currencies_counted.currency_count <= 1
        then currencies_counted.only_currency
        else
            {{
                stop_build(
                    "base currency: reference.brands: the data hold several currencies and base_currency is empty;"
                    " next: set base_currency in <ROR_HOME>/seeds/brands.csv and rates in fx_rates.csv"
                )
            }}
    end as base_currency,
    cast(brands.margin_rate as decimal(9, 6)) as margin_rate
from brands
cross join currencies_counted
