{%- set places_apart = 2**40 -%}
-- One row per path with a touch, after the transform of its window: its touches in path order, what a rule needs to
-- know of them, and its share of the conversion. Lists, since windows over all touches of all paths are far slower.
with
    windows as (select * from {{ ref("int_attribution_windows") }}),

    touches as (select * from {{ ref("int_attribution_eligible_touches") }}),

    eligible as (
        select
            windows.path_id,
            windows.transform,
            windows.transform_channel,
            windows.transform_count,
            touches.touch_number,
            touches.channel_id,
            touches.is_direct,
            touches.touched_at <= windows.lead_created_at as is_before_lead,
            touches.touched_at <= windows.deal_created_at as is_before_deal
        from windows
        inner join
            touches
            on touches.person_id = windows.person_id
            and touches.touched_at <= windows.converted_at
            and touches.touched_at > windows.opens_after
    ),

    -- Only the paths of windows with a transform are looked at touch by touch.
    examined as (
        select
            *,
            lag(channel_id) over (partition by path_id order by touch_number) as channel_before,
            row_number() over (partition by path_id, channel_id order by touch_number) as channel_touch_number,
            row_number() over (partition by path_id order by touch_number desc) as number_from_end,
            max(case when channel_id is distinct from transform_channel then touch_number end) over (
                partition by path_id
            ) as last_other_number
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
                then channel_id <> transform_channel or last_other_number is null
                when 'remove_if_last_and_not_all'
                then touch_number <= coalesce(last_other_number, touch_number)
                when 'last_n'
                then number_from_end <= transform_count
                else channel_touch_number = 1
            end
    ),

    -- A place orders the touches of a path: by their numbers, unless the transform goes by channels first.
    placed as (
        select path_id, touch_number as place, is_direct, is_before_lead, is_before_deal
        from eligible
        where transform = 'none'
        union all
        select
            path_id,
            touch_number + case
                when transform = 'unique'
                then {{ places_apart }} * dense_rank() over (partition by path_id order by channel_id)
                else 0
            end as place,
            is_direct,
            is_before_lead,
            is_before_deal
        from kept
    ),

    shaped as (
        select
            path_id,
            list_sort(list(place)) as places,
            max(place) filter (not is_direct) as non_direct_place,
            max(place) filter (is_before_lead) as lead_place,
            max(place) filter (is_before_deal) as deal_place
        from placed
        group by path_id
    ),

    indexed as (
        select
            shaped.path_id,
            list_transform(shaped.places, lambda place:place % {{ places_apart }}) as touch_numbers,
            len(shaped.places) as path_length,
            list_position(shaped.places, shaped.non_direct_place) as non_direct_index,
            list_position(shaped.places, shaped.lead_place) as lead_index,
            list_position(shaped.places, shaped.deal_place) as deal_index,
            windows.conversion_id,
            windows.window_id,
            windows.role_weight
        from shaped
        inner join
            (
                select path_id, conversion_id, window_id, max(role_weight) as role_weight
                from windows
                group by path_id, conversion_id, window_id
            ) as windows using (path_id)
    )

-- People without a touch have no part: the roles of the others fill the whole.
select
    *,
    role_weight / {{ exact_sum("role_weight", "partition by conversion_id, window_id") }} as path_share,
    dense_rank() over (order by window_id, path_length, non_direct_index, lead_index, deal_index) as shape_id
from indexed
