-- One row per brand, weekday and opening, as the seed says it; a wrong seed ends the build.
with
    hours as (select * from {{ ref("business_hours") }}),

    brands as (select * from {{ ref("int_brands") }}),

    neighbours as (
        select
            *, lag(closes_at) over (partition by brand_id, iso_weekday order by opens_at, closes_at) as closed_before_at
        from hours
    )

select
    neighbours.brand_id,
    neighbours.iso_weekday,
    neighbours.opens_at,
    neighbours.closes_at,
    case
        when brands.brand_id is null
        then
            {{
                stop_build(
                    "business hours: reference.business_hours: a brand_id is none of the brands; next: correct"
                    " <ROR_HOME>/seeds/business_hours.csv"
                )
            }}
        when
            not regexp_full_match(neighbours.opens_at, '([01]\d|2[0-3]):[0-5]\d')
            or not regexp_full_match(neighbours.closes_at, '([01]\d|2[0-3]):[0-5]\d|24:00')
        then
            {{
                stop_build(
                    "business hours: reference.business_hours: a time is not HH:MM; next: correct"
                    " <ROR_HOME>/seeds/business_hours.csv"
                )
            }}
        when neighbours.closes_at <= neighbours.opens_at
        then
            {{
                stop_build(
                    "business hours: reference.business_hours: a row closes before it opens; next: split it at midnight"
                    " in <ROR_HOME>/seeds/business_hours.csv"
                )
            }}
        when neighbours.closed_before_at > neighbours.opens_at
        then
            {{
                stop_build(
                    "business hours: reference.business_hours: two rows of one day overlap; next: correct"
                    " <ROR_HOME>/seeds/business_hours.csv"
                )
            }}
        else brands.time_zone
    end as time_zone
from neighbours
left join brands using (brand_id)
