{{ config(materialized="view") }}

-- One row per component: the values of its calibration in rising order, and the share of people below each.
with
    calibration as (select * from {{ ref("ror_calibration") }}),

    -- Values that several quantiles share stand in the middle of them.
    steps as (
        select component, raw_value, (min(quantile) + max(quantile)) / 2 as share
        from calibration
        group by component, raw_value
    )

select component, list(raw_value order by raw_value) as raw_values, list(share order by raw_value) as shares
from steps
group by component
