{{ config(materialized="view") }}

-- At most one row: the weeks in which effects are looked for, and the currency of the money. Half of what is known, at
-- most a year: the other half shows who was known before, and is the placebo.
with
    span as (select * from {{ ref("int_relationship_span") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    sized as (
        select
            panel_week_index as last_week_index,
            first_week_index as known_from_index,
            least({{ whole_quotient("panel_week_index - first_week_index + 1", 2) }}, 52) as week_count
        from span
    )

select
    sized.last_week_index - sized.week_count + 1 as first_week_index,
    sized.last_week_index,
    cast(sized.week_count as integer) as week_count,
    sized.known_from_index,
    base.brand_id,
    base.base_currency as currency,
    {{ currency_exponent("base.base_currency") }} as currency_exponent
from sized
cross join base
where sized.week_count >= 1
