-- One row per conversion, window (lookback and policy of a model) and touch in it, in path order.
with
    conversions as (select * from {{ ref("int_conversions_netted") }}),

    touchpoints as (select * from {{ ref("touchpoints") }}),

    windows as (select distinct lookback_days, policy from {{ ref("attribution_models") }}),

    -- Exact instants, half-open: a touch exactly one lookback before the conversion is too old.
    opened as (
        select
            conversions.conversion_id,
            conversions.person_id,
            conversions.converted_at,
            windows.lookback_days,
            windows.policy,
            greatest(
                conversions.converted_at - windows.lookback_days * interval '1 day',
                case when windows.policy <> 'reuse' then conversions.previous_converted_at end
            ) as opens_after
        from conversions
        cross join windows
    )

select
    opened.conversion_id,
    opened.lookback_days,
    opened.policy,
    touchpoints.touch_id,
    row_number() over path_order as touch_index,
    count(*) over (partition by opened.conversion_id, opened.lookback_days, opened.policy) as path_length,
    {{ elapsed_seconds("touchpoints.touched_at", "opened.converted_at") }} as seconds_to_conversion
from opened
inner join
    touchpoints
    on touchpoints.person_id = opened.person_id
    and touchpoints.touched_at <= opened.converted_at
    and touchpoints.touched_at > opened.opens_after
window
    path_order as (
        partition by opened.conversion_id, opened.lookback_days, opened.policy
        order by touchpoints.touched_at, touchpoints.channel_id, touchpoints.touch_id
    )
