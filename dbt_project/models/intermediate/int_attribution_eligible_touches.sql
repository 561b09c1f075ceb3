-- One row per conversion, window (lookback and policy of a model) and touch in it, in path order.
with
    conversions as (select * from {{ ref("int_conversions_netted") }}),

    touchpoints as (select * from {{ ref("touchpoints") }}),

    windows as (select distinct lookback_days, policy from {{ ref("attribution_models") }})

-- Exact instants, half-open: a touch exactly one lookback before the conversion is too old.
select
    conversions.conversion_id,
    windows.lookback_days,
    windows.policy,
    touchpoints.touch_id,
    row_number() over path_order as touch_index,
    count(*) over (partition by conversions.conversion_id, windows.lookback_days, windows.policy) as path_length,
    {{ elapsed_seconds("touchpoints.touched_at", "conversions.converted_at") }} as seconds_to_conversion
from conversions
inner join
    touchpoints on touchpoints.person_id = conversions.person_id and touchpoints.touched_at <= conversions.converted_at
inner join
    windows
    on touchpoints.touched_at > conversions.converted_at - windows.lookback_days * interval '1 day'
    and (
        windows.policy = 'reuse'
        or conversions.previous_converted_at is null
        or touchpoints.touched_at > conversions.previous_converted_at
    )
window
    path_order as (
        partition by conversions.conversion_id, windows.lookback_days, windows.policy
        order by touchpoints.touched_at, touchpoints.channel_id, touchpoints.touch_id
    )
