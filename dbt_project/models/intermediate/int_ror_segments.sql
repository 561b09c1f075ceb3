{{ config(materialized="view") }}

-- One row per component and value of the calibration: the share of people below it, and the next value with its share.
with
    calibration as (select * from {{ ref("ror_calibration") }}),

    -- Values that several quantiles share stand in the middle of them; between two values the share rises evenly.
    steps as (
        select component, raw_value, (min(quantile) + max(quantile)) / 2 as share
        from calibration
        group by component, raw_value
    )

select
    component,
    raw_value as from_value,
    share as from_share,
    lead(raw_value) over values_in_order as to_value,
    lead(share) over values_in_order as to_share,
    min(share) over (partition by component) as lowest_share
from steps
window values_in_order as (partition by component order by raw_value)
