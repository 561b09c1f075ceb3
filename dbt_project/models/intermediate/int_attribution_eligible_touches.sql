-- One row per touch of a person with a conversion whose credit is computed anew, numbered in path order.
with
    touchpoints as (select * from {{ ref("touchpoints") }}),

    windows as (
        select person_id, max(converted_at) as until_at from {{ ref("int_attribution_windows") }} group by person_id
    )

select
    touchpoints.touch_id,
    touchpoints.person_id,
    touchpoints.channel_id,
    touchpoints.campaign,
    touchpoints.touch_type,
    touchpoints.is_relationship,
    touchpoints.is_direct,
    touchpoints.touched_at,
    row_number() over (order by touchpoints.touched_at, touchpoints.channel_id, touchpoints.touch_id) as touch_number
from touchpoints
inner join windows on windows.person_id = touchpoints.person_id and windows.until_at >= touchpoints.touched_at
