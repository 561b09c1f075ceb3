-- One row per path and touch on it, in path order, after the transform of the window.
with
    windows as (select * from {{ ref("int_attribution_windows") }}),

    touchpoints as (select * from {{ ref("touchpoints") }}),

    eligible as (
        select
            windows.path_id,
            windows.transform,
            windows.transform_channel,
            windows.transform_count,
            touchpoints.touch_id,
            touchpoints.channel_id,
            touchpoints.is_direct,
            touchpoints.touched_at,
            touchpoints.touched_at <= windows.lead_created_at as is_before_lead,
            touchpoints.touched_at <= windows.deal_created_at as is_before_deal,
            row_number() over (
                partition by windows.path_id
                order by touchpoints.touched_at, touchpoints.channel_id, touchpoints.touch_id
            ) as touch_index
        from windows
        inner join
            touchpoints
            on touchpoints.person_id = windows.person_id
            and touchpoints.touched_at <= windows.converted_at
            and touchpoints.touched_at > windows.opens_after
    ),

    -- Only the paths of windows with a transform are looked at again.
    examined as (
        select
            *,
            lag(channel_id) over (partition by path_id order by touch_index) as channel_before,
            row_number() over (partition by path_id, channel_id order by touch_index) as channel_touch_number,
            max(touch_index) over (partition by path_id) as path_length,
            max(case when channel_id is distinct from transform_channel then touch_index end) over (
                partition by path_id
            ) as last_other_index
        from eligible
        where transform <> 'none'
    ),

    kept as (
        select *
        from examined
        where
            case
                transform
                when 'exposure'
                then channel_id is distinct from channel_before
                when 'remove_if_not_all'
                then channel_id <> transform_channel or last_other_index is null
                when 'remove_if_last_and_not_all'
                then touch_index <= coalesce(last_other_index, path_length)
                when 'last_n'
                then touch_index > path_length - transform_count
                else channel_touch_number = 1
            end
    ),

    transformed as (
        select
            * exclude (touch_index),
            row_number() over (
                partition by path_id order by case when transform = 'unique' then channel_id end, touch_index
            ) as touch_index
        from kept
    )

select path_id, touch_id, channel_id, is_direct, touched_at, is_before_lead, is_before_deal, touch_index
from eligible
where transform = 'none'
union all by name
select path_id, touch_id, channel_id, is_direct, touched_at, is_before_lead, is_before_deal, touch_index
from transformed
