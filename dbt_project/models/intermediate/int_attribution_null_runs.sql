-- One row per timeline (a person, or pooled a firm) and run of touches that did not end in a
-- conversion, complete: the lookback after its last touch has passed.
with
    touchpoints as (select * from {{ ref("touchpoints") }}),

    conversions as (select * from {{ ref("int_conversions_netted") }} where not is_reversed),

    codes as (select * from {{ ref("int_attribution_channel_codes") }}),

    current_run as (select * from {{ source("ops", "current_run") }}),

    windows as (
        select distinct window_id, scope, lookback_days * {{ one_day_microseconds() }} as lookback
        from {{ ref("int_attribution_models") }}
        where is_channel_grain
    ),

    -- Touches and conversions on one line per window; instants in microseconds, which are subtracted a hundred times
    -- as fast.
    happened as (
        select
            windows.window_id,
            windows.lookback,
            case
                when windows.scope = 'person'
                then touchpoints.person_id
                else coalesce(touchpoints.company_id, touchpoints.person_id)
            end as timeline_id,
            epoch_us(touchpoints.touched_at) as happened_at,
            codes.channel_code,
            touchpoints.touch_id,
            null::bigint as converted_at
        from touchpoints
        inner join codes using (channel_id)
        cross join windows
        union all
        select
            windows.window_id,
            windows.lookback,
            case
                when windows.scope = 'person'
                then conversions.person_id
                else coalesce(conversions.company_id, conversions.person_id)
            end as timeline_id,
            epoch_us(conversions.converted_at) as happened_at,
            null as channel_code,
            null as touch_id,
            epoch_us(conversions.converted_at)
        from conversions
        cross join windows
    ),

    -- The conversion at or after each touch ends its run, however far away it is.
    followed as (
        select
            *,
            min(converted_at) over (
                partition by window_id, timeline_id
                order by happened_at
                range between current row and unbounded following
            ) as next_converted_at
        from happened
        where timeline_id is not null
    ),

    touches as (select * from followed where touch_id is not null),

    begun as (
        select
            *,
            case
                when
                    happened_at - lookback > lag(happened_at) over (
                        partition by window_id, timeline_id, next_converted_at
                        order by happened_at, channel_code, touch_id
                    )
                then 1
                else 0
            end as is_begin
        from touches
    ),

    numbered as (
        select
            *,
            row_number() over path_order as touch_number,
            sum(is_begin) over (path_order rows unbounded preceding) as run_number
        from begun
        window
            path_order as (
                partition by window_id, timeline_id, next_converted_at order by happened_at, channel_code, touch_id
            )
    ),

    runs as (
        select
            window_id,
            timeline_id,
            lookback,
            next_converted_at,
            run_number,
            max(happened_at) as last_touched_at,
            {{ codes_in_order("touch_number", "channel_code") }} as path
        from numbered
        group by window_id, timeline_id, lookback, next_converted_at, run_number
    )

select runs.window_id, runs.timeline_id, make_timestamptz(runs.last_touched_at) as last_touched_at, runs.path
from runs
cross join current_run
where
    runs.last_touched_at <= epoch_us(current_run.as_of) - runs.lookback
    and (runs.next_converted_at is null or runs.last_touched_at <= runs.next_converted_at - runs.lookback)
