{{ config(materialized="view") }}

-- One row per brand: its date today and the minutes it has for the work list. The most particular row of the seed
-- counts.
with
    capacity as (select * from {{ ref("worklist_capacity") }}),

    brands as (select * from {{ ref("int_brands") }}),

    run as (select as_of from {{ source("ops", "current_run") }}),

    today as (
        select brands.brand_id, {{ local_date("run.as_of", "brands.time_zone") }} as list_date
        from brands
        cross join run
    ),

    checked as (
        select
            capacity.brand_id,
            capacity.iso_weekday,
            case
                when capacity.brand_id is not null and brands.brand_id is null
                then
                    {{
                        stop_build(
                            "work list: reference.worklist_capacity: a brand_id is none of the brands; next: correct"
                            " <ROR_HOME>/seeds/worklist_capacity.csv"
                        )
                    }}
                when capacity.minutes < 0 or count(*) over (partition by capacity.brand_id, capacity.iso_weekday) > 1
                then
                    {{
                        stop_build(
                            "work list: reference.worklist_capacity: a day has two rows or negative minutes; next: correct"
                            " <ROR_HOME>/seeds/worklist_capacity.csv"
                        )
                    }}
                else capacity.minutes
            end as minutes
        from capacity
        left join brands using (brand_id)
    )

select
    today.brand_id,
    today.list_date,
    arg_max(
        checked.minutes, (checked.brand_id is not null)::int * 2 + (checked.iso_weekday is not null)::int
    ) as capacity_minutes
from today
left join
    checked
    on coalesce(checked.brand_id, today.brand_id) = today.brand_id
    and coalesce(checked.iso_weekday, isodow(today.list_date)) = isodow(today.list_date)
group by today.brand_id, today.list_date
