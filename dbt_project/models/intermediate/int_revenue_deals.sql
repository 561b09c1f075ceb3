-- One row per stay of a deal in a won stage: when it began and ended, its value, or why it does
-- not count.
with
    stays as (select * from {{ ref("int_revenue_deal_stays") }}),

    versions as (select * from {{ every("deal_versions") }}),

    deals as (select * from {{ every("deals") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    rates as (select * from {{ ref("int_revenue_rates") }}),

    -- The value is that of the last won version: correcting a won deal's amount is not a movement
    -- of money.
    dated as (
        select
            stays.*,
            deals.is_deleted,
            last_won.amount_minor as original_amount_minor,
            upper(last_won.currency) as original_currency,
            last_won.company_id,
            base.base_currency,
            base.time_zone,
            -- The close date of the first stay is the date of winning; a later stay begins when
            -- it was seen.
            case
                when stays.stay_number = 1 and last_won.close_date is not null
                then {{ local_midnight("last_won.close_date", "base.time_zone") }}
                else stays.entered_at
            end as won_at
        from stays
        inner join
            versions as last_won
            on last_won.native_id = stays.native_id
            and last_won.version_number = stays.last_version
        inner join deals on deals.native_id = stays.native_id
        cross join base
    )

select
    dated.source,
    dated.native_id,
    dated.deal_id,
    dated.stay_number,
    dated.company_id,
    dated.won_at,
    {{ local_date("dated.won_at", "dated.time_zone") }} as won_date,
    dated.left_at,
    {{ local_date("dated.left_at", "dated.time_zone") }} as left_date,
    dated.original_amount_minor,
    dated.original_currency,
    rates.rate as fx_rate,
    coalesce(rates.fx_date, won_date) as fx_date,
    case
        when dated.is_deleted
        then 'deleted'
        when dated.original_amount_minor is null
        then 'amount_missing'
        when dated.original_currency is null
        then 'currency_missing'
        when dated.original_amount_minor >= {{ largest_amount() }}
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
    and {{ local_date("dated.won_at", "dated.time_zone") }} >= rates.valid_from
    and {{ local_date("dated.won_at", "dated.time_zone") }} < rates.valid_until
