-- One row per currency and period in which one rate to the base currency holds: from its date to
-- the next one's.
-- The base currency itself has rate 1 for ever; its `fx_date` is empty.
with fx_rates as (select * from {{ ref("fx_rates") }}), base as (select * from {{ ref("int_base_currency") }})

select
    upper(fx_rates.from_currency) as currency,
    fx_rates.rate_date as fx_date,
    fx_rates.rate_date as valid_from,
    lead(fx_rates.rate_date, 1, date '9999-12-31') over (
        partition by upper(fx_rates.from_currency) order by fx_rates.rate_date
    ) as valid_until,
    cast(fx_rates.rate as decimal(17, 10)) as rate
from fx_rates
inner join base on upper(fx_rates.to_currency) = base.base_currency
where upper(fx_rates.from_currency) <> base.base_currency
union all
select
    base_currency as currency,
    cast(null as date) as fx_date,
    date '0001-01-01' as valid_from,
    date '9999-12-31' as valid_until,
    cast(1 as decimal(17, 10)) as rate
from base
where base_currency is not null
