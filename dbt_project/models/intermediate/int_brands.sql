-- One row per brand: those of the seed, and the brands of accounts, which take the default brand's zone and currency.
with
    seeded as (select * from {{ ref("brands") }}),

    brands as (
        select
            * exclude (time_zone),
            case
                when time_zone in (select name from pg_timezone_names())
                then time_zone
                else
                    {{
                        stop_build(
                            "brands: reference.brands: a time_zone is unknown; next: write an IANA name such as"
                            " Europe/Rome in <ROR_HOME>/seeds/brands.csv"
                        )
                    }}
            end as time_zone
        from seeded
    ),

    accounts as (select * from {{ ref("int_accounts") }}),

    default_brand as (select * from brands where is_default order by brand_id limit 1),

    found as (select distinct brand_id from accounts where brand_id not in (select brand_id from brands))

select brand_id, name, time_zone, base_currency, margin_rate, is_default
from brands
union all
select
    found.brand_id,
    found.brand_id as name,
    default_brand.time_zone,
    default_brand.base_currency,
    default_brand.margin_rate,
    false as is_default
from found
cross join default_brand
